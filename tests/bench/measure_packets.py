#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""measure_packets.py: UDP packets through a tunnel, the sizes with their IP header; one JSON object.

The load client makes and counts those of our protocol; for others that is done behind the stock client's device.  Each
datagram of the load client comes to the server alone, as those of stock clients do, since its network card cuts none."""

import time

import measuring

import lab
import server
import traffic
import tunnels
import world
from load import Load

SIZES = (64, 512, 1400)
FLOOD_MS, STEADY_MS, STEP_MS = 2000, 1500, 300
STEADY_RATE = 60000
FIRST_RATE, FACTOR, LOWEST_RATE, HIGHEST_RATE = 40000, 1.5, 5000, 1500000
LOSS = 0.005
SETTLE_SECONDS = 0.2
RECEIVER = 'receiver'  # who signs in so at the limit program has it receive and forget


class ByLoad:
    """Our own client, without a device."""

    def __init__(self, **options):
        lab.run('ethtool', '-K', 'eth0', 'tx-udp-segmentation', 'off', namespace=lab.CLIENT)
        self.client = Load('--cipher', tunnels.CIPHER, device=False, **options)

    def send_up(self, size, rate, milliseconds, port=traffic.HOLE):
        told = self.client.ask('flood', size, rate, milliseconds, port)
        return told['sent'], told['microseconds'] / 1e6

    def received(self):
        return self.client.counters()['received']

    def close(self):
        self.client.disconnect()


class ByStock:
    def __init__(self):
        self.tunnel = tunnels.open_tunnel('stock datagrams')
        self.hole = traffic.Hole(lab.CLIENT)

    def send_up(self, size, rate, milliseconds, port=traffic.HOLE):
        return traffic.send(lab.CLIENT, size, rate, milliseconds, (traffic.HOLE, port), lab.HOME_ADDRESS)

    def received(self):
        return self.hole.arrived()

    def close(self):
        self.hole.close()
        self.tunnel.close()


class Road:
    """One direction: how much is sent, how much arrives."""

    def __init__(self, client, home, direction):
        self.client, self.home, self.direction = client, home, direction

    def _arrived(self):
        return self.home.arrived() if self.direction == 'up' else self.client.received()

    def _settled(self):
        before = -1
        while (seen := self._arrived()) != before:
            before = seen
            time.sleep(SETTLE_SECONDS / 2)
        return seen

    def carry(self, size, rate, milliseconds):
        """(sent, arrived, seconds)"""
        if self.direction == 'down':
            self.client.send_up(64, 1, 1, traffic.KNOCK)
        before = self._settled()
        if self.direction == 'up':
            sent, seconds = self.client.send_up(size, rate, milliseconds)
        else:
            sent, seconds = traffic.send(lab.HOME, size, rate, milliseconds, (traffic.KNOCK, traffic.HOLE), world.GATE_ADDRESS)
        return sent, self._settled() - before, seconds


def is_whole(sent, arrived):
    return arrived >= sent * (1 - LOSS)


def find_lossless(road, size):
    """The highest rate of the ladder that arrives, as it did; the sender may be its limit."""
    best, rate = 0.0, FIRST_RATE
    while rate <= HIGHEST_RATE:
        # A second try: one hiccup of the machine is no limit.
        for _ in range(2):
            sent, arrived, seconds = road.carry(size, int(rate), STEP_MS)
            if is_whole(sent, arrived):
                break
        if is_whole(sent, arrived):
            best = max(best, arrived / seconds)
            if sent / seconds < rate * 0.9:
                break  # it cannot send more
        elif best or rate <= LOWEST_RATE:
            break
        else:
            rate /= FACTOR * FACTOR
            continue
        rate *= FACTOR
    return best


def flood(road, group, size, found):
    with server.Spending(group) as spent:
        sent, arrived, seconds = road.carry(size, 0, FLOOD_MS)
    found[f'flood {size} kpps'] = arrived / seconds / 1e3
    found[f'flood {size} offered kpps'] = sent / seconds / 1e3
    found[f'flood {size} cpu'] = spent.seconds / (arrived * size / 1e9)
    found[f'flood {size} us'] = spent.seconds / arrived * 1e6


def received_by_server():
    """Datagrams that programs of its network took."""
    with lab.inside(lab.SERVER), open('/proc/thread-self/net/snmp', encoding='ascii') as file:
        names, values = (line.split()[1:] for line in file if line.startswith('Udp:'))
    return int(dict(zip(names, values))['InDatagrams'])


def flood_receiver(group, found):
    """What the same flood leaves to a program that does nothing with it: then the generator, the line and the system are the limit."""
    size, client = max(SIZES), ByLoad(logins=[RECEIVER])
    before = received_by_server()
    with server.Spending(group) as spent:
        sent, seconds = client.send_up(size, 0, FLOOD_MS)
    arrived = received_by_server() - before
    client.close()
    found[f'flood {size} received kpps'] = arrived / seconds / 1e3
    found[f'flood {size} received offered kpps'] = sent / seconds / 1e3
    found[f'flood {size} received us'] = spent.seconds / arrived * 1e6


def steady(road, group, size, found):
    with server.Spending(group) as spent:
        _, arrived, _ = road.carry(size, STEADY_RATE, STEADY_MS)
    found[f'steady {size} {road.direction} us'] = spent.seconds / arrived * 1e6


def main():
    home = traffic.Hole(lab.HOME)
    by_load = 'load datagrams' in tunnels.KINDS[server.PRODUCT]
    client, group, found = ByLoad() if by_load else ByStock(), server.Group(), {}
    server.separate_cpus(group)
    up, down = (Road(client, home, direction) for direction in ('up', 'down'))
    for size in SIZES:
        if by_load:
            flood(up, group, size, found)
        for road in (up, down):
            steady(road, group, size, found)
            if server.PRODUCT != 'limit':  # no goal asks for it
                found[f'lossless {size} {road.direction} kpps'] = find_lossless(road, size) / 1e3
    client.close()
    if server.PRODUCT == 'limit':
        flood_receiver(group, found)
    home.close()
    group.end()
    measuring.tell(found)


if __name__ == '__main__':
    main()
