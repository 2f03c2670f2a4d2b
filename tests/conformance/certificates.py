# SPDX-License-Identifier: GPL-2.0-or-later
"""Stories of signing in with a certificate, of a device that the control tool made."""

import json
import os
import subprocess

import lab
import records
from client import Client, openssl_program, read_password

USER = os.environ['LAB_USER']


def control(*words, check=True):
    return lab.run('sallyportctl', *words, check=check)


def set_method(method, login=USER):
    control('user', 'set', login, f'sign-in={method}')


def make_device(login=USER, *options, name='laptop', suffix='p12'):
    """(options of openconnect, id of the device)"""
    path = f'/run/{login}-{name}.{suffix}'
    made = json.loads(control('device', 'add', login, name, '--out', path, '--json', *options))
    secret = ['--key-password', made['passphrase']] if 'passphrase' in made else []
    return ['--certificate', path, *secret], made['id']


def device(identity):
    return next(found for found in json.loads(control('device', 'list', '--json'))['devices'] if found['id'] == identity)


def is_asked(version):
    done = subprocess.run(['ip', 'netns', 'exec', lab.CLIENT, 'openssl', 's_client', '-connect',
                           (os.environ['LAB_URL'].removeprefix('https://').rstrip('/') + ':443').replace(':443:443', ':443'), version, '-msg'],
                          input=b'', capture_output=True, timeout=30, check=False)
    said = done.stdout.decode(errors='replace')
    lab.holds('ServerHello' in said, f'no handshake: {said[-500:]} {done.stderr[-500:]}')
    return 'CertificateRequest' in said


def item_02_a_certificate_is_asked_for_only_where_it_is_of_use():
    records.take_cookie()  # from here on its network is known, and may make many connections
    set_method('')
    lab.equal(is_asked('-tls1_3'), False, 'asked for a certificate while nobody has one')
    set_method('certificate-and-password')
    lab.equal(is_asked('-tls1_3'), True, 'asked for a certificate where one is needed')
    set_method('')
    make_device()
    for version, method in (('-tls1_2', 'certificate'), ('-tls1_3', 'password-or-certificate')):
        lab.equal(is_asked(version), True, f'asked for a certificate with {version}')
        control('config', 'set', 'sign-in=password')
        lab.equal(is_asked(version), False, f'asked for a certificate with {version}, which nobody wants')
        set_method(method)
        lab.equal(is_asked(version), True, f'asked for a certificate with {version} and {method}')
        control('config', 'reset', 'sign-in')
        set_method('')


def item_02_whoever_has_none_gets_the_form():
    set_method('password-or-certificate')
    client = Client().wait_connected()
    lab.equal(client.disconnect(), 0, 'status of openconnect')


def item_19_a_certificate_alone_opens_the_tunnel():
    set_method('certificate')
    for number, options in enumerate(([], ['--format', 'pkcs12-aes'], ['--format', 'pem'])):
        how, identity = make_device(USER, *options, name=f'laptop{number}', suffix='pem' if 'pem' in options else 'p12')
        for version in ('', 'NORMAL:-VERS-TLS1.3'):
            client = Client(*how, *(['--gnutls-priority', version] if version else []), password='').wait_connected()
            session = json.loads(control('session', 'list', '--json'))['sessions'][0]
            lab.holds(session['device'].endswith(identity) and session['login'] == USER, session)
            lab.holds('webvpn' in client.log() or client.count('Password:') == 0, client.log())
            lab.equal(client.disconnect(), 0, 'status of openconnect')
        lab.holds(device(identity)['last-seen-at'], device(identity))
    control('config', 'set', 'second-step=required')  # of passwords alone
    client = Client(*how, password='').wait_connected()
    lab.equal(client.disconnect(), 0, 'status of openconnect')
    control('config', 'reset', 'second-step')
    row = json.loads(control('history', '--limit', '1', '--json'))['history'][0]
    lab.equal((row['device-name'], row['device']), ('laptop2', identity), 'device in the history')


def item_19_a_certificate_of_the_api_works_with_the_openssl_build():
    program = openssl_program()
    set_method('certificate')
    for name, options in (('old', []), ('new', ['--format', 'pkcs12-aes']), ('text', ['--format', 'pem'])):
        how, _ = make_device(USER, *options, name=name)
        client = Client(*how, program=program, password='').wait_connected()
        lab.equal(client.disconnect(), 0, 'status of openconnect')


def item_19_without_a_certificate_the_client_is_told_and_ends():
    set_method('certificate')
    control('config', 'set', 'sign-in=certificate')
    client = Client()
    lab.holds(client.wait_exit(30) != 0, 'it got in')
    lab.holds('A certificate is needed to sign in here.' in client.log(), client.log())
    control('config', 'reset', 'sign-in')
    client = Client()
    lab.holds(client.wait_exit(30) != 0, 'it got in by the password')
    lab.holds('Name or password is wrong' not in client.log(), client.log())


def forge(name):
    """A certificate that is not ours: of its own, or of a made-up authority."""
    path = f'/run/{name}.pem'
    lab.run('openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', f'/CN={USER}/UID={USER}',
            '-addext', 'extendedKeyUsage=clientAuth', '-keyout', path + '.key', '-out', path)
    return ['--certificate', path, '--sslkey', path + '.key']


def refused(how, words):
    client = Client(*how)
    lab.holds(client.wait_exit(30) != 0, f'it got in: {words}')
    lab.holds(words in client.log(), f'{words}: {client.log()[-3000:]}')


def item_19_certificates_that_are_not_good_are_refused_with_the_reason():
    records.take_cookie()  # as above
    control('config', 'set', 'sign-in=certificate')
    refused(forge('self-signed'), 'Your certificate is not one of this server')
    how, identity = make_device(name='phone')
    control('device', 'revoke', identity)
    refused(how, 'Your certificate was revoked')
    control('user', 'add', 'gone', '--generate-password')
    how, _ = make_device('gone', name='gone')
    control('user', 'change', 'gone', '--disable')
    refused(how, 'Your access is turned off')
    control('user', 'remove', 'gone')
    control('user', 'purge', 'gone')
    refused(how, 'Your certificate belongs to no device')
    how, identity = make_device(name='tablet')
    path = how[1] + '.new'
    made = json.loads(control('device', 'renew', identity, '--out', path, '--json'))
    client = Client(*how, password='').wait_connected()
    lab.equal(client.disconnect(), 0, 'status with the old certificate')
    client = Client('--certificate', path, '--key-password', made['passphrase'], password='').wait_connected()
    lab.equal(client.disconnect(), 0, 'status with the new certificate')
    refused(how, 'Your certificate belongs to no device')


def item_20_certificate_and_password_must_be_of_one_person():
    set_method('certificate-and-password')
    how, identity = make_device(name='phone')
    control('user', 'add', 'other', '--generate-password')
    set_method('certificate-and-password', 'other')
    others, _ = make_device('other', name='others')
    client = Client(*how).wait_connected()
    session = json.loads(control('session', 'list', '--json'))['sessions'][0]
    lab.holds(session['device'].endswith(identity), session)
    lab.equal(client.disconnect(), 0, 'status of openconnect')
    for options, password, words in ((others, read_password(), 'You sign in with a certificate'), ([], read_password(), 'You sign in with a certificate'),
                                     (how, 'wrong', 'Name or password is wrong')):
        client = Client(*options, password=password)
        lab.holds(client.wait_exit(30) != 0, f'it got in: {words}')
        lab.holds(words in client.log(), f'{words}: {client.log()[-3000:]}')


def item_19_a_revoked_certificate_ends_its_session_in_the_middle_of_a_download():
    set_method('certificate')
    how, identity = make_device(name='phone')
    other, _ = make_device(name='laptop')
    client = Client(*how, password='').wait_connected()
    download = client.fetch_in_background('200M.bin', '/run/big', '--limit-rate', '1M')
    lab.wait_until('the download', lambda: os.path.exists('/run/big') and os.path.getsize('/run/big') > 0)
    control('device', 'revoke', identity)
    lab.holds(client.wait_exit(10) != 0, 'the client goes on')
    download.kill()
    download.wait()
    lab.holds('This device may no longer use the VPN' in client.log(), client.log()[-3000:])
    row = json.loads(control('history', '--limit', '1', '--json'))['history'][0]
    lab.equal(row['reason'], 'revoked', 'reason in the history')
    lab.equal(Client(*other, password='').wait_connected().disconnect(), 0, 'status of the other device')


def item_19_keys_are_renewed_under_a_certificates_session():
    set_method('certificate')
    how, _ = make_device(name='phone')
    client = Client(*how, '--no-dtls', '--gnutls-priority', 'NORMAL:-VERS-ALL:+VERS-TLS1.2:+VERS-DTLS1.2', password='').wait_connected()
    client.wait_for_line('Renegotiated SSL', 60, times=2)
    lab.equal(client.count('Got CONNECT response: HTTP/1.1 200'), 1, 'connections')
    lab.holds(client.fetch('200M.bin.sha256'), 'nothing came through the tunnel')
    lab.equal(client.disconnect(), 0, 'status of openconnect')
