# SPDX-License-Identifier: GPL-2.0-or-later
"""The settings on the bus."""

import os
import socket

from theatre import FOLDER, NAME, SERVER, expect, read, wait_for
from whole import start

IFACE = f'{NAME}.Settings'
EMPTY = '@a{sv} {}'
FAKE = f'{FOLDER}/settings/sallyport.conf'
SHIPPED = '/etc/sallyport/sallyport.conf'


def update(stage, changes, options=EMPTY, user='root'):
    return stage.call(user, SERVER, IFACE, 'Update', f'({changes}, {options})')


def value(stage, name, user='root'):
    return stage.get(user, SERVER, 'Settings', name).must().out.strip()


def story_types(stage):
    """Every setting is a property of its own type, changes are told, and the file keeps its comments."""
    for name, shown in (('Port', '(<uint32 443>,)'), ('UdpPort', "(<'same'>,)"), ('Roaming', '(<true>,)'), ('Dpd', "(<'90'>,)"),
                        ('Routes', "(<['home']>,)"), ('Ipv6', "(<'nat'>,)"), ('LogLevel', "(<'notice'>,)"), ('RestartNeeded', '(<@as []>,)')):
        expect(value(stage, name) == shown, name, value(stage, name))
    log = stage.listen('root', '--look')
    update(stage, "{'Port': <uint32 4443>, 'Roaming': <false>, 'Dpd': <uint32 60>, 'Banner': <'Grüß = # Gott'>,"
                  " 'Routes': <['10.1.0.0/16', 'fd12::/64']>, 'Ipv6': <'off'>}").must()
    expect(read(FAKE) and 'routes = 10.1.0.0/16, fd12::/64\n' in read(FAKE), read(FAKE))
    for name, shown in (('Port', '(<uint32 4443>,)'), ('Roaming', '(<false>,)'), ('Dpd', "(<'60'>,)"), ('Banner', "(<'Grüß = # Gott'>,)"),
                        ('Routes', "(<['10.1.0.0/16', 'fd12::/64']>,)")):
        expect(value(stage, name) == shown, name, value(stage, name))
    wait_for('the news', lambda: "'Port': <uint32 4443>" in read(log))
    with open(FAKE, 'w', encoding='utf-8') as file:
        file.write('# ours\n[tunnel]\n# patience\ndpd = 120\n\n[log]\nlevel = debug\n')
    expect(value(stage, 'Dpd') == "(<'60'>,)")
    stage.control('root', 'config', 'reload').must()
    expect(value(stage, 'Dpd') == "(<'120'>,)" and value(stage, 'LogLevel') == "(<'debug'>,)")
    update(stage, "{'Dpd': <'off'>}", "{'reset': <['LogLevel']>}").must()
    expect(read(FAKE) == '# ours\n[tunnel]\n# patience\ndpd = off\n\n[log]\n', read(FAKE))


def story_all_or_nothing(stage):
    """A change that is wrong in one place is refused whole, with the setting and what would be right."""
    update(stage, "{'Dpd': <uint32 100>}").must()
    before = read(FAKE)
    for changes, options, *words in (
            ("{'Dpd': <uint32 60>, 'Port': <uint32 0>}", EMPTY, '“Port”', 'a number from 1 to 65535'),
            ("{'Port': <'x'>}", EMPTY, '“Port”', 'a number from 1 to 65535'),
            ("{'Port': <true>}", EMPTY, '“Port”', 'type “u”, not “b”'),
            ("{'Routes': <@as []>}", EMPTY, '“Routes”', 'nothing in a place'),
            ("{'Routes': <['10.0.0.0/8', '10.0.0.1/8']>}", EMPTY, '“Routes”', '10.0.0.0/8'),
            ("{'Banner': <'a\\nport = 1'>}", EMPTY, '“Banner”', 'one line'),
            ("{'Banner': <'%s'>}" % ('x' * 70000), EMPTY, '“Banner”', 'too long'),
            ("{'Ipv6': <'../../etc/passwd'>}", EMPTY, '“Ipv6”', 'nat, routed, refused or off'),
            ("{'Nonsense': <1>}", EMPTY, '“Nonsense”'),
            ("{'%s': <1>}" % ('N' * 70000), EMPTY, 'unknown key'),
            ("{'Port': <uint32 1>, 'Port': <uint32 2>}", EMPTY, '“Port” is given twice'),
            ("{'Port': <uint32 1>}", "{'reset': <['Port']>}", '“Port” is given twice'),
            (EMPTY, "{'reset': <['Prot']>}", '“Prot”'),
            (EMPTY, "{'reset': <'Port'>}", '“reset”', '“as”'),
            ("{'SessionTimeout': <uint32 600>, 'IdleTimeout': <uint32 700>}", EMPTY, 'idle-timeout', 'at most 600')):
        refused = update(stage, changes, options).must(1)
        expect(refused.out.startswith('InvalidArgs\n') and all(word in refused.out for word in words), changes[:100], refused)
        expect(len(refused.out) < 1000, len(refused.out))
    update(stage, "{'Dpd': <uint32 60>}", "{'check-only': <true>}").must()
    expect(read(FAKE) == before and value(stage, 'Dpd') == "(<'100'>,)", read(FAKE))
    with open(FAKE, 'w', encoding='utf-8') as file:
        file.write('[server]\nprot = 1\n')
    refused = update(stage, "{'Dpd': <uint32 60>}").must(1)
    expect('sallyport.conf:2' in refused.out and 'is port meant' in refused.out, refused)
    refused = stage.call('root', SERVER, f'{NAME}.Server', 'Reload', f'({EMPTY},)').must(1)
    expect(refused.out.startswith('InvalidArgs\n') and 'sallyport.conf:2' in refused.out, refused)
    expect(value(stage, 'Dpd') == "(<'100'>,)", 'a bad file was taken over')


def story_settings_permissions(stage):
    """Only who may configure changes settings, and only who may look sees them."""
    for user, what in (('bob', 'NotAuthorized'), ('carol', 'NotAuthorizedCanObtain')):
        for method, arguments in (('Update', f"({{'Dpd': <uint32 60>}}, {EMPTY})"), ('DescribeSettings', f'({EMPTY},)')):
            expect(stage.call(user, SERVER, IFACE, method, arguments).must(1).out.startswith(what + '\n'), user, method)
        expect(stage.call(user, SERVER, f'{NAME}.Server', 'Reload', f'({EMPTY},)').must(1).out.startswith(what + '\n'), user)
        expect(stage.get(user, SERVER, 'Settings', 'Port').must(1).out.startswith(what + '\n'), user)
        stage.control(user, '--no-ask-password', 'config', 'set', 'dpd=60').must(5)
    expect(not os.path.exists(FAKE), 'somebody wrote')
    update(stage, "{'Dpd': <uint32 60>}", user='alice').must()
    update(stage, "{'Dpd': <uint32 61>}", user='dave').must()


def story_config(stage):
    """The control tool lists, prints, describes, changes and resets settings."""
    rows = stage.control('root', 'config', 'list', '--json').must().json['settings']
    expect({'port', 'udp-port', 'log-level'} <= {row['key'] for row in rows} and len(rows) > 30, rows)
    row = [row for row in rows if row['key'] == 'dpd'][0]
    expect((row['value'], row['written'], row['default'], row['is-set'], row['words'], row['least'], row['most'], row['unit'], row['applies']) ==
           ('90', '90', '90', False, ['off'], 10, 86400, 'seconds', 'at-once'), row)
    stage.control('root', 'config', 'set', 'dpd=60', 'routes=10.0.0.0/8,fd00::/8', 'banner=a=b').must()
    expect(stage.control('root', 'config', 'get', 'dpd').must().out == '60\n')
    expect(stage.control('root', 'config', 'get', 'dpd', 'banner').must().out == 'dpd=60\nbanner=a=b\n')
    expect(stage.control('root', 'config', 'get', '-t', '-f', 'key,value', 'routes').must().out == 'routes:10.0.0.0/8,fd00\\:\\:/8\n')
    expect('a number from 10 to 86400, or off (in seconds)' in stage.control('root', 'config', 'describe', 'dpd').must().out)
    expect(stage.control('root', 'config', 'set', '--check-only', 'dpd=70', '--json').must().json['changed'] is False)
    for words, status in ((['dpd=5'], 4), (['dpd'], 4), (['dpd=1', 'dpd=2'], 4), (['dqd=1'], 3), ([], 4)):
        stage.control('root', 'config', 'set', *words).must(status)
    stage.control('root', 'config', 'get', 'nonsense').must(3)
    expect(stage.control('root', 'config', 'get', 'dpd').must().out == '60\n')
    stage.control('root', 'config', 'reset', 'dpd', 'banner').must()
    expect('dpd =' not in read(FAKE) and 'routes =' in read(FAKE), read(FAKE))


def story_shipped_settings(stage):
    """A running server takes over all that it can have, also other addresses of devices, and nothing else."""
    def has(address):
        return f' {address}/' in stage.run('root', 'ip', '-o', 'addr', 'show', 'dev', 'lo').must().out
    start(stage)
    done = stage.control('dave', 'config', 'set', 'dpd=60', 'ipv4-range=10.99.0.0/24', 'ipv6=off', '--json').must().json
    expect(done == {'schema': 1, 'changed': True, 'restart-needed': []}, done)
    expect('ipv4-range = 10.99.0.0/24' in read(SHIPPED) and oct(os.stat(SHIPPED).st_mode & 0o777) == '0o644', read(SHIPPED))
    expect(has('10.99.0.1') and not has('10.10.0.1') and value(stage, 'RestartNeeded') == '(<@as []>,)', 'addresses of the server')
    before = read(SHIPPED)
    refused = update(stage, "{'Ipv6': <'routed'>}").must(1)
    expect('ipv6-range' in refused.out and read(SHIPPED) == before and has('10.99.0.1'), refused)
    os.chmod(SHIPPED, 0o600)
    expect(stage.control('root', 'config', 'reset', 'ipv4-range', '--json').must().json['restart-needed'] == [])
    expect(has('10.10.0.1') and not has('10.99.0.1'), 'addresses of the server')
    expect(oct(os.stat(SHIPPED).st_mode & 0o777) == '0o600', 'the mode changed')


def story_other_port(stage):
    """A running server takes another port over at once, and none that it cannot have."""
    def listens(port):
        return f':{port} ' in stage.run('root', 'ss', '-Hltn').must().out
    start(stage)
    log = stage.listen('root', '--look')
    expect(stage.control('root', 'config', 'set', 'port=4443', '--json').must().json['restart-needed'] == [])
    status = stage.control('root', 'status', '--json').must().json
    expect(status['port'] == 4443 and all(url.endswith(':4443') for url in status['urls']), status)
    expect(listens(4443) and not listens(443), 'where the server listens')
    wait_for('the news', lambda: "'UdpPort': <uint32 4443>" in read(log))
    before = read(SHIPPED)
    with socket.create_server(('', 4444)):
        for options in (EMPTY, "{'check-only': <true>}"):
            refused = update(stage, "{'Port': <uint32 4444>}", options).must(1)
            expect(refused.out.startswith('PortInUse\n') and '4444' in refused.out, refused)
        expect(read(SHIPPED) == before and listens(4443), read(SHIPPED))
    update(stage, "{'Port': <uint32 4444>}", "{'check-only': <true>}").must()
    expect(not listens(4444) and stage.control('root', 'status', '--json').must().json['port'] == 4443, 'it was only asked')
    stage.control('root', 'config', 'reset', 'port').must()
    expect(listens(443) and not listens(4443), 'where the server listens')
