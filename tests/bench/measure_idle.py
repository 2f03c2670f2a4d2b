#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""measure_idle.py SECONDS: what idle sessions hold and spend, of all processes of the server; one JSON object.

OpenVPN's clients are processes, so there are fewer of them; a session of WireGuard is a peer that it knows."""

import subprocess
import sys
import time

import measuring

import lab
import server
import swarm
from accounts import add_users

SESSIONS, VPN_SESSIONS, AT_ONCE, PATIENCE = 200, 50, 20, 120


def open_ours():
    clients = swarm.Swarm(add_users())
    return SESSIONS, lambda: lab.equal(clients.ask('open', SESSIONS, AT_ONCE, PATIENCE)['tunnels'], SESSIONS, 'tunnels')


def open_openvpn():
    import openvpn
    command = ['ip', 'netns', 'exec', lab.CLIENT, 'openvpn', '--config', openvpn.client_file(), '--ifconfig-noexec', '--route-noexec',
               '--dev-type', 'tun']

    def connect():
        for number in range(VPN_SESSIONS):
            subprocess.Popen([*command, '--dev', f'vpn{number}', '--log', f'/run/vpn-{number}.log'])
            time.sleep(0.1)  # it lets in a hundred in ten seconds
        lab.wait_until('all clients', lambda: all(is_connected(f'/run/vpn-{number}.log') for number in range(VPN_SESSIONS)), 60)
    return VPN_SESSIONS, connect


def is_connected(path):
    with open(path, encoding='utf-8', errors='replace') as file:
        return 'Initialization Sequence Completed' in file.read()


def open_wireguard():
    import wireguard

    def connect():
        for number in range(SESSIONS):
            public = lab.run('wg', 'pubkey', input=lab.run('wg', 'genkey')).strip()
            lab.run('wg', 'set', wireguard.SERVER_DEVICE, 'peer', public, 'allowed-ips',
                    f'10.71.0.{number}/32', namespace=lab.SERVER)
    return SESSIONS, connect


OPEN = {'sallyport': open_ours, 'ocserv': open_ours, 'openvpn': open_openvpn, 'wireguard': open_wireguard}


def main(seconds):
    sessions, connect = OPEN[server.PRODUCT]()
    group, found = server.Group(), {}
    # What was needed to add users is given back by then.
    time.sleep(measuring.CALM_SECONDS)
    before = group.memory()
    connect()
    time.sleep(measuring.CALM_SECONDS)
    after = group.memory()
    found['pss'], found['uss'] = ((late - early) / sessions for early, late in zip(before, after))
    with server.Spending(group) as spent:
        time.sleep(seconds)
    # Of as many as the others have.
    found['cpu'] = spent.seconds * 3600 / seconds * SESSIONS / sessions
    measuring.tell(found)


if __name__ == '__main__':
    main(int(sys.argv[1]))
