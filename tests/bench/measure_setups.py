#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""measure_setups.py: how many clients one CPU could let in a second; one JSON object.

That is what all processes of the server spend, also those that have ended since, for one; clients arrive some at a time."""

import time

import measuring

import server
import swarm
from accounts import add_users

SESSIONS, TIMES, AT_ONCE, PATIENCE = 100, 3, 8, 60
SHAKES, WAVES = 50, 6  # a second apart: strangers beyond that may have to wait, which is no work
QUIET_SECONDS = 2.5  # then a return is no quick one, which servers may slow down
SETTLE_SECONDS = 0.5
PORT_APART = 444  # of limit-server.c


def come_back(clients, group):
    """CPU seconds for one"""
    clients.ask('break', SESSIONS)
    time.sleep(QUIET_SECONDS)
    with server.Spending(group) as spent:
        told = clients.ask('return', AT_ONCE, PATIENCE)
        time.sleep(SETTLE_SECONDS)
    return spent.seconds / len(told['connected']), told['microseconds'] / 1e6 / len(told['connected'])


def shake_hands(clients, group):
    """(CPU seconds, seconds) for one"""
    spent_seconds = seconds = 0
    for _ in range(WAVES):
        time.sleep(1)
        with server.Spending(group) as spent:
            told = clients.ask('shake', SHAKES, AT_ONCE, PATIENCE)
            time.sleep(SETTLE_SECONDS)
        spent_seconds += spent.seconds / len(told['connected'])
        seconds += told['microseconds'] / 1e6 / len(told['connected'])
    return spent_seconds / WAVES, seconds / WAVES


def measure(group, found, words='', **where):
    """words: behind those of each figure."""
    clients = swarm.Swarm(add_users(), 'tls', **where)
    clients.ask('open', SESSIONS, AT_ONCE, PATIENCE)
    seen = [come_back(clients, group) for _ in range(TIMES)]
    found[f'cookie{words} a core'] = TIMES / sum(spent for spent, _ in seen)
    found[f'cookie{words} a second'] = TIMES / sum(seconds for _, seconds in seen)
    spent, took = shake_hands(clients, group)
    found[f'handshakes{words} a core'], found[f'handshakes{words} a second'] = 1 / spent, 1 / took
    clients.end()


def main():
    group, found = server.Group(), {}
    server.separate_cpus(group)
    measure(group, found)
    if server.PRODUCT == 'limit':
        measure(group, found, ' apart', port=PORT_APART)
    group.end()
    measuring.tell(found)


if __name__ == '__main__':
    main()
