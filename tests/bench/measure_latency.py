#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""measure_latency.py [KIND UP DOWN]…: round trips through tunnels that are full, and that carry UP and DOWN Mbit/s; one JSON object."""

import sys
import time

import measuring

import round_trips
import traffic

PINGS = 500
LOAD_SECONDS = 4


def loaded(direction, megabits=None):
    """(round trips, Mbit/s)"""
    def attempt():
        # Else a ping waits at the client for iperf3's slices of its CPU, whichever server it is.
        stream = traffic.Stream(direction, LOAD_SECONDS, megabits, yields=True)
        time.sleep(0.8)
        times = round_trips.ping(PINGS)
        seen = stream.finish()
        return seen and (times, seen[1] / 1e6)
    return traffic.several_times(attempt)


def measure(kind, rates, found):
    with round_trips.separate_tunnel(kind):
        for direction, rate in zip(('up', 'down'), rates.get(kind, (None, None))):
            times, speed = loaded(direction)
            round_trips.keep(found, f'{kind} full {direction}', times)
            found[f'{kind} full {direction} mbit'] = speed
            if rate:
                times, found[f'{kind} alike {direction} mbit'] = loaded(direction, rate)
                round_trips.keep(found, f'{kind} alike {direction}', times)


def main(arguments):
    rates = {kind: (float(up), float(down)) for kind, up, down in zip(*[iter(arguments)] * 3)}
    found = {}
    for kind in round_trips.kinds():
        measure(kind, rates, found)
    measuring.tell(found)


if __name__ == '__main__':
    main(sys.argv[1:])
