# SPDX-License-Identifier: GPL-2.0-or-later
"""Stories of clients whose certificates are not good.

They are made with the authority's own key, which nobody outside of the keyholder has, and a device has them in its record:
each is refused for its one fault and for nothing else."""

import hashlib
import os
import sqlite3
import subprocess

import lab
import records
import rooms
from client import Client

USER = os.environ['LAB_USER']
DATABASE = f'{os.environ["LAB_STATE"]}/keyholder/keyholder.db'
GOOD = ('signing_key', 'tls_www_client')
REFUSED = {'foreign': 'Your certificate is not one of this server', 'time': 'Your certificate is not valid at this time',
           'unknown': 'Your certificate belongs to no device'}
# name: (who signs, template, what is said)
CERTIFICATES = {
    'expired': ('authority', (*GOOD, 'activation_date = "2020-01-01 00:00:00"', 'expiration_date = "2021-01-01 00:00:00"'), 'time'),
    'not-yet': ('authority', (*GOOD, 'activation_date = "2090-01-01 00:00:00"', 'expiration_date = "2091-01-01 00:00:00"'), 'time'),
    'for-servers': ('authority', ('signing_key', 'tls_www_server'), 'unknown'),
    'for-nothing': ('authority', ('signing_key',), 'unknown'),
    'for-mail': ('authority', ('signing_key', 'email_protection_key', 'code_signing_key'), 'unknown'),
    'same-name': ('impostor', GOOD, 'foreign'),
    'by-itself': (None, GOOD, 'foreign'),
    'under-another': ('good', GOOD, 'foreign'),
    'long': ('authority', (*GOOD, f'add_extension = "1.3.6.1.4.1.55555.1 octet_string(0x{"ab" * 5000})"'), 'foreign'),
    'lookalike': ('authority', GOOD, 'unknown'),
}
UNRECORDED = ('lookalike', 'same-name')  # one with the right name alone, and one of an authority with the right name
REQUEST = ('<?xml version="1.0" encoding="UTF-8"?>\n<config-auth client="vpn" type="init"><version who="vpn">v9.01</version>'
           '<device-id>linux-64</device-id><group-access>https://server</group-access></config-auth>\n')


def path(name, what='pem'):
    return f'/run/hostile-{name}.{what}'


def write(name, text, what='pem'):
    with open(path(name, what), 'w', encoding='utf-8') as file:
        file.write(text)


def make_key(name):
    lab.run('openssl', 'genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', path(name, 'key'))


def make_certificate(name, signer, template, common_name=None):
    lines = [f'cn = "{common_name or USER + " (phone)"}"', f'uid = "{USER}"', 'serial = 77', *template]
    if not any('expiration_date' in line for line in template):
        lines.append('expiration_days = 30')
    write(name, '\n'.join(lines) + '\n', 'template')
    make_key(name)
    how = ['--generate-certificate', '--load-ca-certificate', path(signer), '--load-ca-privkey', path(signer, 'key')] if signer \
        else ['--generate-self-signed']
    lab.run('certtool', *how, '--load-privkey', path(name, 'key'), '--template', path(name, 'template'), '--outfile', path(name))


def fingerprint(name):
    return hashlib.sha256(lab.run('openssl', 'x509', '-in', path(name), '-outform', 'DER', text=False)).digest()


def make_all(database):
    """All of them in the record of the one device that is there."""
    (der,), = database.execute("SELECT private_key FROM keys WHERE name = 'authority'")
    lab.run('openssl', 'pkey', '-inform', 'DER', '-out', path('authority', 'key'), input=der, text=False)
    name = lab.run('openssl', 'x509', '-in', path('authority'), '-noout', '-subject', '-nameopt', 'multiline').split('= ')[-1].strip()
    make_certificate('impostor', None, ('ca', 'cert_signing_key'), name)
    make_certificate('good', 'authority', GOOD)
    for certificate, (signer, template, _) in CERTIFICATES.items():
        make_certificate(certificate, signer, template)
    (device,), = database.execute('SELECT id FROM devices')
    recorded = ['good', *(certificate for certificate in CERTIFICATES if certificate not in UNRECORDED)]
    database.executemany('INSERT INTO certificates VALUES (?, ?, 1)', [(fingerprint(one), device) for one in recorded])
    database.commit()


def prepare():
    """The keyholder's database is its own while it runs."""
    records.take_cookie()  # from here on its network is known, and may make many connections
    lab.control('device', 'add', USER, 'phone', '--out', '/run/phone.p12')
    lab.control('config', 'set', 'sign-in=certificate')
    lab.control('config', 'set', 'ban-tries=off')
    authority = lab.control('certificate', 'authority')
    rooms.kill(rooms.main())
    lab.wait_until('the end of its rooms', lambda: not rooms.processes(), 10)
    database = sqlite3.connect(DATABASE)
    write('authority', authority)
    make_all(database)
    database.close()
    server = subprocess.Popen([os.environ['LAB_START_SERVER']])
    lab.wait_until('the server', lambda: lab.server_log().count('starting → on') == 2, 30)
    return server


def request_head():
    return ('POST / HTTP/1.1\r\nHost: server\r\nUser-Agent: Open AnyConnect VPN Agent v9.01\r\nX-Transcend-Version: 1\r\n'
            f'X-Aggregate-Auth: 1\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(REQUEST)}\r\n\r\n{REQUEST}')


def ask(*command):
    """What the server answers to a client that keeps its connection, until the end of the document or of the connection."""
    said = b''
    with subprocess.Popen(['ip', 'netns', 'exec', lab.CLIENT, 'timeout', '20', *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL) as process:
        process.stdin.write(request_head().encode())
        process.stdin.flush()
        while b'</config-auth>' not in said:
            more = process.stdout.read1()
            if not more:
                break
            said += more
        process.kill()
    return said.decode(errors='replace')


def asked_by_openssl(name):
    """Under each version."""
    for version in ('-tls1_3', '-tls1_2'):
        yield ask('openssl', 's_client', '-quiet', '-ign_eof', version, '-connect', f'{lab.SERVER_ADDRESS}:{lab.PORT}', '-cert', path(name),
                  '-cert_chain', path(name), '-key', path(name, 'key'))


def asked_by_gnutls(name):
    return ask('gnutls-cli', '--insecure', '--logfile=/dev/null', '--port', str(lab.PORT), '--x509certfile', path(name),
               '--x509keyfile', path(name, 'key'), lab.SERVER_ADDRESS)


def let_in(answer):
    return 'session-token' in answer or 'webvpn=' in answer and 'webvpn=;' not in answer


def openconnect(name):
    return Client('--certificate', path(name), '--sslkey', path(name, 'key'))


def item_19_certificates_that_are_almost_good_are_refused_for_their_one_fault():
    server = prepare()
    # The record and the key are the right ones: what has no fault is let in, also by these ways of asking.
    for answer in asked_by_openssl('good'):
        lab.holds(let_in(answer), f'the good one with OpenSSL: {answer}')
    answer = asked_by_gnutls('good')
    lab.holds(let_in(answer), f'the good one with GnuTLS: {answer}')
    for name, (_, _, why) in CERTIFICATES.items():
        client = openconnect(name)
        lab.holds(client.wait_exit(30) != 0, f'{name}: it got in')
        lab.holds(REFUSED[why] in client.log(), f'{name}: {client.log()[-3000:]}')
        os.unlink(client.log_path)
        for answer in asked_by_openssl(name):
            lab.holds(REFUSED[why] in answer and not let_in(answer), f'{name} with OpenSSL: {answer}')
        # GnuTLS's own client does not show what the server did not ask for
        answer = asked_by_gnutls(name)
        lab.holds('HTTP/1.1 ' in answer and not let_in(answer), f'{name} with GnuTLS: {answer}')
    lab.equal(lab.sessions(), [], 'sessions')
    server.terminate()
    server.wait(20)


def item_19_certificates_that_are_far_too_long_end_their_own_connection():
    server = prepare()
    make_certificate('enormous', 'authority', (*GOOD, f'add_extension = "1.3.6.1.4.1.55555.1 octet_string(0x{"ab" * 40000})"'))
    with open(path('chain'), 'w', encoding='ascii') as file:  # a chain of many: the first counts, but it is too much
        for name in ('good', *('long' for _ in range(8))):
            with open(path(name), encoding='ascii') as one:
                file.write(one.read())
    lab.run('cp', path('good', 'key'), path('chain', 'key'))
    lab.holds(openconnect('enormous').wait_exit(30) != 0, 'it got in')
    for name in ('enormous', 'chain'):
        for answer in asked_by_openssl(name):
            lab.equal(answer, '', f'{name} with OpenSSL')
    lab.equal(lab.sessions(), [], 'sessions')
    lab.equal(openconnect('good').wait_connected().disconnect(), 0, 'status of who comes afterwards')
    server.terminate()
    server.wait(20)
