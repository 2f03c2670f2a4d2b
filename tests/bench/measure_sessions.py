#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""measure_sessions.py SESSIONS IDLE-SECONDS: in a lab, what its server spends on having clients; one JSON object.

Clients are swarm.c's: TLS and DTLS, each with its own address.  How long signing in and coming back by
cookie take, from the TCP connection to the answer to CONNECT, with one, ten and a hundred arriving at
once; memory and idle CPU time of the whole server with 200 and with all sessions; how long they take to
end, and for how long main answered nobody on the bus meanwhile.
"""

import os
import statistics
import sys
import threading
import time

import measuring

import lab
import server
import swarm
from accounts import add_users, take_our_verifiers

IS_OURS = server.IS_OURS
FEW, PATIENCE = 200, 180
OCSERV_ITSELF = 3  # its first process and those with the secrets
AT_ONCE, CROWDS = 20, ((1, 20), (10, 3), (100, 1))  # how many at once, how often
BUS = ('org.sallyport.Sallyport1', '/org/sallyport/Sallyport1/Server', 'org.sallyport.Sallyport1.Server')


class Memory:
    def __init__(self, group):
        main = int(os.environ['LAB_SERVER_PID'])
        self.pss, self.uss = group.memory()
        self.main = server.memory_of([main])[1]

    def since(self, before, sessions):
        return {'pss_kb': (self.pss - before.pss) / sessions, 'uss_kb': (self.uss - before.uss) / sessions,
                'main_kb': (self.main - before.main) / sessions}


class Listener(threading.Thread):
    """Asks main for a property again and again: how long did it keep somebody waiting?"""

    def __init__(self):
        super().__init__(daemon=True)
        self.longest, self.over = 0.0, False
        if IS_OURS:
            self.start()

    def run(self):
        from gi.repository import Gio, GLib
        connection = Gio.bus_get_sync(Gio.BusType.SYSTEM)
        question = GLib.Variant('(ss)', (BUS[2], 'State'))
        while not self.over:
            began = time.monotonic()
            connection.call_sync(BUS[0], BUS[1], 'org.freedesktop.DBus.Properties', 'Get', question, None, 0, -1, None)
            self.longest = max(self.longest, time.monotonic() - began)
            time.sleep(0.002)

    def stop(self):
        self.over = True
        return self.longest


def percentiles(microseconds):
    ordered = sorted(microseconds)
    return {'p50_ms': statistics.median(ordered) / 1e3, 'p95_ms': ordered[min(len(ordered) - 1, len(ordered) * 95 // 100)] / 1e3}


def arrivals(clients, ask, crowd, times):
    seen = []
    for _ in range(times if crowd > 1 else 1):
        answer = ask(clients, crowd if crowd > 1 else times, crowd)
        seen += answer['connected']
    return {**percentiles(seen), 'clients': len(seen)}


def sign_in(clients, count, at_once):
    return clients.ask('open', count, at_once, PATIENCE)


def come_back(clients, count, at_once):
    clients.ask('break', count)
    time.sleep(2.5)  # so that it is no quick return, which both servers may slow down
    return clients.ask('return', at_once, PATIENCE)


def fill(clients, wanted):
    """Returns how long the rest of them took."""
    missing = wanted - clients.ask('state')['tunnels']
    answer = clients.ask('open', missing, AT_ONCE, PATIENCE)
    reached = clients.ask('ping', 20)
    if reached['answered'] < wanted:
        print(f'only {reached["answered"]} of {wanted} reach home', file=sys.stderr)
    return {'new': missing, 'seconds': answer['microseconds'] / 1e6, 'answered': reached['answered']}


def idle(group, seconds):
    with server.Spending(group) as spent:
        time.sleep(seconds)
    return spent.seconds * 3600 / seconds


def count_sessions():
    if IS_OURS:
        return len(lab.sessions())
    return len(server.tree()) - OCSERV_ITSELF


def measure(clients, sessions, seconds):
    group = server.Group()
    # What was needed to add users is given back by then.
    time.sleep(measuring.CALM_SECONDS)
    found, before = {}, Memory(group)
    for crowd, times in CROWDS:
        found[f'sign-in {crowd}'] = arrivals(clients, sign_in, crowd, times)
    for crowd, times in CROWDS:
        found[f'return {crowd}'] = arrivals(clients, come_back, crowd, times)
    for wanted in (FEW, sessions):
        ear = Listener()
        found[f'connect {wanted}'] = {**fill(clients, wanted), 'main_silent_ms': ear.stop() * 1e3}
        time.sleep(measuring.CALM_SECONDS)
        found[f'memory {wanted}'] = Memory(group).since(before, wanted)
        found[f'idle {wanted}'] = {'cpu_seconds_an_hour': idle(group, seconds)}
    if IS_OURS:
        began = time.monotonic()
        lab.equal(len(lab.sessions()), sessions, 'sessions that are listed')
        found['list'] = {'seconds': time.monotonic() - began}
    ear, began = Listener(), time.monotonic()
    clients.ask('leave', sessions)
    lab.wait_until('the end of all sessions', lambda: count_sessions() <= 0, 60)
    found['end'] = {'seconds': time.monotonic() - began, 'main_silent_ms': ear.stop() * 1e3}
    return found


def main(sessions, seconds):
    logins = add_users()
    if server.PRODUCT == 'ocserv':
        take_our_verifiers(logins)
    clients = swarm.Swarm(logins)
    found = measure(clients, sessions, seconds)
    clients.end()
    measuring.tell(found)


if __name__ == '__main__':
    main(int(sys.argv[1]), int(sys.argv[2]))
