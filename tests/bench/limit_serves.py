#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""limit_serves.py: in a lab of the limit program, that it does what is measured of it: packets go both ways over each channel, whole;
clients come back by cookie; who does not know the password stays out; and who only receives sends nothing home."""

import measuring  # nocheck: it says where modules are

import lab
import measure_packets
import swarm
import traffic
import tunnels
from measure_login import HASH
from accounts import add_users
from measure_setups import PORT_APART

CLIENTS, AT_ONCE, PATIENCE = 12, 4, 30
SIZE, RATE, MILLISECONDS = 1400, 2000, 300


def carry(kind):
    """A stream each way; pings answered."""
    tunnel = tunnels.open_tunnel(kind)
    for direction in ('up', 'down'):
        size, _ = traffic.several_times(traffic.Stream(direction, 1).finish)
        lab.holds(size > 100_000, f'{kind} {direction}: {size} bytes')
    lab.equal(tunnel.client.counters()['broken'] if kind.startswith('load') else 0, 0, f'{kind}: packets with a wrong checksum')
    tunnel.close()


def come_back():
    clients = swarm.Swarm(add_users())
    clients.ask('greet', 1)
    lab.equal(len(clients.ask('open', CLIENTS, AT_ONCE, PATIENCE)['connected']), CLIENTS, 'clients that signed in')
    clients.ask('break', CLIENTS)
    lab.equal(len(clients.ask('return', AT_ONCE, PATIENCE)['replied']), CLIENTS, 'clients that came back and had an answer')
    lab.equal(len(clients.ask('shake', CLIENTS, AT_ONCE, PATIENCE)['connected']), CLIENTS, 'handshakes')
    clients.end()
    # Whose key is elsewhere.
    clients = swarm.Swarm(add_users(), 'tls', PORT_APART)
    lab.equal(len(clients.ask('open', CLIENTS, AT_ONCE, PATIENCE)['connected']), CLIENTS, 'clients that signed in where the key is elsewhere')
    clients.ask('break', CLIENTS)
    lab.equal(len(clients.ask('return', AT_ONCE, PATIENCE)['connected']), CLIENTS, 'clients that came back there')
    lab.equal(len(clients.ask('shake', CLIENTS, AT_ONCE, PATIENCE)['connected']), CLIENTS, 'handshakes by a key that is elsewhere')
    clients.end()


def send_home(home, **options):
    """Packets that arrive of a steady stream."""
    client = measure_packets.ByLoad(**options)
    road = measure_packets.Road(client, home, 'up')
    sent, arrived, _ = road.carry(SIZE, RATE, MILLISECONDS)
    client.close()
    return sent, arrived


def hash_passwords():
    took = list(map(int, lab.run(HASH, '3').split()))
    lab.equal(len(took), 3, 'hashes')
    lab.holds(min(took) > 1000, f'a hash in {min(took)} µs is no dear one')


def main():
    hash_passwords()
    for kind in ('load datagrams', 'load stream', 'stock datagrams', 'stock stream'):
        carry(kind)
    come_back()
    home = traffic.Hole(lab.HOME)
    sent, arrived = send_home(home)
    lab.holds(arrived > sent / 2, f'{arrived} of {sent} came home')
    before = measure_packets.received_by_server()
    sent, arrived = send_home(home, logins=[measure_packets.RECEIVER])
    lab.equal(arrived, 0, 'packets that came home though they were to be forgotten')
    lab.holds(measure_packets.received_by_server() - before > sent / 2, 'the receiver received nothing')
    home.close()
    lab.holds(not lab.succeeds('sh', '-c', 'echo wrong | openconnect --non-inter --authenticate --user x --passwd-on-stdin '
                                           '--servercert "$LAB_PIN" "$LAB_URL"', namespace=lab.CLIENT), 'a wrong password was right')


if __name__ == '__main__':
    main()
