# SPDX-License-Identifier: GPL-2.0-or-later
"""Data that goes home and back."""

import itertools
import json
import os
import subprocess
import sys

import lab
import server

BUILD = os.environ.get('LAB_BUILD', os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../build'))
DATAGRAMS = os.path.join(BUILD, 'tests/bench/datagrams')
HOLE = 9   # RFC 863
KNOCK = 10  # from here home sends to whoever sent something there: the way there and back is one for the server's NAT


TRIES = 3
ports = itertools.count(5210)


class Stream:
    """One TCP stream of iperf3 with an end at home of its own: one that serves all goes on with a broken one for long.
    yields: both ends run when nobody else wants the CPU."""

    def __init__(self, direction, seconds, megabits=None, yields=False):
        port = str(next(ports))
        iperf = ['chrt', '--idle', '0', 'iperf3'] if yields else ['iperf3']
        self.home = subprocess.Popen(['ip', 'netns', 'exec', lab.HOME, *iperf, '--server', '--one-off', '--port', port],
                                     stdout=subprocess.DEVNULL)
        lab.wait_until('iperf3 at home', lambda: lab.run('ss', '-Hltn', f'sport = :{port}', namespace=lab.HOME), 10)
        self.seconds = seconds
        self.process = subprocess.Popen(
            ['ip', 'netns', 'exec', lab.CLIENT, *iperf, '--json', '--client', lab.HOME_ADDRESS, '--port', port, '--time', str(seconds),
             *(['--reverse'] if direction == 'down' else []), *(['--bitrate', f'{megabits:.0f}M'] if megabits else [])],
            stdout=subprocess.PIPE, text=True)

    def finish(self):
        """(bytes, bits a second) where it arrived; None if it broke, in words on the error stream."""
        try:
            told = json.loads(self.process.communicate(timeout=self.seconds + 60)[0])
        finally:
            self.home.kill()
            self.home.wait()
        if 'error' in told:
            print(f'iperf3: {told["error"]}', file=sys.stderr)
            return None
        return told['end']['sum_received']['bytes'], told['end']['sum_received']['bits_per_second']


def several_times(attempt):
    """What attempt() returns the first time that it returns anything."""
    for _ in range(TRIES):
        if seen := attempt():
            return seen
    raise AssertionError(f'iperf3 broke {TRIES} times')


def transfer(group, direction, seconds):
    """(bytes, bits a second, seconds that the server's group spent meanwhile)"""
    def attempt():
        with server.Spending(group) as spent:
            seen = Stream(direction, seconds).finish()
        return seen and (*seen, spent.seconds)
    return several_times(attempt)


class Hole:
    """A port that nobody reads, whose kernel counts what comes."""

    def __init__(self, namespace):
        self.namespace = namespace
        self.process = subprocess.Popen(['ip', 'netns', 'exec', namespace, DATAGRAMS, 'hole', str(HOLE)], stdout=subprocess.PIPE)
        lab.holds(self.process.stdout.readline(), f'no port in {namespace}')
        # Until its buffer is full, which the kernel tells of.
        lab.run('ip', 'netns', 'exec', namespace, DATAGRAMS, 'send', '1000', '10000', '20', '0', str(HOLE), '127.0.0.1')
        lab.holds(self.arrived() > 0, 'nothing is counted')

    def arrived(self):
        with lab.inside(self.namespace), open('/proc/thread-self/net/snmp', encoding='ascii') as file:
            names, values = (line.split()[1:] for line in file if line.startswith('Udp:'))
        return int(dict(zip(names, values))['RcvbufErrors'])

    def close(self):
        self.process.kill()
        self.process.wait()


def send(namespace, size, rate, milliseconds, ports, *addresses):
    """(sent, seconds); ports: (from, to)"""
    told = json.loads(lab.run('ip', 'netns', 'exec', namespace, DATAGRAMS, 'send', str(size), str(rate), str(milliseconds),
                              *map(str, ports), *addresses))
    return told['sent'], told['microseconds'] / 1e6
