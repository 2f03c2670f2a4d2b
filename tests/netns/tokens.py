# SPDX-License-Identifier: GPL-2.0-or-later
"""Stories of a server whose key is in a token: SoftHSM's, which is files."""

import json
import os
import signal

import lab
import records
import rooms
from client import Client
from story import Skipped

USER = os.environ['LAB_USER']
MODULE = '/usr/lib/softhsm/libsofthsm2.so'
TOKENS = '/run/tokens'
PIN = 'Tok3n-Pin-77'
KINDS = {'rsa': ('-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048'), 'p256': ('-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'),
         'p384': ('-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-384')}
VERSIONS = {'(TLS1.3)': 'NORMAL', '(TLS1.2)': 'NORMAL:-VERS-TLS1.3'}


def uri(name):
    return f'pkcs11:token=home;object={name}?module-path={MODULE}'


def make_token():
    if not os.path.exists(MODULE):
        raise Skipped('there is no SoftHSM')
    os.makedirs('/etc/softhsm', exist_ok=True)
    os.chmod('/etc/softhsm', 0o755)
    os.makedirs(TOKENS)
    with open('/etc/softhsm/softhsm2.conf', 'w', encoding='ascii') as file:
        file.write(f'directories.tokendir = {TOKENS}\nobjectstore.backend = file\nlog.level = ERROR\n')
    os.chmod('/etc/softhsm/softhsm2.conf', 0o644)
    lab.run('softhsm2-util', '--init-token', '--free', '--label', 'home', '--pin', PIN, '--so-pin', 'so-pin-1')
    with open('/run/pin', 'w', encoding='ascii') as file:
        file.write(PIN + '\n')


def open_to_the_room():
    """What an administrator does for the account of the room."""
    lab.run('chmod', '-R', 'a+rwX', TOKENS)


def make_key(name, kind, number):
    """A key that is in the token and nowhere else, and a certificate for it in /run/NAME.pem."""
    lab.run('openssl', 'genpkey', *KINDS[kind], '-out', f'/run/{name}.key')
    lab.run('openssl', 'req', '-x509', '-new', '-key', f'/run/{name}.key', '-subj', '/CN=home.example.net', '-days', '30', '-addext',
            f'subjectAltName=DNS:home.example.net,IP:{lab.SERVER_ADDRESS}', '-out', f'/run/{name}.pem')
    lab.run('softhsm2-util', '--import', f'/run/{name}.key', '--token', 'home', '--label', name, '--id', f'{number:02}', '--pin', PIN)
    os.unlink(f'/run/{name}.key')
    open_to_the_room()


def bring(name, *options, verb='import', pin='/run/pin', check=True):
    return lab.control('certificate', verb, f'/run/{name}.pem', '--token', uri(name), '--pin-file', pin, *options, check=check)


def pin_of(name):
    """openconnect's pin of a certificate's key."""
    public = lab.run('openssl', 'x509', '-in', f'/run/{name}.pem', '-noout', '-pubkey')
    der = lab.run('openssl', 'pkey', '-pubin', '-outform', 'DER', input=public.encode(), text=False)
    digest = lab.run('openssl', 'dgst', '-sha256', '-binary', input=der, text=False)
    return 'pin-sha256:' + lab.run('openssl', 'base64', input=digest, text=False).decode().strip()


def client(name, priority='NORMAL', **options):
    return Client('--servercert', pin_of(name), '--gnutls-priority', priority, **options)


def health():
    found = json.loads(lab.control('check', '--json', check=False))['health']
    return {entry['id']: entry['details'] for entry in found}


def token_rooms():
    return [number for number, program in rooms.processes().items() if program == 'sallyport-token']


def wait_for_the_token(times=1):
    """Until it signed, and so often: a certificate that is activated makes a new room try its key again."""
    lab.wait_until('the token', lambda: lab.server_log().count('token, which signs') >= times and 'token-unavailable' not in health(), 20)


def refused(name):
    one = client(name)
    lab.holds(one.wait_exit(40) != 0, 'it got in')
    os.unlink(one.log_path)


def clients_connect_to_a_server_whose_key_is_in_a_token():
    records.take_cookie()  # from here on its network is known, and may make many connections
    make_token()
    for number, kind in enumerate(KINDS, 1):
        make_key(kind, kind, number)
        found = json.loads(bring(kind, '--json', verb='check'))
        lab.holds(found['usable'] and ['key', 'ok'] in [[one['check'], one['severity']] for one in found['findings']], found)
        before = lab.server_log().count('token, which signs')
        identity = json.loads(bring(kind, '--activate', '--json'))['id']
        listed, = [one for one in lab.control_json('certificate', 'list')['certificates'] if one['id'] == identity]
        lab.equal((listed['token'], listed['active']), (uri(kind), True), 'the certificate')
        lab.wait_until('the token', lambda seen=before: lab.server_log().count('token, which signs') > seen + 1, 20)
        for version, priority in VERSIONS.items():
            one = client(kind, priority).wait_connected()
            lab.holds(version in one.log(), f'{version}: {one.log()[-3000:]}')
            lab.holds(one.fetch('200M.bin.sha256'), 'nothing came through the tunnel')
            lab.equal(one.disconnect(), 0, 'status of openconnect')
            os.unlink(one.log_path)
    # Of the rooms those stay that are needed: workers that wait with an older key are few, and go.
    lab.control('certificate', 'activate', 'own')
    one = Client().wait_connected()
    lab.equal(one.disconnect(), 0, 'status with the own certificate')
    lab.wait_until('the end of its rooms', lambda: not token_rooms(), 20)
    lab.holds('token-unavailable' not in health(), health())
    for what in (lab.server_log(), lab.run('ps', '-eww', '-o', 'args'), lab.control('certificate', 'list', '--json')):
        lab.holds(PIN not in what, 'the PIN is told')


def a_token_that_is_away_is_told_and_comes_back():
    records.take_cookie()
    make_token()
    make_key('p256', 'p256', 1)
    bring('p256', '--activate')
    wait_for_the_token()
    connected = client('p256').wait_connected()
    # Silent: the process stands still.  Others go on; who arrives waits for no more than its deadline.
    room, = token_rooms()
    rooms.hold_up(room)
    refused('p256')
    lab.wait_until('the health entry', lambda: 'token-unavailable' in health())
    lab.holds(connected.fetch('200M.bin.sha256'), 'who is connected is not')
    lab.wait_until('another room', lambda: 'token-unavailable' not in health(), 20)
    lab.holds(room not in token_rooms(), 'the silent one lives on')
    other = client('p256', namespace=lab.add_client_namespace('second', 7)).wait_connected()
    lab.equal(other.disconnect(), 0, 'status after that')
    # Killed in the middle.
    os.kill(token_rooms()[0], signal.SIGKILL)
    lab.wait_until('the health entry', lambda: health().get('token-unavailable', {}).get('reason') == 'ended')
    lab.wait_until('another room', lambda: 'token-unavailable' not in health(), 20)
    # Pulled: nobody who needs a signature gets in, whoever is there stays; and put back.
    os.rename(TOKENS, TOKENS + '.pulled')
    os.mkdir(TOKENS)
    os.chmod(TOKENS, 0o777)
    os.kill(token_rooms()[0], signal.SIGKILL)
    lab.wait_until('the health entry', lambda: health().get('token-unavailable', {}).get('reason') in ('absent', 'failed'), 30)
    refused('p256')
    lab.holds(connected.fetch('200M.bin.sha256'), 'who is connected is not')
    os.rmdir(TOKENS)
    os.rename(TOKENS + '.pulled', TOKENS)
    lab.wait_until('the token', lambda: 'token-unavailable' not in health(), 90)
    other = client('p256', namespace='second').wait_connected()
    lab.equal(other.disconnect(), 0, 'status when it is back')
    # The keyholder, too, may go; its next one asks for a room of its own.
    before = lab.server_log().count('token, which signs')
    rooms.kill(rooms.room('keyholder'))
    lab.wait_until('the token', lambda: lab.server_log().count('token, which signs') > before, 20)
    other = client('p256', namespace='second').wait_connected()
    lab.equal(other.disconnect(), 0, 'status with another keyholder')
    lab.equal(connected.disconnect(), 0, 'status of who was there all the time')


def a_wrong_pin_is_tried_once():
    records.take_cookie()
    make_token()
    make_key('p256', 'p256', 1)
    make_key('rsa', 'rsa', 2)
    make_key('another', 'p256', 3)
    with open('/run/wrong', 'w', encoding='ascii') as file:
        file.write('not-the-pin\n')
    done = bring('p256', pin='/run/wrong', verb='check', check=False)
    lab.holds('problem' in done and 'PIN' in done, done)
    lab.equal(bring('p256', pin='/run/wrong', check=False), '', 'what import says')
    # The right PIN, but another's key; a token that is not there; a module of somebody's own.
    lab.run('cp', '/run/p256.pem', '/run/mixed.pem')
    for where, words in ((uri('another'), 'not that of the certificate'), (uri('rsa'), 'of another kind'), (uri('none'), 'the token'), (uri('p256').replace('home', 'other'), 'the token'),
                         (uri('p256').replace(MODULE, '/run/evil.so'), 'module')):
        done = lab.control('certificate', 'check', '/run/mixed.pem', '--token', where, '--pin-file', '/run/pin', check=False)
        lab.holds('problem' in done and words in done, f'{where}: {done}')
    lab.holds(not token_rooms(), 'rooms are left')
    # The PIN is changed under a certificate that is in use: one try, no second one, also after a restart.
    bring('p256', '--activate')
    # SoftHSM writes the token at each sign-in, so nobody may be signing in when its PIN changes.
    wait_for_the_token(times=2)
    new = 'An0ther-Pin-88'
    lab.run('p11tool', '--provider', MODULE, '--initialize-pin', '--set-so-pin', 'so-pin-1', '--set-pin', new, 'pkcs11:token=home')
    open_to_the_room()
    os.kill(token_rooms()[0], signal.SIGKILL)
    lab.wait_until('the health entry', lambda: health().get('token-unavailable', {}).get('reason') == 'wrong-pin', 20)
    before = lab.server_log().count('Error in provided PIN')
    rooms.kill(rooms.room('keyholder'))
    lab.wait_until('another refusal', lambda: lab.server_log().count('Error in provided PIN') > before, 20)
    lab.wait_until('the health entry', lambda: health().get('token-unavailable', {}).get('reason') == 'wrong-pin', 20)
    lab.holds(not token_rooms(), 'it is tried again and again')
    refused('p256')
    with open('/run/pin', 'w', encoding='ascii') as file:
        file.write(new + '\n')
    bring('p256')
    wait_for_the_token()
    lab.equal(client('p256').wait_connected().disconnect(), 0, 'status with the right PIN')
    for secret in (PIN, new, 'not-the-pin'):
        lab.holds(secret not in lab.server_log(), 'a PIN is in the log')
