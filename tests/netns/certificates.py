# SPDX-License-Identifier: GPL-2.0-or-later
"""Stories of the server's certificate, which changes while people are connected."""

import hashlib
import os
import ssl

import lab
from client import Client, take_cookie
from transfers import BIG, checksum

SOME_BYTES = 2_000_000
SLOWLY = ('--limit-rate', '12M')  # so that the file is still on its way when the certificate changes


def shown():
    """The fingerprint of the certificate that a new connection sees."""
    with lab.inside(lab.CLIENT):
        pem = ssl.get_server_certificate((lab.SERVER_ADDRESS, lab.PORT), timeout=15)
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest()


def certificate(element='own'):
    return next(entry for entry in lab.control_json('certificate', 'list')['certificates'] if entry['id'] == element)


def _size(path):
    return os.stat(path).st_size if os.path.exists(path) else 0


def goes_on_while(change, *options):
    """A download that runs across the change arrives whole, on the connection that it began on."""
    client = Client(*options).wait_connected()
    if '--no-dtls' not in options:
        client.wait_dtls()
    expected = client.fetch(f'{BIG}.sha256').strip()
    session = lab.sessions()[0]['id']
    transfer = client.fetch_in_background(BIG, '/run/download', *SLOWLY)
    lab.wait_until('the transfer', lambda: _size('/run/download') > SOME_BYTES)
    change()
    lab.holds(transfer.poll() is None, 'the transfer was over before the certificate changed')
    then = _size('/run/download')
    lab.wait_until('more data', lambda: _size('/run/download') > then + SOME_BYTES)
    lab.equal(transfer.wait(120), 0, 'status of the transfer')
    lab.equal(checksum('/run/download'), expected, 'checksum')
    lab.equal(client.count('Got CONNECT response'), 1, 'connections')
    lab.equal([entry['id'] for entry in lab.sessions()], [session], 'sessions')
    return client


def _renew_and_look():
    before = certificate()
    lab.equal(shown(), before['fingerprint'], 'certificate of a new connection')
    lab.control('certificate', 'renew', 'other.example.net', lab.SERVER_ADDRESS)
    after = certificate()
    lab.equal(after['names'], ['other.example.net', lab.SERVER_ADDRESS], 'names')
    lab.equal(after['key-pin'], before['key-pin'], 'pin')
    lab.holds(after['fingerprint'] != before['fingerprint'], 'the certificate is the old one')
    lab.equal(shown(), after['fingerprint'], 'certificate of a new connection')


def a_download_goes_on_over_dtls_while_the_certificate_is_renewed():
    goes_on_while(_renew_and_look)
    lab.holds(take_cookie(), 'the pin is no longer good')


def a_download_goes_on_over_tls_while_the_certificate_is_renewed():
    goes_on_while(_renew_and_look, '--no-dtls')


def _bring(name, *kind):
    """A certificate that somebody brings, with its key; returns its id."""
    lab.run('openssl', 'req', '-x509', '-newkey', *kind, '-nodes', '-keyout', f'/run/{name}.key', '-out', f'/run/{name}.pem', '-days', '90',
            '-subj', f'/CN={name}', '-addext', f'subjectAltName=IP:{lab.SERVER_ADDRESS}')
    return lab.control_json('certificate', 'import', f'/run/{name}.pem', f'/run/{name}.key')['id']


def _in_use():
    return next(entry for entry in lab.control_json('certificate', 'list')['certificates']
                if entry['kind'] == 'server' and entry['active'])


def _swap_keys():
    """Other kinds of keys, one after the other: each is recognised by its own pin and by no other."""
    own = certificate()
    for name, kind in (('rsa', ('rsa:2048',)), ('p384', ('ec', '-pkeyopt', 'ec_paramgen_curve:P-384'))):
        brought = certificate(_bring(name, *kind))
        lab.equal(shown(), _in_use()['fingerprint'], 'certificate of a new connection')
        lab.control('certificate', 'activate', brought['id'])
        lab.equal(shown(), brought['fingerprint'], 'certificate of a new connection')
        for versions in ('NORMAL', 'NORMAL:-VERS-ALL:+VERS-TLS1.2'):
            lab.holds(take_cookie('--gnutls-priority', versions, pin=brought['key-pin']), f'{name} opens no way with {versions}')
    lab.holds(not take_cookie(pin=own['key-pin'], check=False), 'the old pin is good for another key')
    lab.control('certificate', 'activate', 'own')
    lab.equal(shown(), own['fingerprint'], 'certificate of a new connection')
    lab.holds(take_cookie(pin=own['key-pin']), 'the own certificate is not back')


def a_download_goes_on_over_dtls_while_keys_of_other_kinds_are_swapped_in():
    goes_on_while(_swap_keys)


def who_arrives_right_after_a_renewal_sees_the_new_certificate_and_gets_in():
    """Over and over, with the pin that clients were told at first."""
    seen = {shown()}
    for number in range(4):
        lab.control('certificate', 'renew', f'n{number}.example.net')
        seen.add(shown())
        lab.equal(shown(), certificate()['fingerprint'], 'certificate of a new connection')
        lab.holds(take_cookie(), 'nobody gets in any more')
    lab.equal(len(seen), 5, 'certificates seen')
