# SPDX-License-Identifier: GPL-2.0-or-later
"""Who is kept out."""

import time

from theatre import NAME, SERVER, expect, wait_for
from whole import Client, add, sessions, start

EMPTY = '@a{sv} {}'


def block(stage, user, address, options=EMPTY):
    return stage.call(user, SERVER, f'{NAME}.Server', 'BlockAddress', f"('{address}', {options})")


def bans(stage):
    return stage.control('root', 'ban', 'list', '--json').must().json['bans']


def story_bans(stage):
    """The owner's bans are objects, end by themselves or are lifted, and impossible ones are refused."""
    before = int(time.time() * 1e6)
    made = stage.control('root', 'ban', 'add', '192.0.2.7', '--reason', 'Noise', '--json').must().json
    stage.control('dave', 'ban', 'add', '2001:db8::/64', '--until', '+2h').must()
    first, second = bans(stage)
    expect((first['id'], first['address'], first['reason'], first['until-usec'], first['origin']) == (made['id'], '192.0.2.7', 'Noise', 0, 'owner'), first)
    expect(second['address'] == '2001:db8::/64' and before + 7e9 < second['until-usec'] < before + 8e9, second)
    expect(first['created-at-usec'] >= before, first)
    for address in ('', 'x', '192.0.2.7/24', '0.0.0.0/0', '::/0', '../../etc/passwd', '1' * 9999, '192.0.2.7\\u202e'):
        expect(block(stage, 'root', address).must(1).out.startswith('InvalidArgs\n'), address[:40])
    for options in ("{'until': <uint64 5>}", "{'until': <1>}", "{'reason': <'a\\nb'>}", "{'reason': <'%s'>}" % ('x' * 121), "{'why': <''>}"):
        expect(block(stage, 'root', '192.0.2.8', options).must(1).out.startswith('InvalidArgs\n'), options[:40])
    for user, error in (('bob', 'NotAuthorized'), ('carol', 'NotAuthorizedCanObtain')):
        expect(block(stage, user, '192.0.2.8').must(1).out.startswith(error + '\n'), user)
        path = f'/org/sallyport/Sallyport1/bans/{made["id"]}'
        expect(stage.call(user, path, f'{NAME}.Ban', 'Lift', f'({EMPTY},)').must(1).out.startswith(error + '\n'), user)
        expect(stage.get(user, path, 'Ban', 'Address').must(1).out.startswith(error + '\n'), user)
    stage.control('root', 'ban', 'lift', made['id'][:6]).must()
    stage.control('root', 'ban', 'lift', '2001:db8::/64').must()
    stage.control('root', 'ban', 'lift', '192.0.2.7').must(3)
    soon = int(time.time() * 1e6) + 300000
    block(stage, 'root', '192.0.2.9', f"{{'until': <uint64 {soon}>}}").must()
    wait_for('the end of the ban', lambda: bans(stage) == [])


def story_blocked(stage):
    """Who is blocked goes at once and is not let in, also by a service that was killed meanwhile, until the ban is lifted."""
    pin = start(stage)['certificate-pin']
    password = add(stage, 'anna')
    client = Client(stage, pin, 'anna', password).connected()
    for options in ("{'block': <'nonsense'>}", "{'until': <uint64 9999999999999999>}", "{'block': <'address'>, 'undo-window-s': <uint32 61>}",
                    "{'block': <'address'>, 'until': <uint64 5>}"):
        path = f'/org/sallyport/Sallyport1/sessions/{sessions(stage)[0]["id"]}'
        expect(stage.call('root', path, f'{NAME}.Session', 'Disconnect', f'({options},)').must(1).out.startswith('InvalidArgs\n'), options)
    expect(len(sessions(stage)) == 1)
    stage.control('root', 'session', 'disconnect', '--all', '--block', 'address', '--reason', 'Out').must()
    expect('Out' in client.ended())
    expect(bans(stage)[0]['address'] == '127.0.0.1' and sessions(stage) == [], bans(stage))
    expect('Configured as' not in Client(stage, pin, 'anna', password).ended())
    stage.run('root', 'pkill', '-KILL', '-x', 'sallyportd').must()
    wait_for('being on', lambda: stage.control('eve', 'status', '--json').json.get('state') == 'on')
    expect('Configured as' not in Client(stage, pin, 'anna', password).ended())
    stage.control('root', 'ban', 'lift', '127.0.0.1').must()
    Client(stage, pin, 'anna', password).connected()
