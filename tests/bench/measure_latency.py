#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""measure_latency.py [UP DOWN]: round trips through tunnels that are idle, full, and carry UP and DOWN Mbit/s; one JSON object."""

import contextlib
import re
import statistics
import sys
import time

import measuring

import lab
import server
import traffic
import tunnels

INTERVAL, IDLE_PINGS, LOADED_PINGS = 0.005, 400, 500
LOAD_SECONDS = 4
# Where the kernel puts the processes of a tunnel tells more of an idle one's round trips than which server it is.
IDLE_TUNNELS = 5
KINDS = ('load datagrams', 'stock datagrams', 'stock stream')


def ping(count):
    """Milliseconds; what is lost is none of them."""
    words = lab.run('ping', '-i', str(INTERVAL), '-c', str(count), '-W', '1', lab.HOME_ADDRESS, namespace=lab.CLIENT, check=False)
    times = [float(time_) for time_ in re.findall(r'time=([0-9.]+) ms', words)]
    lab.holds(len(times) > count / 2, f'{len(times)} of {count} answers')
    return times


def keep(found, name, *runs):
    """Of a percentile of each run the median."""
    for word, part in (('p50', 0.5), ('p99', 0.99)):
        found[f'{name} {word}'] = statistics.median(measuring.percentile(times, part) for times in runs)


@contextlib.contextmanager
def separate_tunnel(kind):
    """The server has a CPU for itself."""
    tunnel, group = tunnels.open_tunnel(kind), server.Group()
    server.separate_cpus(group)
    yield
    tunnel.close()
    group.end()


def idle(kind):
    with separate_tunnel(kind):
        return ping(IDLE_PINGS)


def loaded(direction, megabits=None):
    """(round trips, Mbit/s)"""
    def attempt():
        # Else a ping waits at the client for iperf3's slices of its CPU, whichever server it is.
        stream = traffic.Stream(direction, LOAD_SECONDS, megabits, yields=True)
        time.sleep(0.8)
        times = ping(LOADED_PINGS)
        seen = stream.finish()
        return seen and (times, seen[1] / 1e6)
    return traffic.several_times(attempt)


def measure(kind, rates, found):
    keep(found, f'{kind} idle', *(idle(kind) for _ in range(IDLE_TUNNELS)))
    with separate_tunnel(kind):
        for direction, rate in zip(('up', 'down'), rates.get(kind, (None, None))):
            times, speed = loaded(direction)
            keep(found, f'{kind} full {direction}', times)
            found[f'{kind} full {direction} mbit'] = speed
            if rate:
                times, found[f'{kind} alike {direction} mbit'] = loaded(direction, rate)
                keep(found, f'{kind} alike {direction}', times)


def main(arguments):
    # kind, up, down; …
    rates = {kind: (float(up), float(down)) for kind, up, down in zip(*[iter(arguments)] * 3)}
    found = {}
    for kind in KINDS:
        if kind in tunnels.KINDS[server.PRODUCT]:
            measure(kind, rates, found)
    measuring.tell(found)


if __name__ == '__main__':
    main(sys.argv[1:])
