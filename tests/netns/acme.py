# SPDX-License-Identifier: GPL-2.0-or-later
"""Stories of a certificate from an authority: pebble, the test server of a large one, looks for the server from outside of it."""

import base64
import contextlib
import datetime
import hashlib
import json
import os
import socket
import ssl
import subprocess
import time

import authority
import lab
import name_server
import rooms
from go_between import Answer, GoBetween

NAME, OTHER = 'vpn.test', 'door.vpn.test'
WEB_PORT, SHUT_PORT = 80, 9  # nobody listens at the last one


def _state():
    return lab.control_json('authority', 'show')


def _wait_for(state):
    return lab.wait_until(f'the state {state}', lambda: _state()['state'] == state and _state(), 90)


def _seen():
    """The certificate that somebody sees who calls the server by its name, and trusts the authority."""
    context = ssl.create_default_context(cafile=authority.TRUSTED)
    with lab.inside(lab.CLIENT):
        connection = socket.create_connection((lab.SERVER_ADDRESS, lab.PORT), timeout=15)
    with context.wrap_socket(connection, server_hostname=OTHER) as encrypted:
        return encrypted.getpeercert(binary_form=True)


def _shown():
    return hashlib.sha256(_seen()).hexdigest()


def _certificates():
    return {entry['id']: entry for entry in lab.control_json('certificate', 'list')['certificates']}


def _order(stands, *more, name=NAME):
    lab.control('config', 'set', f'name={name}', f'acme-directory={stands.directory}', f'acme-authorities={authority.HOUSE}', *more)


def an_authority_certifies_the_server_again_and_again():
    with authority.standing() as stands:
        _order(stands, 'acme-agree=yes', 'acme-contact=admin@vpn.test', f'acme-names={OTHER}', 'name-gate=name')
        first = _wait_for('current')['certificate']
        entry = _certificates()[first]
        lab.equal(sorted(entry['names']), sorted((NAME, OTHER)), 'names')
        lab.holds(entry['active'], 'it is not in use')
        lab.equal(_shown(), entry['fingerprint'], 'certificate of a new connection')
        lab.control('authority', 'order')
        second = lab.wait_until('another', lambda: _state()['certificate'] not in ('', first) and _state()['certificate'], 90)
        lab.wait_until('the end of the first', lambda: first not in _certificates(), 30)
        lab.equal(_shown(), _certificates()[second]['fingerprint'], 'certificate of a new connection')
        lab.control('restart')
        lab.equal(_wait_for('current')['certificate'], second, 'certificate after a restart')
        lab.equal([entry['id'] for entry in _certificates().values() if entry['kind'] == 'request'], [], 'requests that stay')


def what_an_authority_refuses_is_told_with_what_mends_it():
    with authority.standing() as stands:
        _order(stands)
        lab.equal(_wait_for('failed')['reason'], 'terms', 'reason')
        answer = json.loads(lab.control('check', '--json', check=False))
        lab.equal([entry['id'] for entry in answer['health']], ['acme-failed'], 'health')
        lab.holds('agree of [acme]' in lab.control('check', check=False), 'no advice')
        lab.control('config', 'set', 'acme-agree=yes', 'acme-authorities=')
        lab.wait_until('distrust', lambda: _state()['reason'] == 'not-trusted', 60)
        lab.control('config', 'set', f'acme-authorities={authority.HOUSE}')
        _wait_for('current')


@contextlib.contextmanager
def _standing_apart():
    """An authority that asks the name server, which leads nobody here."""
    with name_server.serving(), authority.standing(name_server=f'{name_server.PLACE}:{name_server.PORT}') as stands:
        yield stands


def a_name_server_proves_names_of_a_server_that_nobody_reaches():
    names = [f'vpn.{name_server.ZONE}', f'door.{name_server.ZONE}']
    records = [f'_acme-challenge.{name}' for name in names]
    with _standing_apart() as stands:
        lab.control('dynamic-dns', 'key', '--secret-file', '-', input=name_server.OTHER_SECRET + '\n')
        _order(stands, 'acme-agree=yes', f'acme-names={names[1]}', 'acme-proof=dns-01', 'acme-dns-wait=0',
               f'dns-update-server={name_server.PLACE}:{name_server.PORT}', f'dns-update-zone={name_server.ZONE}',
               f'dns-update-key={name_server.KEY}', name=names[0])
        lab.wait_until('the wrong secret', lambda: _state()['reason'] == 'not-shown', 60)
        lab.holds('key-wrong' in lab.server_log(), 'the log does not say why')
        lab.control('dynamic-dns', 'key', '--secret-file', '-', input=name_server.SECRET + '\n')
        lab.control('authority', 'order')
        state = _wait_for('current')
        lab.equal(sorted(_certificates()[state['certificate']]['names']), sorted(names), 'names')
        lab.wait_until('the end of what was shown', lambda: not any(name_server.ask(record, 'TXT') for record in records), 30)
        lab.equal([name_server.count_changes(record) for record in records], [2, 2], 'times that a record came and went')


HOOK, MARKS = '/etc/dns-hook', '/run/marks'
WAIT = 3
# Puts a record and takes it out where only it knows how, as whoever it is run by; leaves something running.
UPDATE = f'''#!/bin/sh
set -e
case $1 in
present) change="add $2 60 TXT $3" ;;
cleanup) change="delete $2 TXT $3" ;;
esac
printf '%s\\n' 'server {name_server.PLACE} {name_server.PORT}' 'zone {name_server.ZONE}.' "update $change" send |
    nsupdate -y hmac-sha256:{name_server.KEY}:{name_server.SECRET}
setsid sleep 1000 &
echo "$1 $2 $3 $(date +%s.%N) $(id -u)" >>{MARKS}/calls
'''


def _write_hook(text, mode=0o755):
    os.makedirs(MARKS, exist_ok=True)
    os.chmod(MARKS, 0o1777)
    with open(HOOK, 'w', encoding='ascii') as file:
        file.write(text)
    os.chmod(HOOK, mode)


def _calls():
    """(what to do, whose record, its text, when, by which account)"""
    try:
        with open(f'{MARKS}/calls', encoding='ascii') as file:
            return [line.split() for line in file]
    except FileNotFoundError:
        return []


def _has_processes(account):
    return lab.succeeds('pgrep', '--uid', account)


def _order_by_hook(stands, *more):
    _order(stands, 'acme-agree=yes', 'acme-proof=hook', f'acme-hook={HOOK}', *more, name=f'vpn.{name_server.ZONE}')


def a_program_of_the_owner_proves_names_at_any_provider():
    names = [f'vpn.{name_server.ZONE}', f'door.{name_server.ZONE}']
    records = [f'_acme-challenge.{name}' for name in names]
    with _standing_apart() as stands:
        _write_hook(UPDATE, 0o775)
        _order_by_hook(stands, f'acme-names={names[1]}', f'acme-dns-wait={WAIT}')
        _wait_for_reason('hook-unfit')
        lab.holds('others than root may change it' in lab.server_log(), 'the log does not say why')
        _write_hook('#!/bin/sh\necho the provider is closed >&2\nexit 1\n')
        lab.control('authority', 'order')
        _wait_for_reason('hook-failed')
        lab.holds('it said: the provider is closed' in lab.server_log(), 'the log does not have what the program said')
        lab.holds('hook of [acme]' in lab.control('authority', 'show'), 'no advice')
        _write_hook(UPDATE)
        lab.control('authority', 'order')
        state = _wait_for('current')
        lab.equal(sorted(_certificates()[state['certificate']]['names']), sorted(names), 'names')
        calls = lab.wait_until('the end of what was shown', lambda: len(_calls()) == 4 and _calls(), 30)
        lab.equal([name_server.ask(record, 'TXT') for record in records], [[], []], 'what is in the DNS')
        lab.equal([name_server.count_changes(record) for record in records], [2, 2], 'times that a record came and went')
        for record in records:
            (put, _, text, when, account), (taken, _, other, _, _) = [call for call in calls if call[1] == f'{record}.']
            lab.equal((put, taken, text), ('present', 'cleanup', other), 'calls')
            waited = name_server.first_asked(record, 'TXT') - float(when)
            lab.holds(waited >= WAIT, f'the authority looked after {waited} s')
            lab.holds(int(account) != 0, 'the program is root')
            lab.wait_until('the end of what the program left', lambda account=account: not _has_processes(account), 15)


def what_a_killed_daemon_left_in_the_dns_is_taken_out():
    record = f'_acme-challenge.vpn.{name_server.ZONE}'
    with _standing_apart() as stands:
        _write_hook(UPDATE)
        _order_by_hook(stands, 'acme-dns-wait=120')
        lab.wait_until('a record', lambda: name_server.ask(record, 'TXT'), 90)
        first = lab.wait_until('the end of the program', lambda: rooms.room('hook') is None and _calls(), 15)[0][2]
        rooms.kill(rooms.main())
        lab.wait_until('the end of its rooms', lambda: not rooms.processes(), 10)
        lab.equal(name_server.ask(record, 'TXT'), [f'"{first}"'], 'what a death leaves')
        server = subprocess.Popen([os.environ['LAB_START_SERVER']])
        lab.wait_until('the end of what was left', lambda: ['cleanup', f'{record}.', first] in [call[:3] for call in _calls()], 60)
        lab.holds(f'"{first}"' not in name_server.ask(record, 'TXT'), 'it is still there')
        server.terminate()
        server.wait(30)


def _is_open(port):
    with lab.inside(lab.CLIENT):
        try:
            socket.create_connection((lab.SERVER_ADDRESS, port), timeout=15).close()
            return True
        except ConnectionRefusedError:
            return False


def _wait_for_reason(reason):
    lab.wait_until(f'the reason {reason}', lambda: _state()['reason'] == reason, 90)


def an_authority_looks_at_port_80_when_it_is_free():
    with authority.standing(tls_port=SHUT_PORT) as one:
        with lab.inside(lab.SERVER):
            other = socket.create_server(('', WEB_PORT))
        _order(one, 'acme-agree=yes', f'acme-names={OTHER}', 'acme-proof=http-01')
        _wait_for_reason('port-in-use')
        other.close()
        # What is liked best is tried first, and another way when that does not lead here.
        lab.control('config', 'set', 'acme-proof=auto')
        _wait_for_reason('wrong-answer')  # so pebble calls a port where nobody listens
        lab.holds(not _is_open(WEB_PORT), 'port 80 is open while nobody needs it')
        lab.control('authority', 'order')
        certificate = _wait_for('current')['certificate']
        entry = _certificates()[certificate]
        lab.equal(sorted(entry['names']), sorted((NAME, OTHER)), 'names')
        lab.wait_until('the end of port 80', lambda: not _is_open(WEB_PORT), 15)


def _go_between(one):
    return GoBetween(one.place, authority.HOUSE, f'{authority.FOLDER}/web.pem', f'{authority.FOLDER}/web.key')


def _read_signed(body):
    """What a signed request says (RFC 7515)."""
    payload = json.loads(body)['payload']
    return json.loads(base64.urlsafe_b64decode(payload + '=' * (-len(payload) % 4)) or 'null')


def _encode(octets):
    return base64.urlsafe_b64encode(bytes.fromhex(octets.replace(':', ''))).decode().rstrip('=')


def _name_for_renewal(certificate):
    """RFC 9773 4.1, from what OpenSSL reads."""
    facts = subprocess.run(['openssl', 'x509', '-inform', 'DER', '-noout', '-serial', '-ext', 'authorityKeyIdentifier'],
                           input=certificate, check=True, stdout=subprocess.PIPE).stdout.decode()
    serial = facts.split('serial=')[1].splitlines()[0]
    # As a DER integer: never negative.
    return _encode(facts.splitlines()[-1].strip().removeprefix('keyid:')) + '.' + _encode(('00' if serial[0] in '89ABCDEF' else '') + serial)


_PAST = Answer(200, {'Content-Type': 'application/json'},
               b'{"suggestedWindow":{"start":"2020-01-01T00:00:00Z","end":"2020-01-02T00:00:00Z"}}')


class _Windows:
    """What an authority says of when to renew, to each certificate that it is asked about."""

    def __init__(self):
        self.asked, self.replaced = [], []
        self.next = None

    def change(self, path, body, fetch):
        if path.startswith('/renewal/'):
            self.asked.append(path.removeprefix('/renewal/'))
            return self.next()
        answer = fetch()
        if path == '/dir':
            directory = json.loads(answer.body)
            directory['renewalInfo'] = directory['newOrder'].rsplit('/', 1)[0] + '/renewal'
            answer.body = json.dumps(directory).encode()
        elif path == '/order-plz' and answer.status == 201:  # not one that has to be sent again
            self.replaced.append(_read_signed(body).get('replaces'))
        return answer

    def say(self, days, hours):
        """A window that begins so many days from now, and is so many hours long."""
        begin = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)
        times = [(begin + datetime.timedelta(hours=after)).strftime('%Y-%m-%dT%H:%M:%SZ') for after in (0, hours)]
        body = json.dumps({'suggestedWindow': dict(zip(('start', 'end'), times))}).encode()
        self.next = lambda: Answer(200, {'Content-Type': 'application/json', 'Retry-After': '21600'}, body)


def _days_to_renewal():
    return (_state()['next-at-usec'] / 1e6 - time.time()) / 86400


def the_authority_says_when_to_renew():
    windows = _Windows()
    with authority.standing() as one, _go_between(one) as between:
        between.change = windows.change
        # Nonsense: a window that ends before it begins.  Two thirds of pebble's five years it is.
        windows.say(10, -24)
        lab.control('config', 'set', f'name={NAME}', f'acme-directory=https://{between.place}/dir',
                    f'acme-authorities={authority.HOUSE}', 'acme-agree=yes', f'acme-names={OTHER}')
        lab.wait_until('a question', lambda: windows.asked, 90)
        _wait_for('current')
        lab.equal(windows.asked, [_name_for_renewal(_seen())], 'which certificate the authority was asked about')
        lab.holds(_days_to_renewal() > 365, f'renewed in {_days_to_renewal()} days')
        windows.say(10, 24)
        lab.control('authority', 'order')
        lab.wait_until('a moment of the window', lambda: _state()['state'] == 'current' and 9.9 < _days_to_renewal() < 11.1, 150)
        # It is to be renewed, says the authority, and has been since yesterday; not so the next.
        windows.next = lambda: windows.say(10, 24) or _PAST
        lab.control('authority', 'order')
        lab.wait_until('a renewal', lambda: len(windows.asked) == 4, 150)
        lab.wait_until('a moment of the window', lambda: _state()['state'] == 'current' and 9.9 < _days_to_renewal() < 11.1, 150)
        lab.equal(windows.replaced, [None, None, windows.asked[1], windows.asked[2]], 'what the orders replace')
        lab.equal(windows.asked[3], _name_for_renewal(_seen()), 'certificate of a new connection')


def _page(status, body, **headers):
    return lambda fetch: Answer(status, headers, body)


def _worn_out(fetch):
    """Each nonce is one that was used already."""
    answer = fetch()
    answer.headers |= {'Replay-Nonce': 'bm9uY2U'}
    return answer


def _elsewhere(fetch):
    """The order is at another host, where nobody is."""
    answer = fetch()
    answer.headers |= {'Location': 'https://127.0.0.1:1/order'}
    return answer


def _nothing(_fetch):
    """Longer than anybody waits."""
    time.sleep(60)


def _lies(other_chain):
    """(beginning of the path, what is answered there, the reason that people are told)"""
    return (('/dir', _page(200, b'{' + b' ' * (1 << 20) + b'}'), 'not-understood'),
            ('/dir', _page(200, b'<html></html>', **{'Content-Type': 'text/html'}), 'not-understood'),
            ('/dir', _page(302, b'', Location='/dir'), 'status'),
            ('/', _worn_out, 'not-understood'),
            ('/order-plz', _elsewhere, 'unreachable'),
            ('/certZ/', _page(200, other_chain), 'failed'),
            ('/dir', _nothing, 'silent'))


def whatever_an_authority_answers_the_certificate_stays():
    with authority.standing() as one, _go_between(one) as between:
        lab.control('config', 'set', f'name={NAME}', f'acme-directory=https://{between.place}/dir',
                    f'acme-authorities={authority.HOUSE}', 'acme-agree=yes', f'acme-names={OTHER}')
        certificate = _wait_for('current')['certificate']
        shown = _shown()
        with open(authority.HOUSE, 'rb') as file:
            lies = _lies(file.read())
        for beginning, lie, reason in lies:
            between.change = lambda path, body, fetch, beginning=beginning, lie=lie: lie(fetch) if path.startswith(beginning) else fetch()
            lab.control('authority', 'order')
            told = lab.wait_until(f'an end: {reason}', lambda: _state()['state'] != 'ordering' and _state(), 90)
            lab.equal(told['reason'], reason, f'reason, after {beginning} was answered by {lie.__name__}')
            lab.holds(told['text'], 'people are not told what to do')
            lab.equal(told['certificate'], certificate, 'certificate')
            lab.equal(_shown(), shown, 'certificate of a new connection')
            lab.wait_until('the end of the courier', lambda: rooms.room('courier') is None, 30)
        # What is set meanwhile counts, not what was being ordered.
        lab.control('authority', 'order')
        between.change = lambda path, body, fetch: fetch()
        lab.control('config', 'set', 'acme-names=none')
        certificate = _wait_for('current')['certificate']
        entry = _certificates()[certificate]
        lab.equal(entry['names'], [NAME], 'names')


CADDY_PLACE = '127.0.0.1:4443'
CADDY_ROOT = f'{authority.FOLDER}/caddy/pki/authorities/local/root.crt'
CADDYFILE = '''{
    admin off
    skip_install_trust
    http_port 8081
    auto_https disable_redirects
    storage file_system %s/caddy
}
https://%s {
    tls internal
    acme_server
}
'''


@contextlib.contextmanager
def _caddy():
    """The authority that is part of a web server, for one's own house."""
    os.makedirs(authority.FOLDER)
    with open(f'{authority.FOLDER}/Caddyfile', 'w', encoding='ascii') as file:
        file.write(CADDYFILE % (authority.FOLDER, CADDY_PLACE))
    with open('/etc/hosts', 'a', encoding='ascii') as file:
        file.write(f'{lab.SERVER_ADDRESS} {NAME}\n')
    with open(f'{authority.FOLDER}/log', 'wb') as log, lab.inside(lab.SERVER):
        process = subprocess.Popen(['caddy', 'run', '--config', f'{authority.FOLDER}/Caddyfile', '--adapter', 'caddyfile'], stdout=log, stderr=log,
                                   env=os.environ | {'HOME': authority.FOLDER, 'XDG_CONFIG_HOME': authority.FOLDER})
    try:
        lab.wait_until('the authority', lambda: lab.succeeds('curl', '-s', '-f', '-m', '10', '-o', '/dev/null', '--cacert', CADDY_ROOT,
                                                             f'https://{CADDY_PLACE}/acme/local/directory', namespace=lab.SERVER), 60)
        yield
    finally:
        process.terminate()
        process.wait()


def another_authority_certifies_the_server_in_each_way():
    with _caddy():
        lab.control('config', 'set', f'name={NAME}', f'acme-directory=https://{CADDY_PLACE}/acme/local/directory',
                    f'acme-authorities={CADDY_ROOT}', 'acme-agree=yes', 'acme-proof=tls-alpn-01')
        first = _wait_for('current')['certificate']
        lab.equal(_certificates()[first]['names'], [NAME], 'names')
        lab.control('config', 'set', 'acme-proof=http-01')
        second = lab.wait_until('another', lambda: _state()['certificate'] not in ('', first) and _state()['certificate'], 90)
        lab.holds(_certificates()[second]['active'], 'it is not in use')
