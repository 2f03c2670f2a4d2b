# SPDX-License-Identifier: GPL-2.0-or-later
"""The distribution's own logind on the system bus of a throw-away machine, and a stand-in for the systemd that it asks
whether sleep is masked."""

import os
import subprocess
import time

import machine

HERE = os.path.dirname(os.path.abspath(__file__))
LOGIND = '/lib/systemd/systemd-logind'
POWER = '/sys/power/state'
FOLDER = '/run/lab'
PATIENCE = 10


def is_here():
    return os.path.exists(LOGIND) and os.path.exists(POWER)


def start(states='freeze mem'):
    """With a computer that can sleep in these ways; what the kernel says is of the machine outside."""
    with open(f'{FOLDER}/power', 'w', encoding='ascii') as file:
        file.write(states)
    subprocess.run(['mount', '--bind', f'{FOLDER}/power', POWER], check=True)
    os.makedirs('/run/systemd', exist_ok=True)
    machine.start(['/usr/bin/python3', f'{HERE}/loaded_units.py', 'suspend.target', 'systemd-suspend.service'], f'{FOLDER}/units.log')
    _wait(lambda: os.path.getsize(f'{FOLDER}/units.log'))
    return begin()


def begin():
    """Logind alone, when it was killed."""
    process = machine.start([LOGIND], f'{FOLDER}/logind.log')
    _wait(lambda: ask('CanSuspend').returncode == 0)
    return process


def ask(method):
    return subprocess.run(['dbus-send', '--system', '--print-reply=literal', '--dest=org.freedesktop.login1', '/org/freedesktop/login1',
                           f'org.freedesktop.login1.Manager.{method}'], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          check=False)


def inhibitors():
    """As systemd-inhibit --list: what is kept from happening, and by whom."""
    done = ask('ListInhibitors')
    assert done.returncode == 0, done.stderr
    return ' '.join(done.stdout.split())


def is_kept_awake():
    return 'struct { sleep:idle Sallyport' in inhibitors()


def _wait(ready):
    deadline = time.monotonic() + PATIENCE
    while not ready():
        assert time.monotonic() < deadline, 'logind did not come'
        time.sleep(.02)
