# SPDX-License-Identifier: GPL-2.0-or-later
"""Clients that are never what a transfer waits for (../bench/load.c), in the client's namespace: one, or many in one process, which
share a device then, each with its own address inside."""

import json
import os
import subprocess
import sys

import lab
from client import read_password

PROGRAM = os.path.join(os.environ.get('LAB_BUILD', os.path.join(os.path.dirname(__file__), '../../build')), 'tests/bench/load')
DEVICE = 'load0'
NETWORK = '192.168.50.0/24'  # the lab's home


class Load:
    """Its tunnels are up when it is made, and with `device` the way home leads through them."""

    def __init__(self, *options, clients=1, device=True, logins=None, namespace=lab.CLIENT):
        self.namespace = namespace
        command = ['ip', 'netns', 'exec', namespace, PROGRAM, '--clients', str(clients), *options,
                   *(['--device', DEVICE] if device else []), lab.SERVER_ADDRESS, str(lab.PORT), lab.HOME_ADDRESS,
                   *(logins or [os.environ['LAB_USER']])]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=sys.stderr, text=True)
        self._tell(read_password())
        self.facts = self._hear()
        self.addresses = self.facts['addresses']
        if device:
            self._use_device()

    def _tell(self, line):
        self.process.stdin.write(line + '\n')
        self.process.stdin.flush()

    def _hear(self):
        answer = self.process.stdout.readline()
        lab.holds(answer, f'the load client ended with {self.process.poll()}')
        return json.loads(answer)

    def _use_device(self):
        lines = [f'link set {DEVICE} mtu {self.facts["mtu"]} up', *(f'addr add {address}/32 dev {DEVICE}' for address in self.addresses),
                 f'route add {NETWORK} dev {DEVICE} src {self.addresses[0]}']
        lab.run('ip', '-n', self.namespace, '-batch', '-', input='\n'.join(lines) + '\n')

    def ask(self, *words):
        """One of its commands; returns what it says."""
        self._tell(' '.join(map(str, words)))
        return self._hear()

    def begin(self, *words):
        """Without waiting for the answer, which `finish` returns."""
        self._tell(' '.join(map(str, words)))

    def finish(self):
        return self._hear()

    def counters(self):
        return self.ask('counters')

    def disconnect(self):
        self.process.stdin.close()
        return self.process.wait(20)
