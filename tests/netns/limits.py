# SPDX-License-Identifier: GPL-2.0-or-later
"""Stories of what a user may: when it is over, it is over, whatever runs."""

import datetime
import os
import signal
import subprocess
import time

import lab
import rooms
from client import Client, take_cookie
from reconnects import CONNECTED

USER = os.environ['LAB_USER']
SOME_BYTES = 2_000_000
SECOND = 1_000_000
QUOTA = 12_000_000


def _user():
    return lab.control_json('user', 'show', USER)


def _size(path):
    return os.stat(path).st_size if os.path.exists(path) else 0


def _carried(thing):
    return thing['rx-bytes'] + thing['tx-bytes']


def _downloading(client):
    """A download that runs for longer than any story waits, and evenly: curl's own limit comes in bursts."""
    lab.run('tc', 'qdisc', 'add', 'dev', 'eth0', 'root', 'tbf', 'rate', '40mbit', 'burst', '64kb', 'latency', '50ms', namespace=lab.HOME)
    download = client.fetch_in_background('200M.bin', '/run/download')
    lab.wait_until('the download', lambda: _size('/run/download') > SOME_BYTES)
    return download


def _set_end(seconds):
    """Whole seconds, so that people could type it; returns it in seconds since 1970."""
    end = int(time.time()) + seconds
    text = datetime.datetime.fromtimestamp(end, datetime.timezone.utc).strftime('%Y-%m-%dT%H:%M:%SZ')
    lab.control('user', 'change', USER, '--until', text)
    lab.equal(_user()['ends-at-usec'], end * SECOND, 'end')
    return end


def _watch_until_it_stops(seconds):
    """When the download grew for the last time."""
    size, grown, deadline = 0, time.time(), time.time() + seconds
    while time.time() < deadline and time.time() - grown < 2:
        if _size('/run/download') != size:
            size, grown = _size('/run/download'), time.time()
        time.sleep(0.01)
    return grown


def _is_told_and_stays_out(client, cookie, text, reason):
    client.wait_for_line(text)
    client.wait_exit(30)
    lab.wait_until('the end of the session', lambda: not lab.sessions(), 5)
    row = lab.control_json('history')['history'][0]
    lab.equal(row['reason'], reason, 'reason in the history')
    again = Client(cookie=cookie)
    lab.holds(again.wait_exit(30) != 0, 'the cookie was still good')
    lab.equal(again.count('Cookie was rejected by server'), 1, f'refusals\n{again.log()}')


def access_that_ends_cuts_a_running_download_at_that_moment():
    cookie = take_cookie()
    client = Client(cookie=cookie).wait_connected().wait_dtls()
    download = _downloading(client)
    end = _set_end(5)
    last = _watch_until_it_stops(20)
    print(f'the last byte came {last - end:.3f} s after the end')
    lab.holds(end - 1 < last < end + 1, f'the last byte came {last - end} s after the end')
    _is_told_and_stays_out(client, cookie, 'Your access has ended', 'user-expired')
    lab.equal(_user()['status'], 'expired', 'status')
    download.kill()
    refused = Client()
    refused.wait_for_line('Your access has ended', times=2)
    # The owner changes their mind.
    lab.control('user', 'change', USER, '--until', 'never')
    Client().wait_connected()


def who_is_removed_is_cut_off_and_may_come_back_when_restored():
    cookie = take_cookie()
    client = Client(cookie=cookie).wait_connected().wait_dtls()
    download = _downloading(client)
    lab.control('user', 'remove', USER)
    end = time.time()
    last = _watch_until_it_stops(20)
    print(f'the last byte came {last - end:.3f} s after the answer')
    lab.holds(last < end + 1, f'the last byte came {last - end} s after the answer')
    _is_told_and_stays_out(client, cookie, 'Your access was taken away', 'user-removed')
    download.kill()
    refused = Client()
    refused.wait_for_line('Name or password is wrong')
    refused.signal(signal.SIGKILL)
    # A restart of the rooms changes nothing: it is stored.
    rooms.kill(rooms.main())
    lab.wait_until('the end of its rooms', lambda: not rooms.processes(), 10)
    server = subprocess.Popen([os.environ['LAB_START_SERVER']])
    lab.wait_until('the server', lambda: lab.server_log().count('starting → on') == 2, 30)
    removed, = lab.control_json('user', 'list', '--removed')['users']
    lab.equal(removed['login'], USER, 'who is removed')
    lab.control('user', 'restore', USER)
    Client().wait_connected()
    server.terminate()
    server.wait(20)


def a_quota_cuts_a_running_download_at_its_byte():
    lab.control('user', 'change', USER, '--quota', str(QUOTA))
    cookie = take_cookie()
    client = Client(cookie=cookie).wait_connected().wait_dtls()
    download = _downloading(client)
    client.wait_for_line('Your traffic for this month is used up', 60)
    _is_told_and_stays_out(client, cookie, 'Your traffic for this month is used up', 'quota')
    user = _user()
    print(f'{user["used"]} bytes of {QUOTA}')
    # It stops with the packet that reaches it.
    lab.holds(QUOTA <= user['used'] < QUOTA + 1500, f'{user["used"]} bytes of {QUOTA}')
    lab.equal((user['status'], user['quota-level']), ('quota', 100), 'status and level')
    row = lab.control_json('history')['history'][0]
    lab.equal(_carried(row), user['used'], 'bytes in the history')
    hours = lab.control_json('traffic', '--user', USER)['traffic']
    lab.equal(sum(_carried(hour) for hour in hours), user['used'], 'bytes in the traffic')
    lab.holds(_size('/run/download') < QUOTA, 'more than the quota arrived')
    download.kill()
    refused = Client()
    refused.wait_for_line('Your traffic for this month is used up', times=2)
    refused.signal(signal.SIGKILL)
    # With a larger one it goes on where it stood.
    lab.control('user', 'change', USER, '--quota', str(2 * QUOTA))
    lab.equal(_user()['status'], 'active', 'status')
    client = Client().wait_connected()
    client.wait_for_line('Your traffic for this month', times=2)
    client.fetch('peer')
    lab.wait_until('the count', lambda: _user()['used'] > user['used'], 15)
    lab.equal(_user()['quota-level'], 0, 'level')


def what_was_carried_is_counted_once_over_reconnects_and_a_restart():
    with open(f'{os.environ["LAB_WWW"]}/some', 'wb') as file:
        file.write(os.urandom(SOME_BYTES))
    client = Client().wait_connected().wait_dtls()
    client.fetch('some', '--output', '/run/download')
    client.signal(signal.SIGUSR2)
    client.wait_for_line(CONNECTED, 40, times=2)
    client.fetch('some', '--output', '/run/download')
    session = lab.sessions()[0]['id']
    lab.wait_until('the count', lambda: _carried(lab.sessions()[0]) > 2 * SOME_BYTES)
    lab.wait_until('the user\'s', lambda: _user()['used'] == _carried(lab.sessions()[0]), 20)
    os.kill(rooms.main(), signal.SIGTERM)
    lab.wait_until('the end of all processes', lambda: not rooms.processes(), 20)
    server = subprocess.Popen([os.environ['LAB_START_SERVER']])
    lab.wait_until('the server', lambda: lab.server_log().count('starting → on') == 2, 30)
    before = _user()['used']
    row, = lab.control_json('history')['history']
    lab.equal((row['session'], _carried(row)), (session, before), 'session and its bytes')
    client.wait_for_line(CONNECTED, 60, times=3)
    client.fetch('some', '--output', '/run/download')
    lab.wait_until('the count', lambda: _carried(lab.sessions()[0]) > before + SOME_BYTES)
    lab.wait_until('the user\'s', lambda: _user()['used'] == _carried(lab.sessions()[0]), 20)
    for step in ('minute', 'hour'):
        rows = lab.control_json('traffic', '--step', step)['traffic']
        lab.equal(sum(_carried(row) for row in rows), _user()['used'], f'bytes by the {step}')
    server.terminate()
    server.wait(20)


def who_is_disabled_is_cut_off_while_a_download_runs():
    cookie = take_cookie()
    client = Client('--no-dtls', cookie=cookie).wait_connected()
    download = _downloading(client)
    lab.control('user', 'change', USER, '--disable')
    end = time.time()
    last = _watch_until_it_stops(20)
    print(f'the last byte came {last - end:.3f} s after the answer')
    lab.holds(last < end + 1, f'the last byte came {last - end} s after the answer')
    _is_told_and_stays_out(client, cookie, 'Your access was turned off', 'user-disabled')
    download.kill()


def access_that_counts_from_the_first_sign_in_ends():
    lab.control('user', 'set', USER, 'expires-after-first-login=6')
    lab.equal(_user()['ends-at-usec'], 0, 'end before the first sign-in')
    before = time.time()
    cookie = take_cookie()
    user = _user()
    lab.holds(before * SECOND <= user['first-login-at-usec'] <= time.time() * SECOND, f'first sign-in of {user}')
    lab.equal(user['ends-at-usec'], user['first-login-at-usec'] + 6 * SECOND, 'end')
    client = Client(cookie=cookie).wait_connected()
    take_cookie()
    lab.equal(_user()['first-login-at-usec'], user['first-login-at-usec'], 'first sign-in after another')
    _is_told_and_stays_out(client, cookie, 'Your access has ended', 'user-expired')
    lab.holds(time.time() * SECOND > user['ends-at-usec'], 'it ended too early')
