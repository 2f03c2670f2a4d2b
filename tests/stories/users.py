# SPDX-License-Identifier: GPL-2.0-or-later
"""Who may use the VPN, and their passwords."""

import glob
import hashlib
import os
import re
import time
import xml.etree.ElementTree

from authorisation import type_password
from theatre import FOLDER, HERE, NAME, PASSWORD_LOG, ROOT, SERVER, expect, read, wait_for

EXAMPLES = {  # an argument of each type that stands before the options
    'a{sv}': '@a{sv} {}', 'b': 'true', 's': "''", 'h': 'handle 0', 'u': 'uint32 1', 't': 'uint64 1', 'ah': '[handle 0]', 'as': "['a']",
}


def add(stage, login):
    return stage.call('root', SERVER, f'{NAME}.Server', 'AddUser', f"({{'Login': <'{login}'>}}, @a{{sv}} {{}})").must().out.split("'")[1]


def last_sum():
    return read(PASSWORD_LOG).split()[-1]


def sum_of(text):
    return hashlib.sha256(text.encode()).hexdigest()


def story_unknown_options(stage):
    """Every method refuses an option that it does not know, by its name."""
    paths = {'Server': SERVER, 'Settings': SERVER, 'User': add(stage, 'anna')}
    stage.backdoor('open anna phone')
    paths['Session'] = f'{ROOT}/sessions/' + wait_for(
        'the session', lambda: stage.control('root', 'session', 'list', '--json').json['sessions'])[0]['id']
    paths['Certificate'] = f'{ROOT}/certificates/own'
    stage.backdoor('device anna phone')
    paths['Device'] = f'{ROOT}/devices/' + wait_for(
        'the device', lambda: stage.control('root', 'device', 'list', '--json').json['devices'])[0]['id']
    paths['Ban'] = stage.call('root', SERVER, f'{NAME}.Server', 'BlockAddress', "('192.0.2.1', @a{sv} {})").must().out.split("'")[1]
    paths['Group'] = stage.call('root', SERVER, f'{NAME}.Server', 'AddGroup', "({'Name': <'home'>}, @a{sv} {})").must().out.split("'")[1]
    paths['Invitation'] = f'{ROOT}/invitations/' + stage.control('root', 'user', 'invite', 'anna', '--json').must().json['id']
    stage.backdoor('job')
    paths['Job'] = wait_for('the job', lambda: [f'{ROOT}/jobs/{job["number"]}' for job in stage.control('root', 'job', 'list', '--json').json['jobs']])[0]
    called = 0
    for file in glob.glob(f'{HERE}/../../shared/bus/*.xml'):
        for interface in xml.etree.ElementTree.parse(file).findall('interface'):
            for method in interface.findall('method'):
                types = [arg.get('type') for arg in method.findall('arg') if arg.get('direction') == 'in']
                values = [EXAMPLES[kind] for kind in types[:-1]] + ["{'nonsense': <1>}"]
                refused = stage.call('root', paths[interface.get('name').split('.')[-1]], interface.get('name'),
                                     method.get('name'), '(' + ', '.join(values) + (',)' if len(values) == 1 else ')'), '--fd', 'sealed', 'x').must(1)
                expect(refused.out.startswith('InvalidArgs\n'), method.get('name'), refused)
                expect('nonsense' in refused.out or method.get('name') == 'AddUser', method.get('name'), refused)
                called += 1
    expect(called >= 12, called)


def story_values(stage):
    """Impossible values of a user are refused, and a taken login is told apart."""
    for values in ("{'FullName': <'Anna'>}", "{'Login': <1>}", "{'Login': <''>}", "{'Login': <'a\\nb'>}", "{'login': <'x'>}",
                   "{'Login': <'anna'>, 'Login': <'bert'>}", "{'Login': <'%s'>}" % ('x' * 65)):
        refused = stage.call('root', SERVER, f'{NAME}.Server', 'AddUser', f'({values}, @a{{sv}} {{}})').must(1)
        expect(refused.out.startswith('InvalidArgs\n'), values, refused)
    user = add(stage, 'anna')
    expect(stage.call('root', SERVER, f'{NAME}.Server', 'AddUser', "({'Login': <'anna'>}, @a{sv} {})").must(1).out.startswith('Exists\n'))
    expect(stage.call('root', user, f'{NAME}.User', 'Update', "({'Login': <'bert'>}, @a{sv} {})").must(1).out.startswith('InvalidArgs\n'))
    expect(stage.call('root', SERVER, f'{NAME}.Server', 'FindUser', "('nobody', @a{sv} {})").must(1).out.startswith('NotFound\n'))


def story_descriptors(stage):
    """A password is taken only from a sealed memory file, and arrives as it was."""
    user, password = add(stage, 'anna'), stage.secret('Grüße-an-die-Burg')
    arguments = '(handle 0, @a{sv} {})'
    stage.call('root', user, f'{NAME}.User', 'SetPassword', arguments, '--fd', 'sealed', password).must()
    expect(last_sum() == sum_of(password), 'another password arrived')
    log = read(PASSWORD_LOG)
    for kind, content in (('half-sealed', password), ('unsealed', password), ('pipe', password), ('file', password), ('sealed', ''),
                          ('sealed', 'x' * 513)):
        refused = stage.call('root', user, f'{NAME}.User', 'SetPassword', arguments, '--fd', kind, content).must(1)
        expect(refused.out.startswith('InvalidArgs\n'), kind, refused)
    refused = stage.call('root', user, f'{NAME}.User', 'SetPassword', '(handle 1, @a{sv} {})', '--fd', 'sealed', 'x').must(1)
    expect(read(PASSWORD_LOG) == log, 'a refused password arrived')
    stage.call('root', user, f'{NAME}.User', 'SetPassword', arguments, '--fd', 'sealed', 'x' * 511).must()


def story_life(stage):
    """A user is added, listed, changed and removed with the control tool."""
    password = stage.secret('swordfish-21')
    added = stage.control('root', 'user', 'add', 'anna', '--full-name', 'Anna Ö', '--password-file', '-', '--json', text=password + '\n').must()
    expect(added.json['login'] == 'anna' and 'password' not in added.json, added)
    expect(last_sum() == sum_of(password), 'another password arrived')
    user = stage.control('root', 'user', 'list', '--json').must().json['users'][0]
    expect(user['id'] == added.json['id'] and user['full-name'] == 'Anna Ö' and user['enabled'] is True, user)
    expect(user['created-at'].startswith('20') and user['created-at-usec'] > 0, user)
    for locale in ('C', 'C.UTF-8'):
        environment = {**os.environ, 'LC_ALL': locale}
        expect(stage.control('root', 'user', 'list', '--json', env=environment).must().json['users'] == [user], locale)
    expect('Anna Ö' in stage.control('root', 'user', 'list', env=environment).must().out)
    stage.control('root', 'user', 'add', 'anna', text='x\n').must(1)
    stage.control('root', 'user', 'change', 'anna', '--disable', '--full-name', '').must()
    user = stage.control('root', 'user', 'list', '--json').json['users'][0]
    expect(user['enabled'] is False and user['full-name'] == '', user)
    stage.control('root', 'user', 'remove', 'anna').must()
    stage.control('root', 'user', 'remove', 'anna').must(3)
    expect(stage.control('root', 'user', 'list', '--json').json['users'] == [])


def story_set(stage):
    """Values of a user are set by name, all of them or none, and shown."""
    add(stage, 'anna')
    stage.control('root', 'user', 'set', 'anna', 'full-name=Anna = Ö', 'enabled=no').must()
    shown = stage.control('root', 'user', 'show', 'anna').must().out.splitlines()
    expect('login=anna' in shown and 'full-name=Anna = Ö' in shown and 'enabled=no' in shown, shown)
    shown = stage.control('root', 'user', 'show', 'anna', '--json').must().json
    expect(shown['full-name'] == 'Anna = Ö' and shown['enabled'] is False and len(shown['id']) == 32, shown)
    shown = stage.control('root', 'user', 'show', 'anna', '--terse', '--fields', 'enabled,login').must().out
    expect(shown == 'false:anna\n', shown)
    for wrong in ('enabled=maybe', 'nonsense=1', 'full-name', '=1', 'enabled', 'FullName=x'):
        refused = stage.control('root', 'user', 'set', 'anna', 'full-name=other', wrong).must(4)
        expect(wrong.split('=')[0] in refused.err, refused)
    refused = stage.control('root', 'user', 'set', 'anna', 'enabled=yes', f'full-name={"x" * 1000}').must(4)
    expect('FullName' in refused.err, refused)
    refused = stage.control('root', 'user', 'set', 'anna', 'login=bert').must(4)
    expect('Login' in refused.err, refused)
    shown = stage.control('root', 'user', 'show', 'anna', '--json').must().json
    expect(shown['full-name'] == 'Anna = Ö' and shown['enabled'] is False, shown)
    stage.control('root', 'user', 'set', 'anna', 'full-name=', 'enabled=yes').must()
    shown = stage.control('root', 'user', 'show', 'anna', '--json').must().json
    expect(shown['full-name'] == '' and shown['enabled'] is True, shown)
    stage.control('root', 'user', 'set', 'nobody', 'enabled=yes').must(3)
    stage.control('root', 'user', 'show', 'nobody').must(3)


def story_pam(stage):
    """Signing in by PAM is a word like others, of a user and of the settings, where the build has it."""
    user = add(stage, 'anna')

    def update(person, word):
        return stage.call(person, user, f'{NAME}.User', 'Update', f"({{'SignIn': <'{word}'>}}, @a{{sv}} {{}})")

    def sign_in():
        return stage.get('root', user, 'User', 'SignIn').must().out.strip()
    for person in ('bob', 'eve'):
        expect(update(person, 'pam').must(1).out.startswith('NotAuthorized'), person)
    for wrong in ('PAM', 'pam ', 'pam,password', '../pam', 'x' * 32):
        refused = update('root', wrong).must(1).out
        expect(refused.startswith('InvalidArgs') and 'SignIn' in refused and '“pam”' in refused, wrong, refused)
    if 'pam' in stage.get('root', SERVER, 'Server', 'Features').must().out:
        update('dave', 'pam').must()
        expect(sign_in() == "(<'pam'>,)", sign_in())
        stage.control('root', 'user', 'set', 'anna', 'sign-in=').must()
        stage.control('root', 'user', 'set', 'anna', 'sign-in=pam').must()
        expect('sign-in=pam' in stage.control('root', 'user', 'show', 'anna').must().out)
        stage.control('root', 'config', 'set', 'sign-in=pam').must()
        expect(stage.get('root', SERVER, 'Settings', 'SignIn').must().out.strip() == "(<'pam'>,)")
        stage.control('root', 'config', 'reset', 'sign-in').must()
    else:
        refused = update('root', 'pam').must(1).out
        expect(refused.startswith('NotSupported') and 'SignIn' in refused and 'without PAM' in refused, refused)
        expect('without PAM' in stage.control('root', 'user', 'set', 'anna', 'sign-in=pam').must(1).err)
        expect('without PAM' in stage.control('root', 'config', 'set', 'sign-in=pam').must(4).err)
    expect(stage.control('root', 'user', 'set', 'anna', 'sign-in=').must() and sign_in() == "(<''>,)", sign_in())


def user_of(stage, login):
    return next(user for user in stage.control('root', 'user', 'list', '--json').must().json['users'] if user['login'] == login)


def story_expiry(stage):
    """How long a user may and how often is set with the control tool, by whoever may, in words that people use."""
    day = 24 * 3600 * 10**6
    stage.control('root', 'user', 'add', 'anna', '--until', '2031-12-31', '--access-for', '7d', '--sessions-max', '2',
                  '--password-file', '-', text='x\n', env={**os.environ, 'TZ': 'UTC'}).must()
    user = user_of(stage, 'anna')
    expect(user['expires-at'] == '2032-01-01T00:00:00Z' and user['ends-at-usec'] == user['expires-at-usec'], user)
    expect((user['expires-after-first-login'], user['sessions-max'], user['status']) == (7 * 24 * 3600, 2, 'active'), user)
    for text, least, most in (('+30d', 30 * day - 60 * 10**6, 30 * day), ('+45m', 2640 * 10**6, 2700 * 10**6)):
        stage.control('root', 'user', 'change', 'anna', '--until', text).must()
        left = user_of(stage, 'anna')['expires-at-usec'] - time.time() * 10**6
        expect(least <= left <= most, text, left)
    stage.control('root', 'user', 'change', 'anna', '--until', '2020-01-01T18:00').must()
    expect(user_of(stage, 'anna')['status'] == 'expired', 'an expired user')
    expect('expired' in stage.control('root', 'user', 'list').must().out)
    stage.control('root', 'user', 'change', 'anna', '--until', 'never', '--access-for', 'forever', '--sessions-max', '0').must()
    user = user_of(stage, 'anna')
    expect((user['expires-at-usec'], user['expires-after-first-login'], user['status']) == (0, 0, 'active'), user)
    stage.control('root', 'user', 'set', 'anna', 'expires-at=2031-01-31T18:00', 'sessions-max=1', env={**os.environ, 'TZ': 'UTC'}).must()
    expect(user_of(stage, 'anna')['expires-at'] == '2031-01-31T18:00:00Z', user_of(stage, 'anna'))
    stage.control('root', 'user', 'set', 'anna', 'expires-at=never', 'sessions-max=0').must()
    expect(user_of(stage, 'anna') == user, 'a value that was set and taken back')
    for option, text in (('until', 'tomorrow'), ('until', '2026-02-30'), ('until', '+7'), ('until', '7d'), ('until', ''), ('access-for', '0d'),
                         ('access-for', '99999d'), ('access-for', 'never'), ('sessions-max', '-1'), ('sessions-max', 'x')):
        refused = stage.control('root', 'user', 'change', 'anna', f'--{option}', text).must(4)
        expect(f'--{option}' in refused.err, option, text, refused)
    path = f'{ROOT}/users/' + user['id']
    for values in ("'ExpiresAt': <uint32 5>", "'ExpiresAt': <uint64 18446744073709551615>", "'SessionsMax': <uint32 2001>",
                   "'ExpiresAfterFirstLogin': <-1>", "'Status': <'active'>", "'FirstLoginAt': <uint64 0>", "'EndsAt': <uint64 0>"):
        refused = stage.call('root', path, f'{NAME}.User', 'Update', f'({{{values}}}, @a{{sv}} {{}})').must(1)
        expect(refused.out.startswith('InvalidArgs\n') and values.split("'")[1] in refused.out, values, refused)
    refused = stage.call('bob', path, f'{NAME}.User', 'Update', "({'ExpiresAt': <uint64 1>}, @a{sv} {})").must(1)
    expect(refused.out.startswith('NotAuthorized'), refused)
    expect(user_of(stage, 'anna') == user, 'something changed')


def story_quota(stage):
    """How much a user may carry is set with the control tool, counted, and told when little is left."""
    stage.control('root', 'user', 'add', 'anna', '--quota', '50G', '--quota-start-day', '15', '--password-file', '-', text='x\n').must()
    user = user_of(stage, 'anna')
    expect((user['quota'], user['quota-start-day'], user['used'], user['quota-level']) == (50 * 10**9, 15, 0, 0), user)
    for text, number in (('3GiB', 3 << 30), ('700M', 700 * 10**6), ('1234', 1234), ('unlimited', 0), ('1000', 1000)):
        stage.control('root', 'user', 'change', 'anna', '--quota', text).must()
        expect(user_of(stage, 'anna')['quota'] == number, text, user_of(stage, 'anna'))
    for option, text in (('quota', '0'), ('quota', '-1'), ('quota', '5X'), ('quota', '5GB'), ('quota', '9999999999G'), ('quota', ''),
                         ('quota-start-day', 'x'), ('quota-start-day', '')):
        expect(f'--{option}' in stage.control('root', 'user', 'change', 'anna', f'--{option}', text).must(4).err, option, text)
    for day in ('0', '29'):
        expect('QuotaStartDay' in stage.control('root', 'user', 'change', 'anna', '--quota-start-day', day).must(4).err, day)
    stage.backdoor('carry anna 500 299')
    log = stage.listen('root', '--look')
    stage.backdoor('carry anna 0 1')
    stage.backdoor('carry anna 100 200')
    wait_for('both signals', lambda: read(log).count('Server.QuotaReached') == 2)
    told = [line for line in read(log).splitlines() if 'QuotaReached' in line]
    expect(f"users/{user['id']}', 80, " in told[0] and f"users/{user['id']}', 100, " in told[1], told)
    expect("'Login': <'anna'>" in told[1] and "'Used': <uint64 1100>" in told[1] and "'Quota': <uint64 1000>" in told[1], told)
    user = user_of(stage, 'anna')
    expect((user['used'], user['quota-level'], user['status']) == (1100, 100, 'quota'), user)


def story_traffic(stage):
    """How much was carried is told by the second, minute and hour, of a user and of everybody, to who may look."""
    users = {login: add(stage, login).split('/')[-1] for login in ('anna', 'bert')}
    stage.backdoor('carry anna 1000 200')
    stage.backdoor('carry bert 30 4')
    for step in ('second', 'minute', 'hour'):
        def rows(*options):
            found = stage.control('root', 'traffic', '--step', step, '--json', *options).must().json['traffic']
            return sum(row['rx-bytes'] for row in found), sum(row['tx-bytes'] for row in found)
        wait_for('what was carried', lambda: rows() == (1030, 204))
        expect(rows('--user', 'anna') == (1000, 200) and rows('--user', users['bert']) == (30, 4), step)
        expect(rows('--until', '1h') == (0, 0) and rows('--since', '1d') == (1030, 204), step)
    shown = stage.control('root', 'traffic', '--user', 'anna').must()
    expect('RECEIVED' in shown.out and '200' in shown.out, shown)
    stage.control('root', 'traffic', '--user', 'nobody').must(3)
    stage.control('root', 'traffic', '--step', 'week').must(4)
    call = ('QueryTraffic', "('', 'hour', uint64 0, uint64 0, @a{sv} {})")
    told = stage.call('root', SERVER, f'{NAME}.Server', *call).must()
    expect('1030, 204' in told.out, told)
    expect(stage.call('bob', SERVER, f'{NAME}.Server', *call).must(1).out.startswith('NotAuthorized'))
    for arguments in ("('x', 'hour', uint64 0, uint64 0, @a{sv} {})", "('', 'day', uint64 0, uint64 0, @a{sv} {})",
                      "('', '', uint64 0, uint64 0, @a{sv} {})", f"('{'a' * 33}', 'hour', uint64 0, uint64 0, @a{{sv}} {{}})"):
        expect(stage.call('root', SERVER, f'{NAME}.Server', 'QueryTraffic', arguments).must(1).out.startswith('InvalidArgs\n'), arguments)


def story_bin(stage):
    """A removed user is out of sight, keeps its login, can be restored by whoever may, and is gone when it is purged."""
    user = add(stage, 'anna')
    for action in ('Restore', 'Purge'):
        refused = stage.call('root', user, f'{NAME}.User', action, '(@a{sv} {},)').must(1)
        expect(refused.out.startswith('InvalidArgs\n'), action, refused)
    before = user_of(stage, 'anna')
    token = stage.control('root', 'user', 'remove', 'anna', '--json').must().json['undo-token']
    expect(stage.control('root', 'user', 'list', '--json').must().json['users'] == [])
    removed, = stage.control('root', 'user', 'list', '--removed', '--json').must().json['users']
    expect((removed['status'], removed['removed'], removed['removed-at-usec'] > 0) == ('removed', True, True), removed)
    stage.control('root', 'user', 'show', 'anna').must(3)
    stage.control('root', 'user', 'remove', 'anna').must(3)
    refused = stage.call('root', SERVER, f'{NAME}.Server', 'AddUser', "({'Login': <'anna'>}, @a{sv} {})").must(1)
    expect(refused.out.startswith('Exists\n'), refused)
    stage.control('root', 'undo', token).must()
    expect(user_of(stage, 'anna') == before, user_of(stage, 'anna'), before)
    expect('restore anna' in stage.control('root', 'user', 'remove', 'anna').must().out)
    for action in ('Remove', 'Restore', 'Purge'):
        refused = stage.call('bob', user, f'{NAME}.User', action, '(@a{sv} {},)').must(1)
        expect(refused.out.startswith('NotAuthorized'), action, refused)
    stage.control('root', 'user', 'restore', 'anna').must()
    stage.control('root', 'user', 'restore', 'anna').must(3)
    stage.control('root', 'user', 'purge', 'anna').must(3)
    stage.control('root', 'user', 'remove', 'anna').must()
    stage.control('root', 'user', 'purge', 'anna').must()
    expect(stage.control('root', 'user', 'list', '--removed', '--json').must().json['users'] == [])
    add(stage, 'anna')


def story_password_sources(stage):
    """Passwords come from standard input, a file, a descriptor or by themselves."""
    add(stage, 'anna')
    first, second, third = (stage.secret(f'verborgen-{n}') for n in 'abc')
    stage.control('root', 'user', 'password', 'anna', text=first).must()
    expect(last_sum() == sum_of(first))
    with open(f'{FOLDER}/secret', 'w', encoding='ascii') as file:
        file.write(second + '\r\nnot this line\n')
    stage.control('root', 'user', 'password', 'anna', '--password-file', f'{FOLDER}/secret').must()
    expect(last_sum() == sum_of(second))
    reader, writer = os.pipe()
    os.write(writer, third.encode() + b'\n')
    stage.control('root', 'user', 'password', 'anna', '--password-file', f'fd:{reader}', pass_fds=[reader]).must()
    expect(last_sum() == sum_of(third))
    made_up = stage.control('root', 'user', 'password', 'anna', '--generate-password', '--json').must().json['password']
    expect(len(made_up) == 23 and last_sum() == sum_of(stage.secret(made_up)), made_up)
    stage.control('root', 'user', 'password', 'anna', text='').must(4)
    stage.control('root', 'user', 'password', 'anna', text='x' * 600).must(4)
    stage.control('root', 'user', 'password', 'anna', '--password-file', '/nowhere').must(1)
    stage.control('root', 'user', 'password', 'nobody', text='x').must(3)


def story_prompt(stage):
    """A password typed at the prompt is not shown, must be the same twice, and may be given up."""
    add(stage, 'anna')
    password = stage.secret('getippt-99')
    typed = password.encode() + b'\n'
    command = ['sallyportctl', 'user', 'password', 'anna']
    status, said = type_password(stage, 'root', command, [b'wrong\x15' + typed, b'x\x7f' + typed])
    expect(status == 0 and password not in said and last_sum() == sum_of(password), status, said)
    status, said = type_password(stage, 'root', command, [typed, b'another\n'])
    expect(status == 1 and 'not the same' in said, status, said)
    status, said = type_password(stage, 'root', command, [b'abc\x03'])
    expect(status == 1 and 'given up' in said, status, said)
    expect(len(read(PASSWORD_LOG).splitlines()) == 1, 'a password was set')


def page(stage, values='@a{sv} {}', cursor='', limit=500, options='@a{sv} {}'):
    """The logins of a page, the cursor of the next, and how many there are."""
    told = stage.call('root', SERVER, f'{NAME}.Server', 'ListUsers', f"({values}, '{cursor}', uint32 {limit}, {options})").must().out
    after, total = re.search(r", '([^']*)', (?:uint32 )?(\d+)\)\s*$", told).groups()
    return re.findall(r"'Login': <'([^']*)'>", told), after, int(total)


def pages(stage, limit, **wishes):
    """All logins, by pages."""
    logins, cursor = [], ''
    while True:
        found, cursor, _ = page(stage, cursor=cursor, limit=limit, **wishes)
        logins += found
        if not cursor:
            return logins
        expect(len(found) == limit, found)


def story_pages(stage):
    """Users are listed page by page, filtered and sorted; nobody is missed or seen twice, whoever comes and goes meanwhile."""
    names = {'dora': 'Ärger', 'anna': 'Zoë Müller', 'Bert': 'ärger', 'carl': '', 'erik': 'ZOE'}
    for login, name in names.items():
        stage.control('root', 'user', 'add', login, '--full-name', name, '--generate-password').must()
    everybody = ['anna', 'Bert', 'carl', 'dora', 'erik']
    for limit in (1, 2, 5, 500):
        expect(pages(stage, limit) == everybody, limit)
        expect(pages(stage, limit, options="{'descending': <true>}") == everybody[::-1], limit)
    expect(pages(stage, 2, options="{'sort': <'created'>}") == list(names))
    expect(pages(stage, 1, options="{'sort': <'full-name'>}")[0] == 'carl')
    for text, found in (('ÄRG', ['Bert', 'dora']), ('ärger', ['Bert', 'dora']), ('a', ['anna', 'Bert', 'carl', 'dora']), ('MÜL', ['anna']), ('R', ['Bert', 'carl', 'dora', 'erik']), ('%', []), ('xyz', [])):
        logins, cursor, total = page(stage, f"{{'Text': <'{text}'>}}")
        # A letter and its mark are two characters of the same text.
        expect([login for login in logins if login in found] == found and cursor == '' and total == len(logins), text, logins)
    expect([row['login'] for row in stage.control('root', 'user', 'list', '--text', 'müller', '--json').must().json['users']] == ['anna'])
    stage.control('root', 'user', 'change', 'carl', '--disable').must()
    expect(stage.control('root', 'user', 'list', '--status', 'disabled', '-g', 'login').must().out == 'carl\n')
    expect(stage.control('root', 'user', 'list', '--sort', 'created', '--descending', '-g', 'login').must().out.split() == list(names)[::-1])
    _, cursor, total = page(stage, limit=2)
    expect(total == 5)
    stage.control('root', 'user', 'remove', 'Bert').must()
    stage.control('root', 'user', 'add', 'aaron', '--generate-password').must()
    expect(page(stage, cursor=cursor)[0] == ['carl', 'dora', 'erik'], 'the page behind somebody who is gone')
    for wrong in ("@a{sv} {}, 'x', uint32 1, @a{sv} {}", "@a{sv} {}, '0a.x.y', uint32 1, @a{sv} {}", f"@a{{sv}} {{}}, '{'1' * 9999}', uint32 1, @a{{sv}} {{}}",
                  f"@a{{sv}} {{}}, '{cursor}', uint32 1, {{'sort': <'created'>}}", "@a{sv} {}, '', uint32 0, @a{sv} {}", "@a{sv} {}, '', uint32 501, @a{sv} {}",
                  "@a{sv} {}, '', uint32 1, {'sort': <'password'>}", "{'Text': <''>}, '', uint32 1, @a{sv} {}", "{'Status': <1>}, '', uint32 1, @a{sv} {}"):
        refused = stage.call('root', SERVER, f'{NAME}.Server', 'ListUsers', f'({wrong})').must(1)
        expect(refused.out.startswith('InvalidArgs\n'), wrong[:80], refused)
    expect(stage.call('bob', SERVER, f'{NAME}.Server', 'ListUsers', "(@a{sv} {}, '', uint32 1, @a{sv} {})").must(1).out.startswith('NotAuthorized\n'))
    stage.control('bob', 'user', 'list').must(5)
    stage.control('root', 'user', 'list', '--sort', 'nonsense').must(4)


READ = """
import gi
from gi.repository import Gio, GLib
bus = Gio.bus_get_sync(Gio.BusType.SYSTEM, None)
ROOT, NAME = '/org/sallyport/Sallyport1', 'org.sallyport.Sallyport1'
def call(path, interface, method, arguments):
    value = GLib.Variant.parse(None, arguments, None, None) if arguments else None
    return bus.call_sync(NAME, path, interface, method, value, None, 0, 20000, None)
for _ in range(1500):
    call(f'{ROOT}/Server', 'org.freedesktop.DBus.Properties', 'GetAll', f"('{NAME}.Server',)")
    call(ROOT, 'org.freedesktop.DBus.ObjectManager', 'GetManagedObjects', None)
    call(f'{ROOT}/Server', f'{NAME}.Server', 'ListUsers', "(@a{sv} {}, '', uint32 9, @a{sv} {})")
"""


def story_steady(stage):
    """Who reads again and again does not make the service grow."""
    for login in ('anna', 'bert'):
        add(stage, login)
    process = stage.run('root', 'pgrep', '-x', 'bus-test-daemon').must().out.strip()

    def size():
        stage.run('alice', '/usr/bin/python3', '-c', READ).must()
        return int(re.search(r'^VmRSS:\s*(\d+)', read(f'/proc/{process}/status'), re.M).group(1))

    before = size()
    after = size()
    expect(after - before < 2000, f'{before} kB, then {after} kB')


def story_find(stage):
    """Users are found by what is theirs, by being connected, and by when their access ends."""
    for login in ('anna', 'bert', 'carl'):
        add(stage, login)
    stage.backdoor('device bert Telefon')
    stage.backdoor('open anna phone')
    stage.control('root', 'user', 'set', 'carl', 'expires-at=+3d').must()

    def found(*words):
        return [user['login'] for user in stage.control('root', 'user', 'list', *words, '--json').must().json['users']]

    wait_for('the session', lambda: found('--connected') == ['anna'])
    for words, logins in ((('--text', 'telEF'), ['bert']), (('--text', '192.0.2.10'), ['anna']), (('--text', '10.9.8.2'), ['anna']),
                          (('--text', '192.0.2.11'), []), (('--ends-before', '+7d'), ['carl']), (('--ends-before', '+2d'), []),
                          (('--connected', '--text', 'bert'), [])):
        expect(found(*words) == logins, words, found(*words))
    away = stage.call('root', SERVER, f'{NAME}.Server', 'ListUsers', "({'Connected': <false>}, '', uint32 9, @a{sv} {})").must().out
    expect("'Login': <'bert'>" in away and "'Login': <'anna'>" not in away, away)
