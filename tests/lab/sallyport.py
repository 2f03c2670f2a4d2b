# SPDX-License-Identifier: GPL-2.0-or-later
"""Sallyport in the lab: installed from the build folder into the throw-away /usr, started, with a user."""

import json
import os
import secrets
import shutil
import subprocess

import bus
import machine
import settings
import world

STATE = f'{machine.RUN}/state'
CONFIG = f'{machine.RUN}/sallyport.conf'
PASSWORD_FILE = f'{machine.RUN}/password'
AUTHORITY_FILE = f'{machine.RUN}/authority.pem'
START_SCRIPT = f'{machine.RUN}/start-server'
BUS_NAME = 'org.sallyport.Sallyport1'
USER = 'alice'
PORT = 443


def install(build):
    """What `meson install` would do, from the list that meson wrote: a copy takes a tenth of the time."""
    try:
        with open(f'{build}/meson-info/intro-installed.json', encoding='utf-8') as file:
            files = json.load(file)
    except OSError as error:
        raise world.LabError(f'{build} is no build folder: {error.strerror}') from error
    for source, destination in files.items():
        if not destination.startswith(('/usr/', '/etc/')) or destination.startswith('/usr/local/'):
            raise world.LabError(f'{build} is configured for {destination}; the lab needs --prefix=/usr')
        if not os.path.exists(source):
            raise world.LabError(f'{source} is not built')
        os.makedirs(os.path.dirname(destination), exist_ok=True)
        if os.path.isdir(source):
            shutil.copytree(source, destination, dirs_exist_ok=True)
        else:
            shutil.copy(source, destination)


def _write_start_script():
    """Starts the server as the lab does: for CMD, when it killed it.  exec: the caller gets its process."""
    command = f'ip netns exec {world.SERVER} sallyportd --state {STATE} --config {CONFIG} --start'
    with open(START_SCRIPT, 'w', encoding='ascii') as file:
        file.write(f'#!/bin/sh\nexec {command} </dev/null >>{world.LOGS["server"]} 2>&1\n')
    os.chmod(START_SCRIPT, 0o755)


def _log_tail():
    with open(world.LOGS['server'], encoding='utf-8', errors='replace') as file:
        return ''.join(file.readlines()[-20:])


def _control(*arguments, **options):
    return world.execute(['sallyportctl', *arguments], **options)


def _status(server):
    """What the server says of itself, or {} while it says nothing."""
    if server.poll() is not None:
        raise world.LabError(f'the server ended with status {server.returncode}\n{_log_tail()}')
    # Asking a name that nobody has yet would make the bus start a second server.
    if not bus.has_owner(BUS_NAME):
        return {}
    done = subprocess.run(['sallyportctl', 'status', '--json'], capture_output=True, text=True, check=False)
    return json.loads(done.stdout) if done.returncode == 0 else {}


def _wait_until_on(server):
    answer = {}

    def is_on():
        answer.update(_status(server))
        if answer.get('state') == 'failed':
            raise world.LabError(f'the server failed to start: {answer.get("last-error")}\n{_log_tail()}')
        return answer.get('state') == 'on'

    world.wait_for('the server', 20, is_on)
    return answer


def _add_user():
    password = secrets.token_urlsafe(15)
    with open(PASSWORD_FILE, 'w', encoding='ascii', opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
        file.write(password + '\n')
    _control('user', 'add', USER, input=password + '\n')


def bring_up():
    install(os.environ.get('LAB_BUILD', os.path.join(os.path.dirname(__file__), '../../build')))
    settings.write(CONFIG, os.environ.get('LAB_SETTINGS'))
    os.environ['DBUS_SYSTEM_BUS_ADDRESS'] = bus.ADDRESS
    os.environ['PATH'] = machine.search_path()
    bus.bring_up()
    _write_start_script()
    server = machine.start([START_SCRIPT], world.LOGS['server'])
    answer = _wait_until_on(server)
    _add_user()
    with open(AUTHORITY_FILE, 'w', encoding='ascii') as file:
        file.write(_control('certificate', 'authority'))
    return {
        'LAB_URL': f'https://{world.SERVER_ADDRESS}', 'LAB_PORT': str(PORT), 'LAB_PIN': answer['certificate-pin'],
        'LAB_CA': AUTHORITY_FILE, 'LAB_USER': USER, 'LAB_PASSWORD_FILE': PASSWORD_FILE, 'LAB_STATE': STATE,
        'LAB_CONFIG': CONFIG, 'LAB_SERVER_PID': str(server.pid), 'LAB_START_SERVER': START_SCRIPT,
        'DBUS_SYSTEM_BUS_ADDRESS': bus.ADDRESS,
    }
