# SPDX-License-Identifier: GPL-2.0-or-later
"""Stories of many clients at one time."""

import lab
import swarm

SESSIONS, AT_ONCE = 200, 20


def _all_reach_home(clients, count):
    answer = clients.ask('ping', 15)
    lab.equal((answer['tunnels'], answer['answered']), (count, count), 'tunnels, and those through which home answers')


def _sessions_are(count):
    lab.wait_until(f'{count} sessions on DTLS', lambda: [s['transport'] for s in lab.sessions()] == count * ['dtls'], 15)


def two_hundred_sessions_go_on_while_half_of_them_come_and_go():
    """LAB_SETTINGS: room for them."""
    clients = swarm.Swarm(swarm.add_users(20))
    lab.equal(clients.ask('open', SESSIONS, AT_ONCE, 60)['tunnels'], SESSIONS, 'tunnels')
    _all_reach_home(clients, SESSIONS)
    _sessions_are(SESSIONS)
    before = {session['id']: session['addresses'] for session in lab.sessions()}
    # Everybody else goes on while half are away and when they come back, each to its own session.
    lab.equal(clients.ask('break', SESSIONS // 2)['away'], SESSIONS // 2, 'clients that are away')
    _all_reach_home(clients, SESSIONS // 2)
    lab.equal(clients.ask('return', AT_ONCE, 30)['tunnels'], SESSIONS, 'tunnels')
    _all_reach_home(clients, SESSIONS)
    _sessions_are(SESSIONS)
    lab.equal({session['id']: session['addresses'] for session in lab.sessions()}, before, 'sessions and their addresses')
    clients.ask('leave', SESSIONS // 2)
    _all_reach_home(clients, SESSIONS // 2)
    _sessions_are(SESSIONS // 2)
    lab.equal(clients.ask('open', SESSIONS // 4, AT_ONCE, 30)['tunnels'], SESSIONS * 3 // 4, 'tunnels')
    _all_reach_home(clients, SESSIONS * 3 // 4)
    clients.ask('leave', SESSIONS)
    _sessions_are(0)
