# SPDX-License-Identifier: GPL-2.0-or-later
"""Links at which people set up their devices."""

import os

from theatre import FOLDER, NAME, ROOT, expect, read, wait_for
from users import add

EMPTY = '@a{sv} {}'


def invitations(stage):
    return stage.control('root', 'invitation', 'list', '--json').must().json['invitations']


def story_invitation(stage):
    """A link is given out once, its steps are told, and it is taken back."""
    user = add(stage, 'anna')
    answer = stage.control('root', 'user', 'invite', 'anna', '--device-name', 'phone', '--json').must().json
    expect(answer['link'] == 'https://vpn.example.org/e/secret', answer)
    one, = invitations(stage)
    expect((one['id'], one['login'], one['device-name'], one['state'], one['steps'], one['device']) ==
           (answer['id'], 'anna', 'phone', 'open', [], '/'), one)
    expect(one['expires-at-usec'] - one['created-at-usec'] == 86400 * 1000000, one)
    expect('secret' not in str(one) and 'secret' not in stage.control('root', 'invitation', 'list').must().out, one)
    for step, state in (('opened', 'opened'), ('downloaded', 'opened'), ('connected', 'used')):
        stage.backdoor('visit')
        one = wait_for(step, lambda s=step: [one for one in invitations(stage) if s in str(one['steps'])])[0]
        expect(one['state'] == state and one['remote-address'] == '192.0.0.0', one)
    device, = stage.control('root', 'device', 'list', '--json').must().json['devices']
    expect(one['device'] == f'{ROOT}/devices/{device["id"]}' and device['name'] == 'phone', one)
    stage.control('root', 'invitation', 'revoke', answer['id'][:6]).must(3)
    file = f'{FOLDER}/link'
    stage.control('root', 'user', 'invite', 'anna', '--valid', '60', '--out', file).must()
    expect(read(file) == 'https://vpn.example.org/e/secret\n' and os.stat(file).st_mode & 0o777 == 0o600, os.stat(file))
    stage.control('root', 'user', 'invite', 'anna', '--out', file).must(1)
    expect([one['state'] for one in invitations(stage)] == ['used', 'open', 'revoked'], invitations(stage))
    stage.control('root', 'user', 'invite', 'anna', '--qr', '--json').must(4)
    stage.control('root', 'invitation', 'revoke', 'nothing').must(3)
    second = invitations(stage)[1]['id']
    stage.control('root', 'invitation', 'revoke', second).must()
    expect(invitations(stage)[1]['state'] == 'revoked')
    stage.call('root', user, f'{NAME}.User', 'Remove', f'({EMPTY},)').must()
    stage.call('root', user, f'{NAME}.User', 'Purge', f'({EMPTY},)').must()
    expect(invitations(stage) == [])


def story_invitation_refusals(stage):
    """Impossible invitations are refused by name, and strangers may neither invite nor look."""
    user = add(stage, 'anna')
    for options, named in (("{'device-name': <''>}", 'device-name'), ("{'device-name': <'a\\nb'>}", 'device-name'), ("{'device-name': <5>}", 'device-name'),
                           ("{'device-name': <'%s'>}" % ('x' * 65), 'device-name'), ("{'valid-s': <uint32 59>}", 'valid-s'),
                           ("{'valid-s': <uint32 2592001>}", 'valid-s'), ("{'valid-s': <'1'>}", 'valid-s'), ("{'nonsense': <1>}", 'nonsense')):
        refused = stage.call('root', user, f'{NAME}.User', 'Invite', f'({options},)').must(1)
        expect(refused.out.startswith('InvalidArgs\n') and named in refused.out, options, refused)
    expect(stage.call('bob', user, f'{NAME}.User', 'Invite', f'({EMPTY},)').must(1).out.startswith('NotAuthorized\n'))
    stage.control('root', 'user', 'invite', 'anna').must()
    path = f'{ROOT}/invitations/{invitations(stage)[0]["id"]}'
    refused = stage.call('bob', path, f'{NAME}.Invitation', 'Revoke', f'({EMPTY},)').must(1)
    expect(refused.out.startswith('NotAuthorized\n'), refused)
    expect(stage.get('bob', path, 'Invitation', 'State').out.startswith('NotAuthorized\n'))
