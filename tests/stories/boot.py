# SPDX-License-Identifier: GPL-2.0-or-later
"""The service starts with the computer, or not, as its owner wants; a stand-in is the systemd."""

import os

import machine
from theatre import FOLDER, NAME, SERVER, expect, read, wait_for

HERE = os.path.dirname(os.path.abspath(__file__))
IFACE = f'{NAME}.Server'
LOG = f'{FOLDER}/systemd.log'


def start_systemd(state):
    process = machine.start(['/usr/bin/python3', f'{HERE}/unit_files.py', state], LOG)
    wait_for('systemd', lambda: 'ready' in read(LOG))
    return process


def state_of(stage):
    return stage.control('root', 'status', '--json').must().json['start-at-boot']


def story_switch(stage):
    """Whether the service starts with the computer is chosen over systemd's bus interface, and followed there."""
    start_systemd('enabled')
    wait_for('what systemd says', lambda: state_of(stage) == 'on')
    stage.control('root', 'autostart', 'off').must()
    expect(state_of(stage) == 'off', state_of(stage))
    expect("DisableUnitFiles (['sallyportd.service'], false)" in read(LOG), read(LOG))
    wait_for('systemd to read it again', lambda: 'Reload ()' in read(LOG))
    stage.control('root', 'autostart', 'off').must(2)
    stage.control('root', 'autostart', 'on').must()
    expect("EnableUnitFiles (['sallyportd.service'], false, false)" in read(LOG), read(LOG))
    expect(stage.control('root', 'autostart', '--json').json['start-at-boot'] == 'on')
    # Somebody else's change.
    stage.run('root', 'dbus-send', '--system', '--print-reply', '--dest=org.freedesktop.systemd1', '/org/freedesktop/systemd1',
              'org.freedesktop.systemd1.Manager.DisableUnitFiles', 'array:string:sallyportd.service', 'boolean:false').must()
    wait_for('their change', lambda: state_of(stage) == 'off')
    refused = stage.call('bob', SERVER, IFACE, 'SetStartAtBoot', '(true, @a{sv} {})')
    expect('NotAuthorized' in refused.out, refused.out)
    expect(state_of(stage) == 'off', 'a stranger changed it')


def story_no_choice(stage):
    """Where there is no systemd, or it does not know the service, the owner is told so."""
    expect(state_of(stage) == 'no-systemd', state_of(stage))
    expect('no systemd' in stage.control('root', 'autostart').must().out)
    refused = stage.call('root', SERVER, IFACE, 'SetStartAtBoot', '(true, @a{sv} {})').must(1)
    expect('NotSupported' in refused.out, refused.out)
    process = start_systemd('none')
    wait_for('an unknown unit', lambda: state_of(stage) == 'no-unit')
    process.kill()
    process.wait()
    wait_for('its end', lambda: state_of(stage) == 'no-systemd')
    os.unlink(LOG)
    start_systemd('masked')
    wait_for('a masked unit', lambda: state_of(stage) == 'fixed')
    stage.control('root', 'autostart', 'on').must(1)
    expect(state_of(stage) == 'fixed', state_of(stage))
