# SPDX-License-Identifier: GPL-2.0-or-later
"""The lab's system bus: the distribution's configuration, real activation, real polkitd."""

import os
import subprocess

import machine
import people
import world

SOCKET = '/run/dbus/system_bus_socket'
ADDRESS = f'unix:path={SOCKET}'


def bring_up():
    """In the server's namespace, so that a server which the bus starts lives there too."""
    if not os.path.exists('/etc/machine-id') or not os.path.getsize('/etc/machine-id'):
        world.execute(['dbus-uuidgen', '--ensure=/etc/machine-id'])
    if os.environ.get('LAB_PEOPLE'):
        people.move_in(os.environ['LAB_PEOPLE'])
    machine.start(['dbus-daemon', '--system', '--nofork', '--nopidfile'], world.LOGS['bus'], world.SERVER)
    world.wait_for('the system bus', 10, lambda: os.path.exists(SOCKET))


def has_owner(name):
    """Asking the service itself would make the bus start it."""
    done = subprocess.run(['dbus-send', '--system', '--print-reply=literal', '--dest=org.freedesktop.DBus', '/',
                           'org.freedesktop.DBus.NameHasOwner', f'string:{name}'],
                          capture_output=True, text=True, check=False)
    return 'true' in done.stdout
