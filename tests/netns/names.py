# SPDX-License-Identifier: GPL-2.0-or-later
"""Stories of what a stranger has to call the server."""

import os
import re
import ssl

import lab
import rooms
from client import Client
from portal import tcp_connection

NAME = 'vpn.test'


def _greets(name=None, trusted=False):
    """Whether somebody who calls the server so gets as far as a handshake.  None: by its address."""
    context = ssl.create_default_context(cafile=os.environ['LAB_CA']) if trusted else ssl._create_unverified_context()
    try:
        with tcp_connection() as connection, context.wrap_socket(connection, server_hostname=name):
            return True
    except (ConnectionResetError, BrokenPipeError, ssl.SSLEOFError):
        return False


def _label_device(name):
    lab.control('device', 'add-password', os.environ['LAB_USER'], name)
    device, = [one for one in lab.control_json('device', 'list')['devices'] if one['name'] == name]
    return device['id'], device['label']


def _find(name):
    """What a DNS entry that begins with *. would do."""
    with open('/etc/hosts', 'a', encoding='ascii') as file:
        file.write(f'{lab.SERVER_ADDRESS} {name}\n')
    return name


def who_does_not_know_the_name_gets_no_answer_but_who_signed_in_does():
    """LAB_SETTINGS: named."""
    lab.equal([_greets(), _greets('other.test'), _greets(NAME)], [False, False, True], 'who is answered')
    stranger = Client()
    lab.holds(stranger.wait_exit() != 0, 'a client that connects by address was let in')
    client = Client(url=f'https://{NAME}').wait_connected().wait_dtls()
    lab.holds(_greets(), 'who signed in lately is not answered')
    client.disconnect()
    Client().wait_connected().disconnect()
    lab.control('config', 'set', 'name-gate=off')
    lab.holds(_greets('other.test'), 'the gate is still closed')


def a_device_gets_in_by_its_secret_name_until_it_is_revoked():
    """LAB_SETTINGS: named."""
    device, label = _label_device('phone')
    lab.control('config', 'set', 'name-gate=label')
    secret = _find(f'{label}.{NAME}')
    lab.equal(lab.control('device', 'address', device).strip(), f'https://{secret}' + ('' if lab.PORT == 443 else f':{lab.PORT}'), 'address')
    lab.equal([_greets(), _greets(NAME), _greets(f'{"a" * 16}.{NAME}')], [False] * 3, 'strangers')
    lab.wait_until('a certificate for secret names', lambda: _trusts(secret))
    client = Client(url=f'https://{secret}').wait_connected().wait_dtls()
    lab.holds(_greets(), 'who signed in lately needs a name')
    token = lab.control_json('device', 'revoke', device)['revoked'][0]['undo-token']
    lab.holds(not _greets(secret), 'a revoked name is answered where somebody signed in')
    lab.control('undo', token)
    lab.holds(_greets(secret), 'the name was not given back')
    renewed = lab.control_json('device', 'address', device, '--renew')['label']
    lab.equal([_greets(secret), _greets(f'{renewed}.{NAME}')], [False, True], 'after another name was made')
    lab.equal(client.process.poll(), None, 'how the client ended')


def _trusts(name):
    try:
        return _greets(name, trusted=True)
    except ssl.SSLCertVerificationError:
        return False


def an_invitation_brings_a_secret_name_which_outlives_the_death_of_rooms():
    """LAB_SETTINGS: named."""
    lab.control('config', 'set', 'name-gate=label')
    link = lab.control_json('user', 'invite', os.environ['LAB_USER'])['link']
    host = re.match('https://([^:/]+)', link).group(1)
    lab.holds(re.fullmatch(f'[a-z2-7]{{16}}.{re.escape(NAME)}', host), link)
    lab.holds(_greets(host) and not _greets(f'b{"a" * 15}.{NAME}'), 'who has the link is not answered')
    for room in ('door', 'keyholder'):
        rooms.kill_room(room)
        lab.wait_until('an answer', lambda: _greets(host), 15)
        lab.holds(not _greets(f'c{"a" * 15}.{NAME}'), f'{room} forgot to ask')
    invitation, = lab.control_json('invitation', 'list')['invitations']
    lab.equal(invitation['label'], host.split('.')[0], 'label')
    lab.control('invitation', 'revoke', invitation['id'])
    lab.holds(not _greets(host), 'a link that was revoked is answered')
