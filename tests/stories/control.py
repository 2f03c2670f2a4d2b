# SPDX-License-Identifier: GPL-2.0-or-later
"""Turning the server on and off, and what scripts learn from it."""

import json
import os
import signal
import subprocess
import time

from theatre import FOLDER, NAME, SERVER, expect, read, wait_for
import machine

IFACE = f'{NAME}.Server'


def story_on_and_off(stage):
    """The server is turned on and off, and a second time is nothing to do."""
    expect(stage.control('root', 'start', '--json').must().json['state'] == 'on')
    stage.control('root', 'start').must(2)
    status = stage.control('root', 'status', '--json').must().json
    expect(status['state'] == 'on' and status['started-at-usec'] > 0 and status['port'] == 443, status)
    expect(status['started-at'].endswith('Z') and status['urls'] == ['https://vpn.test'], status)
    expect(status['certificate-pin'].startswith('pin-sha256:') and status['last-error'] is None, status)
    expect('State:       on since ' in stage.control('root').must().out)
    stage.control('root', 'stop').must()
    stage.control('root', 'stop').must(2)


def story_failure(stage):
    """A start that fails says why, in the answer and afterwards."""
    stage.control('root', 'status').must()
    stage.backdoor('break')
    failed = stage.control('root', 'start', '--json').must(1)
    expect(failed.json['error']['name'] == f'{NAME}.Error.PortInUse', failed)
    status = stage.control('root', 'status', '--json').must().json
    expect(status['state'] == 'failed' and status['last-error']['name'] == f'{NAME}.Error.PortInUse', status)
    expect('address in use' in stage.control('root', 'status').out)
    stage.control('root', 'start').must()
    expect(stage.control('root', 'status', '--json').json['last-error'] is None)


def story_patience(stage):
    """Waiting has an end, and two starts do not mix."""
    stage.control('root', 'status').must()
    stage.backdoor('slow 3000')
    began = time.monotonic()
    stage.control('root', 'start', '--wait', '1').must(6)
    expect(time.monotonic() - began < 2.5, 'it waited too long')
    busy = stage.control('root', 'start', '--json').must(1)
    expect(busy.json['error']['name'] == f'{NAME}.Error.Busy', busy)


def story_unreachable(stage):
    """No service and no bus are told apart from a failure."""
    stage.control('root', 'status').must()
    stage.backdoor('slow 5000')
    waiting = subprocess.Popen(['sallyportctl', 'start'], stderr=subprocess.PIPE)
    wait_for('the start', lambda: "'starting'" in stage.get('root', SERVER, 'Server', 'State').out)
    stage.backdoor('end')
    expect(waiting.wait(timeout=10) == 7, waiting.returncode)
    stage.control('root', 'status', '--address', 'unix:path=/nowhere').must(7)
    os.unlink(f'/usr/share/dbus-1/system-services/{NAME}.service')
    stage.run('root', 'dbus-send', '--system', '--print-reply', '--dest=org.freedesktop.DBus', '/org/freedesktop/DBus',
              'org.freedesktop.DBus.ReloadConfig').must()
    wait_for('the end of the service', lambda: stage.control('root', 'status').status == 7)


def story_usage(stage):
    """Mistakes on the command line are usage errors, before anybody is asked."""
    for words in (['foo'], ['s'], ['user', 'add'], ['user', 'add', 'a', 'b'], ['start', '--nonsense'], ['user', 'x'],
                  ['session', 'disconnect'], ['session', 'disconnect', '--all', 'x'], ['user', 'change', 'anna'],
                  ['user', 'change', 'anna', '--enable', '--disable'], ['status', '--wait', '0'], ['monitor', '--statistics', '-1'],
                  ['user', 'add', 'a', '--generate-password', '--password-file', '-']):
        stage.control('root', *words).must(4)
    stage.control('root', 'stat').must(0)
    stage.control('root', '--json', 'us', 'l').must(0)
    for words in (['--help'], ['user', 'add', '--help'], ['--version']):
        expect(stage.control('eve', *words).must(0).out)


def story_statuses(stage):
    """Every way to end has its exit status, which JSON repeats."""
    stage.control('root', 'user', 'add', 'anna', '--generate-password').must(0)
    for session in ('phone', 'tablet'):
        stage.backdoor(f'open anna {session}')
    wait_for('the sessions', lambda: len(stage.control('root', 'session', 'list', '-t').out.splitlines()) == 2)
    for status, user, words in (
            (0, 'root', ['status']), (0, 'eve', ['status']), (0, 'root', ['start']),
            (1, 'root', ['user', 'add', 'anna', '--generate-password']),                 # exists
            (1, 'root', ['user', 'password', 'anna', '--password-file', '/nowhere']),
            (2, 'root', ['start']),
            (3, 'root', ['user', 'remove', 'nobody']), (3, 'root', ['user', 'change', 'nobody', '--enable']),
            (3, 'root', ['session', 'disconnect', 'zzz']), (3, 'root', ['undo', 'no-such-token']),
            (4, 'root', ['user', 'add', 'a b:c/' * 20, '--generate-password']),          # the service says it
            (4, 'root', ['user', 'password', 'anna', '--password-file', 'fd:x']),
            (4, 'root', ['session', 'disconnect', '--all', '--undo-window', '100000']),
            (4, 'root', ['status', '--address', 'nonsense']),
            (4, 'root', ['user', 'list', '--fields', 'nonsense']),
            (5, 'bob', ['stop']), (5, 'bob', ['user', 'list']), (5, 'bob', ['user', 'remove', 'anna']),
            (5, 'carol', ['stop', '--no-ask-password']),
            (7, 'root', ['status', '--address', 'unix:path=/nowhere'])):
        ended = stage.control(user, '--json', *words).must(status)
        if status in (0, 2):
            expect('error' not in ended.json, words, ended)
        else:
            expect(ended.json['error']['status'] == status and ended.json['error']['message'] in ended.err, words, ended)
    stage.control('root', 'stop').must()
    stage.backdoor('slow 3000')
    expect(stage.control('root', 'start', '--wait', '1', '--json').must(6).json['error']['status'] == 6)


LISTS = {'status': None, 'user list': 'users', 'session list': 'sessions'}


def keys_of(stage, command):
    document = stage.control('root', *command.split(), '--json').must().json
    document.pop('schema')
    return list(document if LISTS[command] is None else document[LISTS[command]][0])


def story_fields(stage):
    """What is listed or shown is printed field by field, under the names of JSON."""
    stage.control('root', 'user', 'add', 'anna', '--full-name', 'Anna: B\\erg, Ö', '--generate-password').must()
    stage.backdoor('open anna phone')
    session = wait_for('the session', lambda: stage.control('root', 'session', 'list', '--json').json['sessions'])[0]
    stage.backdoor('count anna 5000')
    for command in LISTS:
        words, keys = command.split(), keys_of(stage, command)
        refused = stage.control('root', *words, '--fields', 'nonsense').must(4)
        known = refused.err.split('fields are: ')[1].splitlines()[0].split()
        expect('“nonsense”' in refused.err and set(keys) <= set(known), command, set(keys) - set(known))
        lines = stage.control('root', *words, '-t', '-f', ','.join(known)).must().out.splitlines()
        expect(len(lines) == 1, lines)
    expect(stage.control('root', 'user', 'list', '-tf', 'login,full-name,enabled').must().out == 'anna:Anna\\: B\\\\erg, Ö:true\n')
    for locale in ('C', 'C.UTF-8'):
        expect('Ö' in stage.control('root', 'user', 'list', '-t', env={**os.environ, 'LC_ALL': locale}).must().out, locale)
    row = stage.control('root', 'session', 'list', '--terse', '--fields', 'addresses,id,connected-at').must().out
    expect(row == ','.join(session['addresses']).replace(':', '\\:') + f':{session["id"]}:' + session['connected-at'].replace(':', '\\:') + '\n', row)
    table = stage.control('root', '--fields=login,id', 'session').must().out.splitlines()
    expect(table[0].split() == ['LOGIN', 'ID'] and table[1].split() == ['anna', session['id']], table)
    chosen = stage.control('root', 'session', 'list', '--json', '--fields', 'connected-at,login').must().json
    expect(chosen == {'schema': 1, 'sessions': [{'connected-at': session['connected-at'], 'login': 'anna'}]}, chosen)
    expect(stage.control('root', 'user', 'list', '-g', 'full-name', '--escape=no').must().out == 'Anna: B\\erg, Ö\n')
    expect(stage.control('root', 'user', 'list', '--get-values=login,full-name').must().out == 'anna:Anna\\: B\\\\erg, Ö\n')
    for words in (['-g', 'login', '-f', 'login'], ['-g', 'nonsense'], ['--escape=maybe'], ['-g', 'login', '--json']):
        stage.control('root', 'user', 'list', *words).must(4)
    chosen = stage.control('root', '--json', '-f', 'started-at,sessions').must().json
    expect(chosen == {'schema': 1, 'started-at': None, 'sessions': 1}, chosen)
    expect(stage.control('root', '-t').must().out.startswith('off::'))
    stage.control('root', 'user', 'remove', 'anna').must()
    expect(stage.control('root', 'user', 'list', '-t').must().out == '')
    stage.control('root', 'user', 'list', '--fields', 'nonsense').must(4)
    stage.control('root', 'user', 'list', '--terse', '--json').must(4)
    stage.control('root', 'user', 'add', 'bert', '--generate-password', '--terse').must(4)


def events(log):
    return [json.loads(line) for line in read(log).splitlines()]


def story_monitor(stage):
    """The monitor prints what happens, one JSON document a line."""
    log = f'{FOLDER}/monitor.log'
    monitor = machine.start(['sallyportctl', 'monitor', '--json', '--statistics', '1'], log)
    wait_for('the monitor', lambda: read(log))
    stage.control('root', 'start').must()
    stage.control('root', 'user', 'add', 'anna', '--generate-password').must()
    stage.backdoor('open anna phone')
    stage.backdoor('count anna 5000')
    wait_for('counters', lambda: any(event['event'] == 'statistics' for event in events(log)))
    stage.backdoor('refuse 192.0.2.66 mallory wrong-password')
    stage.backdoor('close anna logout')
    stage.control('root', 'user', 'remove', 'anna').must()
    stage.control('root', 'user', 'purge', 'anna').must()
    wait_for('the end', lambda: events(log)[-1]['event'] == 'user-removed')
    seen = {event['event']: event for event in events(log)}
    changes = [event['changes'] for event in events(log) if event['event'] == 'server-changed']
    expect(events(log)[0]['event'] == 'began' and events(log)[0]['state'] == 'off', events(log)[0])
    expect(seen['session-opened']['facts'] == {'login': 'anna', 'remote-address': '192.0.2.10:51234', 'client-name': 'phone',
                                               'first-time': False}, seen)
    expect(seen['session-closed']['reason'] == 'logout' and seen['session-closed']['totals']['rx-bytes'] == 5000, seen)
    expect(seen['statistics']['changes']['rx-bytes'] == 5000, seen)
    expect(seen['authentication-failed']['address'] == '192.0.2.66', seen)
    expect([change['state'] for change in changes if 'state' in change][-1:] == ['on'], changes)
    expect(seen['user-added']['login'] == 'anna' and seen['user-removed']['at-usec'] > 0, seen)
    monitor.send_signal(signal.SIGINT)
    expect(monitor.wait(timeout=5) == 0, 'the monitor did not end well')
    monitor = machine.start(['sallyportctl', 'monitor'], f'{FOLDER}/second.log')
    wait_for('the monitor', lambda: 'the server is on, 0 connected' in read(f'{FOLDER}/second.log'))
    stage.backdoor('end')
    expect(monitor.wait(timeout=5) == 7, 'the monitor did not notice the end of the service')
