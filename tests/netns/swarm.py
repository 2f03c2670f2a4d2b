# SPDX-License-Identifier: GPL-2.0-or-later
"""Many clients of one process (../bench/swarm.c), each with an address of its own in the internet."""

import json
import os
import subprocess
import sys

import lab
from client import read_password

NAMESPACE, NUMBER = 'swarm', 6
SOURCES = '100.64.0.0/16'
FIRST_SOURCE = SOURCES.partition('/')[0]
PROGRAM = os.path.join(os.environ.get('LAB_BUILD', os.path.join(os.path.dirname(__file__), '../../build')), 'tests/bench/swarm')


def add_users(count):
    """People who all have the lab user's password; returns their logins."""
    logins = [f'person{number}' for number in range(count)]
    for login in logins:
        lab.control('user', 'add', login, input=read_password() + '\n')
    return logins


def add_namespace():
    """Whatever address of SOURCES a client takes is its own."""
    lab.add_client_namespace(NAMESPACE, NUMBER)
    lab.run('ip', '-n', NAMESPACE, 'route', 'add', 'local', SOURCES, 'dev', 'lo')
    lab.run('ip', '-n', lab.ROUTER, 'route', 'add', SOURCES, 'via', f'192.0.{NUMBER}.10')


class Swarm:
    def __init__(self, logins, path='dtls', port=lab.PORT):
        if NAMESPACE not in lab.run('ip', 'netns'):
            add_namespace()
        self.process = subprocess.Popen(
            ['ip', 'netns', 'exec', NAMESPACE, PROGRAM, lab.SERVER_ADDRESS, str(port), lab.HOME_ADDRESS, path,
             FIRST_SOURCE, *logins],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=sys.stderr, text=True)
        self._tell(read_password())

    def _tell(self, line):
        self.process.stdin.write(line + '\n')
        self.process.stdin.flush()

    def ask(self, *words):
        """One of its commands; returns what it says."""
        self._tell(' '.join(map(str, words)))
        answer = self.process.stdout.readline()
        lab.holds(answer, f'the swarm ended with {self.process.poll()}')
        return json.loads(answer)

    def end(self):
        """Its clients vanish without a word."""
        self.process.stdin.close()
        return self.process.wait(10)
