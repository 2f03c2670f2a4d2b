# SPDX-License-Identifier: GPL-2.0-or-later
"""Ways of connecting that people choose from."""

from theatre import NAME, ROOT, SERVER, expect, wait_for
from whole import Client, add, sessions, start

EMPTY = '@a{sv} {}'


def call(stage, user, path, interface, method, *dictionaries):
    return stage.call(user, path, f'{NAME}.{interface}', method, '(' + ', '.join(dictionaries) + (',)' if len(dictionaries) == 1 else ')'))


def add_group(stage, user, values, options=EMPTY):
    return call(stage, user, SERVER, 'Server', 'AddGroup', values, options)


def groups(stage):
    return stage.control('root', 'group', 'list', '--json').must().json['groups']


def story_groups(stage):
    """Groups are objects of those who manage users, and impossible or ambiguous ones are refused by name."""
    made = stage.control('root', 'group', 'add', 'home', 'label=Home network', 'routes=home', '--json').must().json
    stage.control('dave', 'group', 'add', 'all', 'routes=all', 'reach=internet').must()
    first, second = groups(stage)
    expect((first['id'], first['name'], first['label'], first['routes'], first['reach']) == (made['id'], 'home', 'Home network', ['home'], ''), first)
    expect((second['name'], second['label'], second['routes'], second['reach'], second['banner']) == ('all', '', ['all'], 'internet', ''), second)
    path = f'{ROOT}/groups/{made["id"]}'
    for values, error in (
            ("{'Label': <'x'>}", 'InvalidArgs'), ("{'Name': <1>}", 'InvalidArgs'), ("{'Name': <''>}", 'InvalidArgs'),
            ("{'Name': <'a b'>}", 'InvalidArgs'), ("{'Name': <'../x'>}", 'InvalidArgs'), ("{'Name': <'default'>}", 'InvalidArgs'),
            ("{'Name': <'AUTH'>}", 'InvalidArgs'), ("{'Name': <'%s'>}" % ('x' * 33), 'InvalidArgs'), ("{'Name': <'x'>, 'Rate': <1>}", 'InvalidArgs'),
            ("{'Name': <'home'>}", 'Exists'), ("{'Name': <'HOME'>}", 'Exists'), ("{'Name': <'x'>, 'Label': <'home NETWORK'>}", 'Exists'),
            ("{'Name': <'x'>, 'Label': <'ALL'>}", 'Exists'), ("{'Name': <'x'>, 'Label': <' x'>}", 'InvalidArgs'),
            ("{'Name': <'x'>, 'Label': <'%s'>}" % ('x' * 64), 'InvalidArgs'), ("{'Name': <'x'>, 'Reach': <'hosts'>}", 'InvalidArgs'),
            ("{'Name': <'x'>, 'Routes': <['moon']>}", 'InvalidArgs'), ("{'Name': <'x'>, 'Dns': <['1.1.1.1', '1.1.1.2', '1.1.1.3', '1.1.1.4']>}", 'InvalidArgs'),
            ("{'Name': <'x'>, 'Banner': <'a\nb'>}", 'InvalidArgs')):
        expect(add_group(stage, 'root', values).must(1).out.startswith(error + '\n'), values)
    for changes, error in (("{'Name': <'other'>}", 'InvalidArgs'), ("{'Label': <'All'>}", 'Exists'), ("{'Reach': <'moon'>}", 'InvalidArgs')):
        expect(call(stage, 'root', path, 'Group', 'Update', changes, EMPTY).must(1).out.startswith(error + '\n'), changes)
    for user, error in (('bob', 'NotAuthorized'), ('carol', 'NotAuthorizedCanObtain')):
        expect(add_group(stage, user, "{'Name': <'x'>}").must(1).out.startswith(error + '\n'), user)
        expect(call(stage, user, path, 'Group', 'Update', EMPTY, EMPTY).must(1).out.startswith(error + '\n'), user)
        expect(call(stage, user, path, 'Group', 'Remove', EMPTY).must(1).out.startswith(error + '\n'), user)
        expect(stage.get(user, path, 'Group', 'Name').must(1).out.startswith(error + '\n'), user)
    stage.control('root', 'group', 'set', 'home', 'label=', 'split-dns=lan,home.example', 'routes=').must()
    shown = stage.control('root', 'group', 'show', 'home', '--json').must().json
    expect((shown['label'], shown['split-dns'], shown['routes']) == ('', ['lan', 'home.example'], []), shown)
    stage.control('root', 'group', 'set', 'home', 'moon=1').must(4)
    stage.control('root', 'group', 'remove', 'nowhere').must(3)
    stage.control('root', 'group', 'remove', 'home').must()
    expect([group['name'] for group in groups(stage)] == ['all'])
    for number in range(31):
        stage.control('root', 'group', 'add', f'g{number}').must()
    expect(add_group(stage, 'root', "{'Name': <'onemore'>}").must(1).out.startswith('Busy\n'))


def story_members(stage):
    """Who may choose a group is stored with the user, survives kills, and ends with the group."""
    pin = start(stage)['certificate-pin']
    password = add(stage, 'anna')
    stage.control('root', 'user', 'set', 'anna', 'groups=home').must(4)
    for name in ('home', 'all'):
        stage.control('root', 'group', 'add', name).must()
    for wrong in ('home,home', 'moon', 'a b', 'home,'):
        refused = stage.control('root', 'user', 'set', 'anna', f'groups={wrong}')
        expect(refused.status == 4 and 'Groups' in refused.err, wrong, refused)
    stage.control('root', 'user', 'set', 'anna', 'groups=home,all').must()
    stage.run('root', 'pkill', '-KILL', '-x', 'sallyportd').must()
    wait_for('being on', lambda: stage.control('eve', 'status', '--json').json.get('state') == 'on')
    expect([group['name'] for group in groups(stage)] == ['home', 'all'])
    client = Client(stage, pin, 'anna', password, '--authgroup', 'home').connected()
    expect([session['group'] for session in sessions(stage)] == ['home'], sessions(stage))
    stage.control('root', 'group', 'remove', 'home').must()
    expect('You may not connect in this group any more' in client.ended())
    shown = stage.control('root', 'user', 'show', 'anna', '--json').must().json
    expect(shown['groups'] == ['all'], shown)
    expect(call(stage, 'bob', SERVER, 'Server', 'RestoreGroup', "'home'", EMPTY).must(1).out.startswith('NotAuthorized\n'))
    stage.control('root', 'group', 'restore', 'nowhere').must(3)
    stage.control('root', 'group', 'restore', 'home').must()
    expect(sorted(group['name'] for group in groups(stage)) == ['all', 'home'], groups(stage))
    wait_for('anna in it again', lambda: 'home' in stage.control('root', 'user', 'show', 'anna', '--json').must().json['groups'])
    stage.control('root', 'group', 'restore', 'home').must(3)
    Client(stage, pin, 'anna', password, '--authgroup', 'home').connected()
    stage.control('root', 'group', 'remove', 'home').must()
    wait_for('anna without it', lambda: stage.control('root', 'user', 'show', 'anna', '--json').must().json['groups'] == ['all'])
