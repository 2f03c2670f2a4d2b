# SPDX-License-Identifier: GPL-2.0-or-later
"""Stories of a name that follows the address of the server: a provider of dynamic DNS, and who tells addresses."""

import base64
import contextlib
import json
import os

import lab
import provider as providers

FIRST, SECOND, SEEN = '81.2.69.160', '81.2.69.161', '81.2.69.142'
SECRET = 'open sesame'


@contextlib.contextmanager
def _provider(says):
    if not os.path.exists(providers.CERTIFICATE):
        providers.make_certificate()
        with open(providers.CERTIFICATE, 'rb') as file, open(providers.TRUSTED, 'ab') as trusted:
            trusted.write(file.read())
    with providers.serving(says) as provider:
        yield provider


def _address(verb, address):
    lab.run('ip', '-n', lab.SERVER, 'addr', verb, f'{address}/32', 'dev', 'wan')


def _set_password(text):
    lab.control('dynamic-dns', 'password', '--password-file', '-', input=text + '\n')


def _use_dyndns2(provider):
    lab.control('config', 'set', 'dynamic-dns-mode=dyndns2', f'dynamic-dns-url={provider.url}', 'dynamic-dns-host=home.test',
                'dynamic-dns-user=anna')


def _state():
    return lab.control_json('dynamic-dns', 'show')


def _health():
    answer = json.loads(lab.control('check', '--json', check=False))
    return [entry['id'] for entry in answer['health']]


def _wait_for(state):
    return lab.wait_until(f'the state {state}', lambda: _state()['state'] == state and _state(), 30)


def the_provider_is_told_when_the_address_changes():
    _address('add', FIRST)
    with _provider(f'good {FIRST}\n') as provider:
        _set_password(SECRET)
        _use_dyndns2(provider)
        lab.equal(_wait_for('current')['ipv4'], FIRST, 'told')
        credential = 'Basic ' + base64.b64encode(f'anna:{SECRET}'.encode()).decode()
        lab.equal(provider.asked, [(f'/nic/update?hostname=home.test&myip={FIRST}', credential)], 'asked')
        lab.holds(FIRST in lab.control('status'), 'the status does not say so')
        _address('add', SECOND)  # another one beside it changes nothing
        _address('del', FIRST)
        lab.wait_until('another address', lambda: _state()['ipv4'] == SECOND, 40)
        lab.equal(provider.addresses(), [FIRST, SECOND], 'told')
        provider.says = f'nochg {SECOND}\n'
        lab.control('dynamic-dns', 'update')
        lab.wait_until('the third time', lambda: len(provider.asked) == 3, 30)
        lab.equal(_wait_for('current')['word'], 'nochg', 'word')
        lab.control('stop')
        lab.equal(_state()['state'], 'off', 'state of a server that is off')
        lab.control('start')
        # What is known is not told again; and the setting is heard of after that.
        lab.equal(_wait_for('current')['ipv4'], SECOND, 'known')
        lab.equal(len(provider.asked), 3, 'times asked')
        lab.holds(SECRET not in lab.server_log(), 'the password is in the log')
    lab.holds('dynamic-dns-failed' not in _health(), 'health')


def what_only_the_owner_mends_is_told_and_not_tried_again():
    _address('add', FIRST)
    with _provider('badauth\n') as provider:
        _set_password('wrong')
        _use_dyndns2(provider)
        lab.wait_until('the word of the provider', lambda: _state()['reason'] == 'credential', 30)
        lab.equal(_health(), ['dynamic-dns-failed'], 'health')
        lab.holds('dynamic-dns password' in lab.control('check', check=False), 'no advice')
        _address('add', SECOND)
        _address('del', FIRST)
        lab.control('restart')
        lab.equal(_wait_for('failed')['word'], 'badauth', 'word')
        lab.equal(len(provider.asked), 1, 'times asked')
        provider.says = f'good {SECOND}\n'
        _set_password(SECRET)
        lab.wait_until('the right password', lambda: _state()['ipv4'] == SECOND, 40)
        lab.equal(_wait_for('current')['word'], 'good', 'word')
        lab.equal(_health(), [], 'health')


def behind_a_router_others_say_which_address_it_is():
    with _provider('ok') as provider, _provider(f'{SEEN}\n') as witness:
        _set_password('t/k=n')
        lab.control('config', 'set', 'dynamic-dns-mode=url', f'dynamic-dns-url={provider.url}/?t={{password}}&a={{ip}}')
        lab.equal(_wait_for('failed')['reason'], 'no-address', 'reason')
        lab.equal(_health(), ['dynamic-dns-failed'], 'health')
        lab.control('config', 'set', f'address-check-url={witness.url}/')
        lab.equal(_wait_for('current')['ipv4'], SEEN, 'told')
        lab.equal(provider.asked, [(f'/?t=t%2Fk%3Dn&a={SEEN}', None)], 'asked')
        lab.equal(witness.asked, [('/', None)], 'asked for the address')
        witness.says = '192.168.1.1\n' * 100
        lab.control('dynamic-dns', 'update')
        lab.wait_until('the witness', lambda: len(witness.asked) == 2, 30)
        lab.wait_until('its end', lambda: 'the public address is not known: not-understood' in lab.server_log(), 30)
        lab.equal(provider.addresses(), [SEEN], 'told')
