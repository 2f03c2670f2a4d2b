#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""measure_bulk.py: one TCP stream of iperf3 through each kind of tunnel, both ways; one JSON object.

First the server has a CPU for itself, then its system calls are counted; then, with
stock clients, it shares both with everybody."""

import measuring

import server
import traffic
import tunnels

PINNED_SECONDS, SHARED_SECONDS, COUNTED_SECONDS = 3, 2, 1


def measure(group, tunnel, kind, direction, found):
    server.separate_cpus(group)
    size, speed, spent = traffic.transfer(group, direction, PINNED_SECONDS)
    found[f'{kind} {direction} cpu'] = spent / (size / 1e9)
    found[f'{kind} {direction} gbit'] = speed / 1e9
    counter, packets = server.CallCounter(group), tunnel.packets()
    traffic.transfer(group, direction, COUNTED_SECONDS)
    packets = tunnel.packets() - packets
    found[f'{kind} {direction} calls'] = counter.stop() / packets
    if 'stock' in kind:
        server.share_cpus()
        _, speed, _ = traffic.transfer(group, direction, SHARED_SECONDS)
        found[f'{kind} {direction} shared gbit'] = speed / 1e9


def main():
    found = {}
    for kind in tunnels.KINDS[server.PRODUCT]:
        tunnel, group = tunnels.open_tunnel(kind), server.Group()
        for direction in ('up', 'down'):
            measure(group, tunnel, kind, direction, found)
        tunnel.close()
        group.end()
    measuring.tell(found)


if __name__ == '__main__':
    main()
