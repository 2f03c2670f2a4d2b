# SPDX-License-Identifier: GPL-2.0-or-later
"""The networks that the computer is in, and addresses for devices that do not clash with them."""

from theatre import NAME, SERVER, expect, wait_for


def update(stage, changes, options='@a{sv} {}'):
    return stage.call('root', SERVER, f'{NAME}.Settings', 'Update', f'({changes}, {options})')


def health(stage):
    return [entry['id'] for entry in stage.control('root', 'check', '--json').json['health']]


def story_overlap(stage):
    """A range that overlaps a network of the computer is refused while it is typed, and a free one is known."""
    expect("['192.168.77.0/24']" in stage.get('eve', SERVER, 'Server', 'HomeNetworks').must().out)
    free = stage.get('eve', SERVER, 'Server', 'FreeRange').must().out.split("'")[1]
    for text in ('192.168.77.0/24', '192.168.0.0/16', '192.168.77.128/25'):
        for options in ("{'check-only': <true>}", '@a{sv} {}'):
            refused = update(stage, f"{{'Ipv4Range': <'{text}'>}}", options).must(1)
            expect(refused.out.startswith('AddressConflict\n') and 'overlaps 192.168.77.0/24' in refused.out, refused)
    expect('auto' in stage.control('root', 'config', 'get', 'ipv4-range').must().out)
    update(stage, f"{{'Ipv4Range': <'{free}'>}}", "{'check-only': <true>}").must()
    update(stage, f"{{'Ipv4Range': <'{free}'>}}").must()
    expect(health(stage) == [], health(stage))


def story_filtered(stage):
    """Another program's packet filter that is in the way of a server that is on is told, with what mends it."""
    update(stage, "{'KeepAwake': <true>}").must()
    stage.backdoor('foreign-rules drop')
    expect(health(stage) == [], 'told of a server that is off')
    stage.control('root', 'start').must()
    wait_for('the entries', lambda: [word for word in health(stage) if word.endswith('blocked')] == ['forwarding-blocked', 'port-blocked'])
    said = stage.get('root', SERVER, 'Server', 'Health').must().out
    expect("'Program': <'Docker'>" in said and "'Chain': <'ip filter FORWARD'>" in said, said)
    expect("'Fix': <'iptables -I DOCKER-USER -i sally+ -j ACCEPT;" in said, said)
    expect('DOCKER-USER' in stage.control('root', 'check').must(1).out)
    stage.backdoor('foreign-rules pass')
    wait_for('nothing of it', lambda: not any(word.endswith('blocked') for word in health(stage)))
    stage.control('root', 'stop').must()


def story_internet(stage):
    """A server that is on and does not reach the internet is told, until it does."""
    update(stage, "{'KeepAwake': <true>}").must()
    stage.backdoor('internet away')
    expect(health(stage) == [], 'told of a server that is off')
    stage.control('root', 'start').must()
    for word, entry in (('away', 'no-internet'), ('portal', 'captive-portal'), ('there', None)):
        stage.backdoor(f'internet {word}')
        wait_for(f'the entry for {word}', lambda: [known for known in health(stage) if known in ('no-internet', 'captive-portal')] ==
                 ([entry] if entry else []))
    stage.control('root', 'stop').must()


def story_move(stage):
    """When the computer moves into a network that overlaps, health says so and has what mends it."""
    update(stage, "{'Ipv4Range': <'10.77.5.0/24'>}").must()
    expect(health(stage) == [], health(stage))
    stage.backdoor('move wlan0 10.77.5.9/16')
    wait_for('the entry', lambda: health(stage) == ['range-overlap'])
    said = stage.get('root', SERVER, 'Server', 'Health').must().out
    expect("'Changes': <{'Ipv4Range': <'auto'>}>" in said and "'Network': <'10.77.0.0/16'>" in said, said)
    expect("'10.77.0.0/16'" in stage.get('root', SERVER, 'Server', 'HomeNetworks').must().out)
    update(stage, "{'Ipv4Range': <'auto'>}").must()
    wait_for('nothing to look after', lambda: health(stage) == [])


def reachability(stage):
    # The end is 0 only for who is reached.
    return stage.control('root', 'reachability', '--json').json['reachability']


def story_reachability(stage):
    """Whether people reach the server is told in a word and a sentence, and a test needs a server that is on and a place."""
    update(stage, "{'KeepAwake': <true>}").must()
    expect(reachability(stage)['verdict'] == 'off', reachability(stage))
    expect(stage.control('root', 'reachability').must(20).out.startswith('off: the server is off'))
    test = f'{NAME}.Server', 'CreateReachabilityTest'
    expect('is not on' in stage.call('root', SERVER, *test, '(@a{sv} {},)').must(1).out)
    stage.control('root', 'start').must()
    expect(reachability(stage)['verdict'] == 'not-tested', reachability(stage))
    expect((reachability(stage)['ipv4'], reachability(stage)['address']) == ('private', '192.168.77.5'), reachability(stage))
    refused = stage.call('root', SERVER, *test, '(@a{sv} {},)').must(1).out
    expect(refused.startswith('InvalidArgs\n') and '“host” is needed' in refused, refused)
    for host in ('a b', '-a', 'a/b', 'a:1', '“'):
        refused = stage.call('root', SERVER, *test, f"({{'host': <'{host}'>}},)").must(1).out
        expect(refused.startswith('InvalidArgs\n') and 'host' in refused, refused)
    expect(stage.call('eve', SERVER, *test, "({'host': <'vpn.example.org'>},)").must(1).out.startswith('NotAuthorized'))
    made = stage.control('root', 'reachability', 'test', '--at', 'vpn.example.org', '--valid', '5', '--json').must().json
    expect(made['link'].startswith('https://vpn.example.org/r/'), made)
    expect((reachability(stage)['verdict'], reachability(stage)['test']) == ('waiting', 'waiting'), reachability(stage))
    wait_for('the verdict', lambda: reachability(stage)['verdict'] == 'router-closed')
    entry, = [entry for entry in stage.control('root', 'check', '--json').json['health'] if entry['id'] == 'not-reached']
    expect('to 192.168.77.5' in entry['details']['text'], entry)
    stage.control('root', 'stop').must()
    expect('not-reached' not in health(stage), 'told of a server that is off')
