# SPDX-License-Identifier: GPL-2.0-or-later
"""A server as it is after some months: people with their devices, who is there now, who was, who is kept out."""

import contextlib
import os
import subprocess

import lab

COMPUTER = 'attic'
PASSPHRASE = 'zugbruecke-7'
PEOPLE = (  # login, name, what else
    ('anna', 'Anna Keller', ['--quota', '50G']),
    ('bob', 'Bob Miller', []),
    ('clara', 'Clara Nováková', ['--until', '+5d']),
    ('grandpa', 'Grandpa', []),
    ('max', 'Maximiliane von Hohenberg-Lichtenstein und Umgebung', []),
    ('guest', 'Guest', ['--until', '+2d']),
)
DEVICES = (('anna', 'iPhone'), ('anna', 'ThinkPad'), ('bob', 'MacBook'))
BLOCKED = ('203.0.113.66', '198.51.100.128/28')


def furnish(stage):
    """Before any window is there."""
    subprocess.run(['hostname', COMPUTER], check=True)
    stage.control('user', 'set', 'alice', 'full-name=Alice Weber')
    for login, name, more in PEOPLE:
        stage.control('user', 'add', login, '--full-name', name, '--generate-password', *more)
    for login, name in DEVICES:
        add_device(stage, login, name)
    stage.control('user', 'set', 'grandpa', 'enabled=no')
    stage.control('user', 'add', 'emil', '--full-name', 'Emil Krause', '--generate-password')
    stage.control('user', 'remove', 'emil')
    for address in BLOCKED:
        stage.control('ban', 'add', address)
    connect(stage, 'bob', 'MacBook', '--no-dtls').wait_connected().disconnect()


def file_of(login, name):
    return f'/run/{login}-{name}.p12'


def add_device(stage, login, name):
    with open('/run/passphrase', 'w', encoding='ascii') as file:
        file.write(PASSPHRASE + '\n')
    stage.control('device', 'add', login, name, '--out', file_of(login, name), '--passphrase-file', '/run/passphrase')


def connect(stage, login, name, *options):
    return stage.connect(login, '', '--certificate', file_of(login, name), '--key-password', PASSPHRASE,
                         '--useragent', 'Open AnyConnect VPN Agent v9.01', *options)


@contextlib.contextmanager
def company(stage):
    """Two are connected; the second, whose computer it would be, changes nothing on it.  The first carries something."""
    connect(stage, 'anna', 'iPhone').wait_connected()
    connect(stage, 'bob', 'MacBook', '--no-dtls', '--script', '/bin/true')
    lab.wait_until('two sessions', lambda: len(lab.sessions()) == 2)
    carrying = subprocess.Popen(['ip', 'netns', 'exec', lab.CLIENT, 'sh', '-c',
                                 f'while :; do curl -s --limit-rate 1M -o /dev/null http://{lab.HOME_ADDRESS}/200M.bin; done'],
                                start_new_session=True)
    try:
        yield
    finally:
        os.killpg(carrying.pid, 9)
        carrying.wait()
