#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""measure_pings.py: round trips through idle tunnels; one JSON object.

Where the kernel puts the processes of a tunnel, and how fast a virtual CPU that sleeps is given back by its host, tells more of
them than which server it is, and goes on for many seconds.  So a visit to each server is short, and there are many rounds."""

import measuring

import round_trips

PINGS = 400


def main():
    found = {}
    for kind in round_trips.kinds():
        with round_trips.separate_tunnel(kind):
            round_trips.keep(found, f'{kind} idle', round_trips.ping(PINGS))
    measuring.tell(found)


if __name__ == '__main__':
    main()
