# SPDX-License-Identifier: GPL-2.0-or-later
"""Who signs in at the server that is measured."""

import os

import lab
import server
import swarm
from client import read_password

PEOPLE = 50
VERIFIERS = os.path.join(os.environ['LAB_BUILD'], 'tests/bench/verifiers')


def add_users():
    """Their logins; ocserv's have the verifiers that its own program makes."""
    if server.IS_OURS:
        return swarm.add_users(PEOPLE)
    logins = [f'person{number}' for number in range(PEOPLE)]
    if server.PRODUCT == 'limit':
        return logins  # it lets everybody in who knows the password
    for login in logins:
        lab.run('ocpasswd', '-c', passwords(), login, input=2 * (read_password() + '\n'))
    return logins


def take_our_verifiers(logins):
    """ocserv verifies whatever crypt(3) does, so it can have as much to do as ours."""
    made = lab.run(VERIFIERS, str(len(logins)), input=read_password() + '\n').splitlines()
    with open(passwords(), 'w', encoding='ascii') as file:
        file.writelines(f'{login}:*:{verifier}\n' for login, verifier in zip(logins, made, strict=True))


def passwords():
    return os.path.join(os.environ['LAB_STATE'], 'passwd')
