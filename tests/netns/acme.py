# SPDX-License-Identifier: GPL-2.0-or-later
"""Stories of a certificate from an authority: pebble, the test server of a large one, looks for the server from outside of it."""

import hashlib
import json
import socket
import ssl

import authority
import lab
import name_server

NAME, OTHER = 'vpn.test', 'door.vpn.test'


def _state():
    return lab.control_json('authority', 'show')


def _wait_for(state):
    return lab.wait_until(f'the state {state}', lambda: _state()['state'] == state and _state(), 90)


def _shown():
    """The fingerprint of what somebody sees who calls the server by its name, and trusts the authority."""
    context = ssl.create_default_context(cafile=authority.TRUSTED)
    with lab.inside(lab.CLIENT):
        connection = socket.create_connection((lab.SERVER_ADDRESS, lab.PORT), timeout=15)
    with context.wrap_socket(connection, server_hostname=OTHER) as encrypted:
        return hashlib.sha256(encrypted.getpeercert(binary_form=True)).hexdigest()


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


def a_name_server_proves_names_of_a_server_that_nobody_reaches():
    names = [f'vpn.{name_server.ZONE}', f'door.{name_server.ZONE}']
    records = [f'_acme-challenge.{name}' for name in names]
    # No name there leads anywhere.
    with name_server.serving(), authority.standing(name_server=f'{name_server.PLACE}:{name_server.PORT}') as stands:
        lab.control('dynamic-dns', 'key', '--secret-file', '-', input=name_server.OTHER_SECRET + '\n')
        _order(stands, 'acme-agree=yes', f'acme-names={names[1]}', 'acme-proof=dns-01',
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
