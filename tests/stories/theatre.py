# SPDX-License-Identifier: GPL-2.0-or-later
"""What a story finds: a bus, people with and without rights, and hands to act with."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time

import machine
import people
import sallyport

HERE = os.path.dirname(os.path.abspath(__file__))
NAME = 'org.sallyport.Sallyport1'
ROOT = '/org/sallyport/Sallyport1'
SERVER = f'{ROOT}/Server'
FOLDER = '/run/story'
BACKDOOR, PASSWORD_LOG = f'{FOLDER}/backdoor', f'{FOLDER}/passwords'
SOCKET = '/run/dbus/system_bus_socket'
SERVICE_FILE = f'/usr/share/dbus-1/system-services/{NAME}.service'
POLKIT_SERVICE_FILE = '/usr/share/dbus-1/system-services/org.freedesktop.PolicyKit1.service'

PATIENCE = 10


class StoryError(AssertionError):
    pass


class Skipped(Exception):
    """This system lacks what the story is about."""


def expect(condition, *facts):
    if not condition:
        raise StoryError(' | '.join(str(fact) for fact in facts))


def wait_for(what, ready, seconds=PATIENCE):
    deadline = time.monotonic() + seconds
    while True:
        answer = ready()
        if answer:
            return answer
        expect(time.monotonic() < deadline, f'{what} did not come within {seconds} s')
        time.sleep(0.01)


class Result:
    """What a program said and how it ended."""

    def __init__(self, done):
        self.status, self.out, self.err = done.returncode, done.stdout, done.stderr

    def __str__(self):
        return f'status {self.status}, out {self.out!r}, err {self.err!r}'

    @property
    def json(self):
        return json.loads(self.out)

    def must(self, status=0):
        expect(self.status == status, f'expected status {status}', self)
        return self


class Theatre:
    def __init__(self, build):
        self.build = build
        self.secrets = []
        self.started = []

    def __enter__(self):
        os.makedirs(FOLDER)
        os.mkfifo(BACKDOOR)
        # The checkout may lie in a folder that only its owner can look into.
        for program in ('call.py', 'listen.py', 'closing_agent.py'):
            shutil.copy(f'{HERE}/{program}', FOLDER)
        sallyport.install(self.build)
        people.move_in(f'{NAME}.')
        self._fake_service()
        self._bus()
        return self

    def __exit__(self, kind, value, trace):
        if kind not in (None, Skipped):
            self._print_logs()
        self.watch.send_signal(signal.SIGTERM)
        self.watch.wait()
        if kind is None:
            self._look_for_secrets()
            self._look_for_complaints()

    # --- the machine ---

    def _fake_service(self):
        """The shipped file starts the shipped daemon; until a story wants that, our test daemon."""
        with open(SERVICE_FILE, encoding='ascii') as file:
            self.shipped_service = file.read()
        program = f'{self.build}/tests/stories/bus-test-daemon'
        with open(SERVICE_FILE, 'w', encoding='ascii') as file:
            file.write(f'[D-BUS Service]\nName={NAME}\nUser=root\nExec={program} {BACKDOOR} {PASSWORD_LOG}\n')

    def use_shipped_service(self):
        with open(SERVICE_FILE, 'w', encoding='ascii') as file:
            file.write(self.shipped_service)
        self.run('root', 'dbus-send', '--system', '--print-reply', '--dest=org.freedesktop.DBus', '/org/freedesktop/DBus',
                 'org.freedesktop.DBus.ReloadConfig').must()

    def _bus(self):
        if not os.path.exists('/etc/machine-id') or not os.path.getsize('/etc/machine-id'):
            subprocess.run(['dbus-uuidgen', '--ensure=/etc/machine-id'], check=True)
        self.bus = machine.start(['dbus-daemon', '--system', '--nofork', '--nopidfile'], f'{FOLDER}/bus.log')
        wait_for('the bus', lambda: os.path.exists(SOCKET))
        self.watch = machine.start(['dbus-monitor', '--system', '--pcap'], f'{FOLDER}/watch.log')
        wait_for('the watch', lambda: os.path.exists(f'{FOLDER}/watch.log') and os.path.getsize(f'{FOLDER}/watch.log'))

    def _print_logs(self):
        with open(f'{FOLDER}/bus.log', encoding='utf-8', errors='replace') as file:
            print(f'--- bus and service:\n{file.read()}---', file=sys.stderr)

    def _look_for_secrets(self):
        """In everything that went over the bus as bytes, and in all that anybody logged."""
        for name in ('watch.log', 'bus.log'):
            with open(f'{FOLDER}/{name}', 'rb') as file:
                content = file.read()
            for secret in self.secrets:
                expect(secret.encode() not in content, f'a secret is in {name}')

    def _look_for_complaints(self):
        """Nobody tripped over a precondition, nor over a sanitizer where there is one."""
        log = read(f'{FOLDER}/bus.log')
        for complaint in ('CRITICAL', 'WARNING **', 'Sanitizer', 'runtime error', 'assertion'):
            expect(complaint not in log, log)

    # --- acting ---

    def secret(self, text):
        self.secrets.append(text)
        return text

    command = staticmethod(people.command)

    def run(self, user, *command, text=None, timeout=60, **options):
        done = subprocess.run(self.command(user, *command), input=text, text=True, check=False, timeout=timeout,
                              stdin=None if text is not None else subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd='/', **options)
        return Result(done)

    def control(self, user, *arguments, **options):
        return self.run(user, 'sallyportctl', *arguments, **options)

    def call(self, user, path, interface, method, arguments='()', *flags):
        """One call; status 0 and the answer as GVariant text, or status 1 and the name of the error."""
        return self.run(user, '/usr/bin/python3', f'{FOLDER}/call.py', path, interface, method, arguments, *flags)

    def get(self, user, path, interface, name):
        return self.call(user, path, 'org.freedesktop.DBus.Properties', 'Get', f"('{NAME}.{interface}', '{name}')")

    def listen(self, user, *flags):
        """A listener's lines, as a growing file; it hears from the moment that this returns."""
        log = f'{FOLDER}/listener-{len(self.started)}.log'
        self.started.append(machine.start(self.command(user, '/usr/bin/python3', f'{FOLDER}/listen.py', *flags), log))
        wait_for('the listener', lambda: 'listening' in read(log))
        return log

    def backdoor(self, line):
        with open(BACKDOOR, 'w', encoding='ascii') as file:
            file.write(line + '\n')


def read(path):
    try:
        with open(path, encoding='utf-8') as file:
            return file.read()
    except (FileNotFoundError, ProcessLookupError):
        return ''
