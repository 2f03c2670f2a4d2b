#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""measure_login.py: how long it takes from the beginning of a connection to the first answer through the tunnel, alone and with a
hundred others connected; and from the start of a stock client; one JSON object, milliseconds."""

import contextlib
import os
import signal
import socket
import statistics
import struct
import time

import measuring

import lab
import server
import swarm
import tunnels
from client import Client
from accounts import add_users, take_our_verifiers

LOGINS, OTHERS, STARTS, PATIENCE = 15, 100, 5, 60
AT_ONCE = 20
HASH = os.path.join(os.environ['LAB_BUILD'], 'tests/bench/limits/limit-hash')
QUIET_SECONDS = 2.5  # then a return is no quick one, which servers may slow down
PING_SECONDS = 0.002
PINGS_SECONDS = 20


def keep(found, name, microseconds):
    found[name] = statistics.median(microseconds) / 1e3


def log_in(clients, found, words):
    told = clients.ask('open', LOGINS, 1, PATIENCE)
    keep(found, f'password {words}', told['replied'])
    keep(found, f'datagrams {words}', told['datagrams_took'])
    clients.ask('break', LOGINS)
    time.sleep(QUIET_SECONDS)
    told = clients.ask('return', 1, PATIENCE)
    keep(found, f'cookie {words}', told['replied'])
    clients.ask('leave', LOGINS)


def hash_a_password(found):
    """What no sign-in that verifies one of ours is shorter than."""
    keep(found, 'hash', list(map(int, lab.run(HASH, str(LOGINS)).split())))


def with_verifiers_of_ocpasswd(logins, found):
    clients = swarm.Swarm(logins)
    clients.ask('greet', 1)
    keep(found, 'password of ocpasswd', clients.ask('open', LOGINS, 1, PATIENCE)['replied'])
    clients.ask('leave', LOGINS)
    clients.end()


def with_our_clients(logins, found):
    clients = swarm.Swarm(logins)
    clients.ask('greet', 1)
    log_in(clients, found, 'alone')
    clients.ask('greet', 0)
    # The others are the oldest then, so they are ended first: the measured ones come and go before.
    clients.ask('open', OTHERS, AT_ONCE, PATIENCE)
    clients.ask('greet', 1)
    told = clients.ask('open', LOGINS, 1, PATIENCE)
    keep(found, 'password crowded', told['replied'])
    keep(found, 'datagrams crowded', told['datagrams_took'])
    clients.end()


def echo_request(number):
    head = struct.pack('!BBHHH', 8, 0, 0, 0, number)
    return head


def wait_for_answer(seconds):
    """Asks home again and again, whichever way leads there now."""
    with lab.inside(lab.CLIENT):
        asker = socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_ICMP)
    asker.settimeout(PING_SECONDS)
    until, number = time.monotonic() + seconds, 0
    with contextlib.closing(asker):
        while time.monotonic() < until:
            number = (number + 1) % 65536
            try:
                asker.sendto(echo_request(number), (lab.HOME_ADDRESS, 0))
                if asker.recvfrom(1500)[1][0] == lab.HOME_ADDRESS:
                    return
            except OSError:
                time.sleep(PING_SECONDS)  # no way yet
    raise AssertionError('no answer from home')


class OpenConnect:
    def __init__(self):
        self.client = Client()
        self.process = self.client.process

    def end(self):
        self.client.disconnect()


class Other:
    def __init__(self):
        if server.PRODUCT == 'openvpn':
            self.process = tunnels.OpenVpnTunnel.start(False)
        else:
            import wireguard
            self.process = wireguard.start_client()

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(20)


def start_stock(found):
    times = []
    for _ in range(STARTS):
        began = time.monotonic()
        client = (Other if server.PRODUCT in tunnels.STOCK else OpenConnect)()
        wait_for_answer(PINGS_SECONDS)
        times.append((time.monotonic() - began) * 1e6)
        client.end()
        time.sleep(0.5)
    keep(found, 'stock', times)


def main():
    found, logins = {}, add_users() if 'load datagrams' in tunnels.KINDS[server.PRODUCT] else []
    if server.PRODUCT == 'ocserv':
        with_verifiers_of_ocpasswd(logins, found)
        take_our_verifiers([os.environ['LAB_USER'], *logins])
    start_stock(found)
    if server.PRODUCT == 'limit':
        hash_a_password(found)
    if logins:
        with_our_clients(logins, found)
    measuring.tell(found)


if __name__ == '__main__':
    main()
