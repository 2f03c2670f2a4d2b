# SPDX-License-Identifier: GPL-2.0-or-later
"""Stories of groups: what their people are told and reach."""

import os
import subprocess

import lab
import probes
import rooms
import values
from client import Client

USER, INTERNET_ADDRESS = os.environ['LAB_USER'], os.environ['LAB_INTERNET_ADDRESS']


def make_groups():
    lab.control('group', 'add', 'home', 'routes=home', 'dns=none')
    lab.control('group', 'add', 'all', 'label=All traffic', 'routes=all', f'dns={INTERNET_ADDRESS}', 'banner=Hello traveller')
    lab.control('user', 'set', USER, 'groups=home,all')


def way_of(address):
    return ' dev tun' in lab.run('ip', '-n', lab.CLIENT, 'route', 'get', address, check=False)


def connect(*options):
    client = Client(*options).wait_connected().wait_dtls()
    lab.wait_until('the session', lambda: [s for s in lab.sessions() if s['state'] == 'connected'])
    return client


def leave(client):
    lab.equal(client.disconnect(), 0, 'status of openconnect')
    os.unlink(client.log_path)


def what_goes_through_the_tunnel_says_the_group():
    make_groups()
    for choice, everything, dns, banner in (('home', False, 0, 0), ('all', True, 1, 1), ('default', False, 0, 0)):
        client = connect('--authgroup', choice)
        lab.equal((way_of(lab.HOME_ADDRESS), way_of(INTERNET_ADDRESS)), (True, everything), f'ways in {choice}')
        lab.equal((client.count(f'X-CSTP-DNS: {INTERNET_ADDRESS}'), min(client.count('Hello traveller'), 1)), (dns, banner),
                  f'name servers and banners in {choice}')
        leave(client)
    rows = lab.control_json('history', '--limit', '3')['history']
    lab.equal([row['group'] for row in rows], ['', 'all', 'home'], 'groups in the history')


def a_group_comes_before_the_persons_values_and_only_narrows_what_is_reached():
    make_groups()
    values.update(Routes=['home'], Domains=['own.example'])
    client = connect('--authgroup', 'all')
    lab.equal(way_of(INTERNET_ADDRESS), True, 'the group\'s routes')
    lab.equal(client.count('X-CSTP-Default-Domain: own.example'), 1, 'the person\'s domains')
    probes.assert_answers(True, INTERNET_ADDRESS, 4000, lab.ROUTER)
    values.update(Reach='home')
    probes.assert_answers(False, INTERNET_ADDRESS, 4000, lab.ROUTER)
    probes.assert_answers(True, lab.HOME_ADDRESS, 4000, lab.HOME)
    lab.control('group', 'set', 'all', 'reach=all')
    probes.assert_answers(False, INTERNET_ADDRESS, 4000, lab.ROUTER)
    lab.control('group', 'set', 'all', 'reach=server')  # at once, for who is connected
    probes.assert_answers(False, lab.HOME_ADDRESS, 4000, lab.HOME)
    probes.assert_answers(True, '192.168.50.1', 4000, lab.SERVER)
    values.update(Reach='')
    lab.control('group', 'set', 'all', 'reach=internet')
    probes.assert_answers(True, INTERNET_ADDRESS, 4000, lab.ROUTER)
    probes.assert_answers(False, lab.HOME_ADDRESS, 4000, lab.HOME)
    lab.control('group', 'set', 'all', 'reach=')
    probes.assert_answers(True, lab.HOME_ADDRESS, 4000, lab.HOME)
    leave(client)


def who_loses_the_group_is_disconnected_and_others_are_not():
    make_groups()
    lab.control('user', 'add', 'bert', '--password-file', '/dev/stdin', input='a long enough one\n')
    lab.control('user', 'set', 'bert', 'groups=all')
    there = lab.add_client_namespace('client2', 3)
    other = Client('--user', 'bert', '--authgroup', 'all', namespace=there, password='a long enough one').wait_connected()
    for change in (('user', 'set', USER, 'groups=all'), ('group', 'remove', 'home')):
        client = connect('--authgroup', 'home')
        lab.control(*change)
        lab.holds(client.wait_exit(30) != 0, 'it goes on')
        lab.holds('You may not connect in this group any more' in client.log(), client.log()[-2000:])
        os.unlink(client.log_path)
        row = lab.control_json('history', '--limit', '5', '--user', USER)['history'][0]
        lab.equal((row['group'], row['reason']), ('home', 'group'), 'the session in the history')
        if change[0] == 'user':
            lab.control('user', 'set', USER, 'groups=home,all')
    lab.equal(lab.control_json('user', 'show', USER)['groups'], ['all'], 'groups of the person')
    lab.control('group', 'add', 'home')
    lab.equal(lab.control_json('user', 'show', USER)['groups'], ['all'], 'groups of the person, with another of that name')
    lab.holds(other.process.poll() is None, 'another person was disconnected')
    lab.equal([(s['login'], s['group']) for s in lab.sessions()], [('bert', 'all')], 'sessions')


def a_session_keeps_its_group_over_reconnects_and_the_death_of_rooms():
    make_groups()
    connect('--authgroup', 'all')
    old = lab.sessions()[0]['id']
    rooms.kill(int(os.environ['LAB_SERVER_PID']))
    # The bus has its name back when nothing of it is left.
    lab.wait_until('the end of its rooms', lambda: not rooms.processes(), 10)
    server = subprocess.Popen([os.environ['LAB_START_SERVER']])
    # Whoever asks the bus before has it start another one.
    lab.wait_until('the server', lambda: lab.server_log().count('starting → on') == 2, 30)
    lab.wait_until('the client', lambda: _sessions_or_nothing() == [(old, 'all')], 60)
    lab.wait_until('its way', lambda: way_of(INTERNET_ADDRESS), 20)
    probes.assert_answers(True, INTERNET_ADDRESS, 4000, lab.ROUTER)
    server.terminate()
    lab.equal(server.wait(30), 0, 'status of the server')


def _sessions_or_nothing():
    try:
        return [(s['id'], s['group']) for s in lab.sessions() if s['state'] == 'connected']
    except AssertionError:
        return []
