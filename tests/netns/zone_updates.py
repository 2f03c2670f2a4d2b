# SPDX-License-Identifier: GPL-2.0-or-later
"""Stories of a name that follows the address of the server in a zone of one's own, at a real name server."""

import json

import lab
import name_server

FIRST, SECOND = '81.2.69.160', '81.2.69.161'
NAME = f'vpn.{name_server.ZONE}'


def _address(verb, address):
    lab.run('ip', '-n', lab.SERVER, 'addr', verb, f'{address}/32', 'dev', 'wan')


def _set_secret(text):
    lab.control('dynamic-dns', 'key', '--secret-file', '-', input=text + '\n')


def _use(name=NAME, zone=name_server.ZONE, key=name_server.KEY):
    lab.control('config', 'set', 'dynamic-dns-mode=rfc2136', f'dynamic-dns-host={name}',
                f'dns-update-server={name_server.PLACE}:{name_server.PORT}', f'dns-update-zone={zone}', f'dns-update-key={key}')


def _state():
    return lab.control_json('dynamic-dns', 'show')


def _wait_for(state, reason=''):
    return lab.wait_until(f'the state {state} {reason}', lambda: (_state()['state'], _state()['reason']) == (state, reason) and _state(), 30)


def _health():
    return [entry['id'] for entry in json.loads(lab.control('check', '--json', check=False))['health']]


def a_name_server_is_told_when_the_address_changes():
    _address('add', FIRST)
    with name_server.serving({NAME: '192.0.2.1', f'other.{name_server.ZONE}': '192.0.2.2'}):
        _set_secret(name_server.SECRET)
        _use()
        lab.equal(_wait_for('current')['ipv4'], FIRST, 'told')
        lab.equal(name_server.ask(NAME, 'A'), [FIRST], 'addresses of the name')
        _address('add', SECOND)
        _address('del', FIRST)
        lab.wait_until('another address', lambda: _state()['ipv4'] == SECOND, 40)
        lab.equal(name_server.ask(NAME, 'A'), [SECOND], 'addresses of the name')
        lab.equal(name_server.ask(f'other.{name_server.ZONE}', 'A'), ['192.0.2.2'], 'addresses of another name')
        lab.holds(name_server.SECRET not in lab.server_log(), 'the secret is in the log')
        lab.holds('dynamic-dns-failed' not in _health(), 'health')


def what_a_name_server_refuses_is_told_with_what_mends_it():
    _address('add', FIRST)
    with name_server.serving():
        _use()
        _wait_for('failed', 'no-key')
        lab.holds('base64' in lab.run('sh', '-c', 'echo no-base64 | sallyportctl dynamic-dns key --secret-file - 2>&1', check=False),
                  'any text is taken for a secret')
        _set_secret(name_server.OTHER_SECRET)
        _wait_for('failed', 'key-wrong')
        lab.equal(_health(), ['dynamic-dns-failed'], 'health')
        lab.holds('dynamic-dns key' in lab.control('check', check=False), 'no advice')
        _use(key='nobodys.key')
        _wait_for('failed', 'key-unknown')
        _set_secret(name_server.SECRET)
        _use(f'vpn.{name_server.SHUT_ZONE}', name_server.SHUT_ZONE)
        _wait_for('failed', 'refused')
        _use('vpn.elsewhere.test', 'elsewhere.test')
        _wait_for('failed', 'no-zone')
        lab.equal(name_server.ask(NAME, 'A'), [], 'addresses of the name')
        _use()
        _wait_for('current')
        lab.equal(name_server.ask(NAME, 'A'), [FIRST], 'addresses of the name')
        lab.equal(_health(), [], 'health')
