# SPDX-License-Identifier: GPL-2.0-or-later
"""Stories of a computer whose VPN is NetworkManager's, set up by the file that the window saves for it."""

import os

import lab
from network_manager import is_at_home, plug_in, sign_in

NAME = 'attic'


def _saved():
    program = os.path.join(os.environ['LAB_BUILD'], 'tests/netns/write-profile')
    return lab.run(program, NAME, os.environ['LAB_URL'], os.environ['LAB_USER'], os.environ['LAB_PIN'])


def _connect(laptop):
    sign_in(laptop)
    laptop.run('nmcli', 'connection', 'up', NAME, 'passwd-file', '/run/secrets')
    is_at_home(laptop)
    lab.equal(len(lab.sessions()), 1, 'sessions')
    laptop.run('nmcli', 'connection', 'down', NAME)
    lab.wait_until('the end of the session', lambda: lab.sessions() == [])


def network_manager_brings_a_computer_home_by_the_profile_that_the_window_saves():
    laptop = plug_in()
    place = f'/etc/NetworkManager/system-connections/{NAME}.nmconnection'
    laptop.run('sh', '-c', f'umask 077; cat >{place}', input=_saved())
    laptop.run('nmcli', 'connection', 'load', place)
    _connect(laptop)
