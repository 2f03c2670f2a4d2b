# SPDX-License-Identifier: GPL-2.0-or-later
"""Disconnecting somebody and keeping something out with it, with the real client: at once, for a while, and taken back."""

import time

from theatre import expect, read, wait_for
from whole import Client, add, sessions, start


def states(stage):
    return sorted((session['login'], session['state']) for session in sessions(stage))


def user(stage, login):
    return stage.control('root', 'user', 'show', login, '--json').must().json


def devices(stage):
    return stage.control('root', 'device', 'list', '--json').must().json['devices']


def reasons(stage):
    return [row['reason'] for row in stage.control('root', 'history', '--json').must().json['history']]


def disconnect(stage, session, *words):
    return stage.control('root', 'session', 'disconnect', session['id'], *words, '--json').must().json['disconnected'][0]['undo-token']


def refused(stage, pin, login, password):
    log = Client(stage, pin, login, password).ended()
    expect('Configured as' not in log, log)
    return log


def story_block_device(stage):
    """A device that is blocked with its session is let in again by the undo, which leaves the client where it was, or by its time."""
    pin = start(stage)['certificate-pin']
    password = add(stage, 'anna')
    program = stage.secret(stage.control('root', 'device', 'add-password', 'anna', 'mail', '--json').must().json['password'])
    bare = Client(stage, pin, 'anna', password).connected()
    expect('without a device' in disconnect_refused(stage, 'device'), 'a session without a device')
    stage.control('root', 'session', 'disconnect', '--all').must()
    bare.ended()
    client = Client(stage, pin, 'anna', program).connected()
    token = disconnect(stage, sessions(stage)[0], '--block', 'device', '--until', '+1h', '--undo-window', '30')
    expect(states(stage) == [('anna', 'disconnecting')] and devices(stage)[0]['blocked-until-usec'] > time.time() * 1e6, devices(stage))
    refused(stage, pin, 'anna', program)
    stage.control('root', 'undo', token).must()
    expect(states(stage) == [('anna', 'connected')] and devices(stage)[0]['blocked-until-usec'] == 0, devices(stage))
    expect(client.process.poll() is None, read(client.log))
    expect(disconnect(stage, sessions(stage)[0], '--block', 'device', '--reason', 'Lost it') == '')
    expect('Lost it' in client.ended() and sessions(stage) == [] and reasons(stage)[0] == 'device-blocked', reasons(stage))
    expect(devices(stage)[0]['blocked-until'].startswith('9999-'), devices(stage))
    refused(stage, pin, 'anna', program)
    other = Client(stage, pin, 'anna', password).connected()
    stage.control('root', 'device', 'unblock', devices(stage)[0]['id'][:8]).must()
    again = Client(stage, pin, 'anna', program).connected()
    stage.control('root', 'device', 'block', devices(stage)[0]['id'], '--until', '+1h').must()
    again.ended()
    expect(other.process.poll() is None and states(stage) == [('anna', 'connected')], states(stage))


def disconnect_refused(stage, block):
    answer = stage.control('root', 'session', 'disconnect', sessions(stage)[0]['id'], '--block', block).must(3)
    expect(states(stage) == [('anna', 'connected')], states(stage))
    return answer.err


def story_pause_user(stage):
    """A user who is paused loses all sessions together, gets them back by the undo, and may come again when the time is over."""
    pin = start(stage)['certificate-pin']
    password, other = add(stage, 'anna'), add(stage, 'bert')
    clients = [Client(stage, pin, 'anna', password).connected() for _ in range(2)]
    bert = Client(stage, pin, 'bert', other).connected()
    mine = next(session for session in sessions(stage) if session['login'] == 'anna')
    token = disconnect(stage, mine, '--block', 'user', '--until', '+1h', '--undo-window', '30')
    expect(states(stage) == [('anna', 'disconnecting')] * 2 + [('bert', 'connected')], states(stage))
    expect(user(stage, 'anna')['status'] == 'paused', user(stage, 'anna'))
    expect('paused' in refused(stage, pin, 'anna', password))
    stage.control('root', 'undo', token).must()
    stage.control('root', 'undo', token).must(3)
    expect(states(stage) == [('anna', 'connected')] * 2 + [('bert', 'connected')], states(stage))
    expect(user(stage, 'anna')['status'] == 'active' and all(client.process.poll() is None for client in clients))
    end = time.time() + 4
    stage.control('root', 'user', 'set', 'anna', f"paused-until={time.strftime('%Y-%m-%dT%H:%M:%S', time.localtime(end + 1))}").must()
    for client in clients:
        client.ended()
    expect(user(stage, 'anna')['status'] == 'paused' and reasons(stage)[1:] == ['user-paused'] * 2, reasons(stage))
    refused(stage, pin, 'anna', password)
    wait_for('the end of the pause', lambda: user(stage, 'anna')['status'] == 'active')
    expect(time.time() >= end)
    client = Client(stage, pin, 'anna', password).connected()
    mine = next(session for session in sessions(stage) if session['login'] == 'anna')
    disconnect(stage, mine, '--block', 'user', '--undo-window', '1', '--reason', 'Enough')
    expect('Enough' in client.ended() and user(stage, 'anna')['status'] == 'disabled', read(client.log))
    expect(bert.process.poll() is None and states(stage) == [('bert', 'connected')])


def story_block_address_and_all(stage):
    """Blocking an address and disconnecting everybody are taken back by one token, too."""
    pin = start(stage)['certificate-pin']
    clients = [Client(stage, pin, login, add(stage, login)).connected() for login in ('anna', 'bert')]
    token = disconnect(stage, sessions(stage)[0], '--block', 'address', '--undo-window', '30')
    expect([state for _, state in states(stage)] == ['disconnecting'] * 2, states(stage))
    expect(stage.control('root', 'ban', 'list', '--json').must().json['bans'][0]['address'] == '127.0.0.1')
    stage.control('root', 'undo', token).must()
    expect(stage.control('root', 'ban', 'list', '--json').must().json['bans'] == [])
    gone = stage.control('root', 'session', 'disconnect', '--all', '--undo-window', '30', '--json').must().json['disconnected']
    expect(len({session['undo-token'] for session in gone}) == 1 and len(gone) == 2, gone)
    expect([state for _, state in states(stage)] == ['disconnecting'] * 2, states(stage))
    stage.control('root', 'undo', gone[0]['undo-token']).must()
    expect([state for _, state in states(stage)] == ['connected'] * 2, states(stage))
    expect(all(client.process.poll() is None for client in clients))
    stage.control('root', 'session', 'disconnect', '--all', '--block', 'address', '--reason', 'Out').must()
    expect(all('Out' in client.ended() for client in clients) and sessions(stage) == [])


def story_killed_in_a_window(stage):
    """What was blocked stays blocked when the service is killed before the window is over, and nobody comes back by a cookie."""
    pin = start(stage)['certificate-pin']
    password = add(stage, 'anna')
    client = Client(stage, pin, 'anna', password).connected()
    token = disconnect(stage, sessions(stage)[0], '--block', 'user', '--until', '+1h', '--undo-window', '60')
    stage.run('root', 'pkill', '-KILL', '-x', 'sallyportd').must()
    wait_for('being on', lambda: stage.control('eve', 'status', '--json').json.get('state') == 'on')
    client.ended()
    expect(user(stage, 'anna')['status'] == 'paused' and sessions(stage) == [], sessions(stage))
    refused(stage, pin, 'anna', password)
    stage.control('root', 'undo', token).must(3)
    stage.control('root', 'user', 'set', 'anna', 'paused-until=never').must()
    Client(stage, pin, 'anna', password).connected()
