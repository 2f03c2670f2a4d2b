#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""measure_crowd.py: one, ten and a hundred load clients at once, a TCP stream through each; one JSON object."""

import json
import os
import subprocess

import measuring

import lab
import server
import swarm
import tunnels
from load import Load
from accounts import add_users

PROGRAM = os.path.join(measuring.HERE, 'streams.py')
PORT, SECONDS, CROWDS = 5300, 3, (1, 10, 100)


def carry(group, addresses, direction):
    with server.Spending(group) as spent:
        told = json.loads(lab.run('/usr/bin/python3', PROGRAM, direction, str(SECONDS), lab.HOME_ADDRESS, str(PORT), *addresses,
                                  namespace=swarm.NAMESPACE, timeout=120))
    return sum(told['bytes']), told['seconds'], min(told['bytes']) * len(addresses) / max(1, sum(told['bytes'])), spent.seconds


def main():
    home = subprocess.Popen(['ip', 'netns', 'exec', lab.HOME, '/usr/bin/python3', PROGRAM, 'serve', str(PORT)])
    # Each client has an address of its own, as in life: servers slow one down that signs in often.
    swarm.add_namespace()
    logins, found = add_users(), {}
    for crowd in CROWDS:
        client, group = Load('--cipher', tunnels.CIPHER, '--source', swarm.FIRST_SOURCE, clients=crowd, logins=logins,
                             namespace=swarm.NAMESPACE), server.Group()
        server.separate_cpus(group)
        for direction in ('up', 'down'):
            size, seconds, least, spent = carry(group, client.addresses, direction)
            found[f'{crowd} {direction} gbit'] = size * 8 / seconds / 1e9
            found[f'{crowd} {direction} cpu'] = spent / (size / 1e9)
            found[f'{crowd} {direction} least'] = least
        group.end()
        server.share_cpus()
        client.disconnect()
    home.kill()
    measuring.tell(found)


if __name__ == '__main__':
    main()
