# SPDX-License-Identifier: GPL-2.0-or-later
"""Stories of what is remembered of sessions."""

import json
import os
import signal
import subprocess
import time

import lab
import rooms
from client import Client
from reconnects import CONNECTED

SIZE = 200_000_000
SOME = 1_000_000


def _history(*options):
    return lab.control_json('history', *options)['history']


def _stored():
    """The rows as they are in the database: those that are listed know of the moment."""
    return [json.loads(line) for line in lab.control('history', '--lines').splitlines()]


def _fetched():
    """A client that fetched a big file, once its counters say so."""
    client = Client().wait_connected().wait_dtls()
    client.fetch('200M.bin', '--output', '/run/download')
    lab.wait_until('the counters', lambda: lab.sessions()[0]['tx-bytes'] >= os.stat('/run/download').st_size)
    return client


def _holds_row(row, reason, user):
    lab.equal((row['reason'], row['login'], row['user']), (reason, user['login'], user['id']), 'reason, login and user')
    lab.holds(row['ended-at-usec'] >= row['started-at-usec'] > 0, f'times of {row}')
    lab.holds(row['addresses'] and row['remote-address'] and 'AnyConnect' in row['user-agent'], f'the client of {row}')


def _counted_at_rest():
    """Reports come each second or later: a counter is at rest when it stood still over several of them."""
    seen = {'bytes': None, 'since': 0.0}

    def rests():
        counted = lab.sessions()[0]['tx-bytes']
        if counted != seen['bytes']:
            seen.update({'bytes': counted, 'since': time.monotonic()})
        return time.monotonic() - seen['since'] > 4

    lab.wait_until('the counter at rest', rests, 60)
    return seen['bytes']


def the_history_tells_who_was_there_how_much_and_why_it_ended():
    user = lab.control_json('user', 'list')['users'][0]
    client = _fetched()
    before = _counted_at_rest()
    # A reconnect goes on with the same row and the same counters.
    client.signal(signal.SIGUSR2)
    client.wait_for_line(CONNECTED, 40, 2)
    running, = _history()
    lab.equal((running['reason'], running['ended-at']), ('', None), 'end of a session that goes on')
    session = lab.sessions()[0]
    lab.equal(running['session'], session['id'], 'session')
    client.disconnect()
    lab.wait_until('the end', lambda: _history()[0]['reason'])
    logout, = _history()
    _holds_row(logout, 'logout', user)
    carried = os.stat('/run/download').st_size
    # With headers, and what TCP sent twice; a reconnect alone adds next to nothing.
    lab.holds(carried <= before <= logout['tx-bytes'] < before + SOME, f'{before}, then {logout["tx-bytes"]} bytes sent of {carried}')
    lab.holds(0 < logout['rx-bytes'] < carried / 4, f'{logout["rx-bytes"]} bytes received')

    client = Client().wait_connected()
    lab.control('session', 'disconnect', '--all')
    client.wait_exit(30)
    lab.wait_until('the end', lambda: _history()[0]['reason'])
    kicked, earlier = _history('--since', '1h')
    lab.equal(earlier, logout, 'the row of before')
    _holds_row(kicked, 'disconnected', user)
    lab.equal(_history('--reason', 'logout'), [logout], 'those with logout')
    lab.equal(_history('--user', user['login'], '--limit', '1'), [kicked], 'the last of the user')
    lab.equal(_history('--user', 'nobody'), [], 'those of nobody')
    lab.control('user', 'remove', user['login'])
    lab.equal(len(_history('--user', user['id'])), 2, 'rows of who was removed')
    lab.equal(lab.control_json('user', 'erase-history', user['id'])['erased'], 2, 'rows that were erased')
    lab.equal(_history(), [], 'what is left')


def sessions_that_a_killed_daemon_left_are_in_the_history():
    user = lab.control_json('user', 'list')['users'][0]
    client = _fetched()
    lab.wait_until('the stored counters', lambda: _stored()[0]['tx-bytes'] > SIZE // 2, 20)
    before, = _history()
    stored, = _stored()
    rooms.kill(rooms.main())
    lab.wait_until('the end of its rooms', lambda: not rooms.processes(), 10)
    client.signal(signal.SIGSTOP)
    server = subprocess.Popen([os.environ['LAB_START_SERVER']])
    lab.wait_until('the server', lambda: lab.server_log().count('starting → on') == 2, 30)
    crashed, = _history()
    _holds_row(crashed, 'crashed', user)
    lab.equal(crashed['tx-bytes'], stored['tx-bytes'], 'bytes sent, last known')
    # Its client comes back, and its row goes on.
    client.signal(signal.SIGCONT)
    client.wait_for_line(CONNECTED, 60, times=2)
    lab.wait_until('the row', lambda: _history()[0]['reason'] == '')
    again, = _history()
    lab.equal((again['session'], again['started-at']), (before['session'], before['started-at']), 'session and beginning')
    lab.holds(again['tx-bytes'] >= stored['tx-bytes'], 'fewer bytes than before')
    server.terminate()
    server.wait(20)
