# SPDX-License-Identifier: GPL-2.0-or-later
"""Who is connected, and ending that."""

import time

from theatre import HERE, NAME, SERVER, expect, read, wait_for

STATISTICS = f'{NAME}.Session.Statistics'


def connect(stage, *logins):
    for login in logins:
        stage.control('root', 'user', 'add', login, '--generate-password').must()
        stage.backdoor(f'open {login} phone')
    wait_for('the sessions', lambda: len(stage.control('root', 'session', 'list', '--json').json['sessions']) == len(logins))
    sessions = stage.control('root', 'session', 'list', '--json').json['sessions']
    return {session['login']: session for session in sessions}


def story_list(stage):
    """A session is listed with what is known of it."""
    session = connect(stage, 'anna')['anna']
    expect(session['remote-address'] == '192.0.2.10:51234' and session['addresses'] == ['10.9.8.2'], session)
    expect(session['transport'] == 'tls' and session['state'] == 'connected' and session['mtu'] == 1400, session)
    expect(session['rx-bytes'] == 0 and session['connected-at-usec'] > 0 and session['client-name'] == 'phone', session)
    expect(session['routes'] == ['192.168.77.0/24'] and session['excluded-routes'] == [], session)
    expect(session['name-servers'] == ['192.168.77.1'], session)
    table = stage.control('root', 'session').must().out
    expect(session['id'][:8] in table and '192.0.2.10:51234' in table, table)


def story_hostile_name(stage):
    """What a client calls itself can move no cursor and break no message."""
    stage.control('root', 'user', 'add', 'anna', '--generate-password').must()
    stage.backdoor('open anna \\033[2J\\377\\001x')
    wait_for('the session', lambda: stage.control('root', 'session', 'list', '--json').json['sessions'])
    table = stage.control('root', 'session', 'list').must().out
    expect('\x1b' not in table and '\x01' not in table and '[2J' in table, repr(table))
    session = stage.control('root', 'session', 'list', '--json').must().json['sessions'][0]
    expect(session['client-name'] == '\x1b[2J\ufffd\x01x', repr(session))


def story_disconnect(stage):
    """The owner disconnects somebody, and takes it back within the window."""
    sessions = connect(stage, 'anna', 'bert', 'carl')
    anna, bert = sessions['anna']['id'], sessions['bert']['id']
    answer = stage.control('root', 'session', 'disconnect', anna, '--undo-window', '30', '--reason', 'Tea', '--json').must().json
    token = answer['disconnected'][0]['undo-token']
    state = {session['login']: session['state'] for session in stage.control('root', 'session', 'list', '--json').json['sessions']}
    expect(state['anna'] == 'disconnecting', state)
    stage.control('root', 'session', 'disconnect', anna).must(1)
    stage.control('root', 'undo', token).must()
    stage.control('root', 'undo', token).must(3)
    stage.control('root', 'undo', 'nonsense').must(3)
    short = next(bert[:n] for n in range(1, 33) if not any(other['id'].startswith(bert[:n]) for login, other in sessions.items()
                                                           if login != 'bert'))
    expect('Disconnected bert' in stage.control('root', 'session', 'disconnect', short).must().out)
    stage.control('root', 'session', 'disconnect', bert).must(3)
    stage.control('root', 'session', 'disconnect', '').must(3)
    gone = stage.control('root', 'session', 'disconnect', '--all', '--json').must().json['disconnected']
    expect({session['login'] for session in gone} == {'anna', 'carl'}, gone)
    stage.control('root', 'session', 'disconnect', '--all').must(2)


def story_disconnect_refused(stage):
    """A reason that is too long or no line, and an endless window, are refused."""
    session = connect(stage, 'anna')['anna']
    for words in (['--reason', 'x' * 121], ['--reason', 'a\nb'], ['--undo-window', '61']):
        stage.control('root', 'session', 'disconnect', session['id'], *words).must(4)
    expect(len(stage.control('root', 'session', 'list', '--json').json['sessions']) == 1)


def reports(log):
    return [(float(line.split()[0]), line) for line in read(log).splitlines() if STATISTICS in line and 'PropertiesChanged' in line]


def story_statistics(stage):
    """Counters go to who subscribed, not more often than asked, and to nobody else."""
    connect(stage, 'anna')
    often, never = stage.listen('root', '--subscribe', '1000'), stage.listen('root', '--look')
    deadline = time.monotonic() + 3.2
    count = 0
    while time.monotonic() < deadline:
        count += 1000
        stage.backdoor(f'count anna {count}')
        time.sleep(.05)
    heard = reports(often)
    expect(2 <= len(heard) <= 4, heard)
    expect(all(later[0] - earlier[0] > .9 for earlier, later in zip(heard, heard[1:])), heard)
    expect(not reports(never), read(never))
    latest = stage.control('root', 'session', 'list', '--json').json['sessions'][0]
    expect(latest['rx-bytes'] == count and latest['round-trip'] == 1500 and latest['transport'] == 'dtls', latest)
    refused = stage.call('root', SERVER, f'{NAME}.Server', 'Subscribe', "({'statistics-interval-ms': <uint32 999>},)").must(1)
    expect(refused.out.startswith('InvalidArgs\n'), refused)


def story_unsubscribed(stage):
    """A closed subscription ends the reports."""
    connect(stage, 'anna')
    log = stage.listen('root', '--subscribe', '1000')
    stage.backdoor('count anna 1')
    wait_for('a report', lambda: reports(log))
    stage.started[-1].kill()
    stage.started[-1].wait()
    stage.backdoor('count anna 2')
    stage.control('root', 'status').must()


def story_last_moment(stage):
    """What changes in a session's last moment is told before its end."""
    connect(stage, 'anna')
    log = stage.listen('root', '--look')
    stage.backdoor('close anna logout')
    wait_for('the end', lambda: 'SessionClosed' in read(log))
    told = read(log)
    expect("'Mtu': <uint32 1280>" in told or "'Mtu': <1280>" in told, told)
    expect(told.index("'Mtu'") < told.index('InterfacesRemoved') < told.index('SessionClosed'), told)


def story_many_failures(stage):
    """A flood of failures to sign in does not become a flood on the bus."""
    log = stage.listen('root', '--look')
    for number in range(200):
        stage.backdoor(f'refuse 192.0.2.66 guess-{number} wrong-password')
    stage.control('root', 'user', 'add', 'anna', '--generate-password').must()
    wait_for('the user', lambda: 'InterfacesAdded' in read(log))
    told = read(log).count('AuthenticationFailed')
    expect(10 <= told <= 30, told)


def story_many_subscriptions(stage):
    """Subscriptions have a limit, and are given back."""
    stage.control('root', 'status').must()
    expect('256' in stage.run('root', '/usr/bin/python3', f'{HERE}/subscribe.py', '300').must().out)
    stage.control('root', 'session', 'list').must()
