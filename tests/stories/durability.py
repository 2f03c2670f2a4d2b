# SPDX-License-Identifier: GPL-2.0-or-later
"""Nothing that was acknowledged is lost, whatever is killed when."""

import fcntl
import os
import random
import signal
import socket
import threading
import time

import gi

gi.require_version('Gio', '2.0')
from gi.repository import Gio, GLib  # noqa: E402

import record_client  # noqa: E402
import whole  # noqa: E402
from theatre import NAME, SERVER, expect, read, wait_for  # noqa: E402

KILLS = int(os.environ.get('DURABILITY_KILLS', '200'))
WRITERS = 4
SEALS = fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK


class Refused(Exception):
    """The call did not come through: whether it did anything is not known."""


def call(path, interface, method, arguments, secret=None):
    """One call on a connection of its own, so that threads and deaths do not meet."""
    address = Gio.dbus_address_get_for_bus_sync(Gio.BusType.SYSTEM, None)
    bus = Gio.DBusConnection.new_for_address_sync(
        address, Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION, None, None)
    descriptors = None
    if secret is not None:
        fd = os.memfd_create('password', os.MFD_ALLOW_SEALING)
        os.write(fd, secret.encode())
        fcntl.fcntl(fd, fcntl.F_ADD_SEALS, SEALS)
        descriptors = Gio.UnixFDList.new_from_array([fd])
    try:
        answer, _ = bus.call_with_unix_fd_list_sync(NAME, path, f'{NAME}.{interface}', method, arguments, None, Gio.DBusCallFlags.NONE, 20000,
                                                    descriptors, None)
        return answer.unpack()
    except GLib.Error as error:
        raise Refused(error.message) from error
    finally:
        bus.close_sync(None)


class Writer(threading.Thread):
    """Adds, changes and removes users of its own, one call after the other, and keeps what was acknowledged.

    What is believed of each value is a list: of one that was acknowledged, or of two when a call was cut off."""

    def __init__(self, name, seed):
        super().__init__(daemon=True)
        self.prefix, self.random = name, random.Random(seed)
        self.users = {}    # path: {'login': …, 'FullName': [...], 'Enabled': [...], 'password': [...]}
        self.removed = {}  # path: login
        self.cut_off, self.unsure = [], []  # logins whose AddUser(), whose Remove() was cut off
        self.n_done = self.n_cut = self.number = 0
        self.banner = ['']
        self.over, self.failure = threading.Event(), None

    def run(self):
        try:
            while not self.over.is_set():
                self.random.choice([self.add, self.change, self.set_password, self.set_password, self.remove, self.set_setting])()
        except Exception as error:  # told by the story's thread
            self.failure = error

    def acknowledged(self, *arguments, **options):
        try:
            answer = call(*arguments, **options)
        except Refused:
            self.n_cut += 1
            time.sleep(0.01)
            return None
        self.n_done += 1
        return answer

    def add(self):
        if len(self.users) > 12:
            return
        self.number += 1
        login = f'{self.prefix}{self.number}'
        values = {'Login': GLib.Variant('s', login), 'FullName': GLib.Variant('s', login)}
        answer = self.acknowledged(SERVER, 'Server', 'AddUser', GLib.Variant('(a{sv}a{sv})', (values, {})))
        if answer is None:
            self.cut_off.append(login)
        else:
            self.users[answer[0]] = {'login': login, 'FullName': [login], 'Enabled': [True], 'password': [None]}

    def pick(self):
        return self.random.choice(list(self.users)) if self.users else None

    def set_value(self, path, key, value, answer):
        believed = self.users[path][key]
        self.users[path][key] = [value] if answer is not None else [*believed, value]

    def change(self):
        path = self.pick()
        if path is None:
            return
        key, value = self.random.choice([('FullName', f'name {self.n_done}'), ('Enabled', self.random.random() < 0.8)])
        changes = {key: GLib.Variant('s' if key == 'FullName' else 'b', value)}
        self.set_value(path, key, value, self.acknowledged(path, 'User', 'Update', GLib.Variant('(a{sv}a{sv})', (changes, {}))))

    def set_password(self):
        path = self.pick()
        if path is None:
            return
        password = f'{self.prefix}-{self.n_done}-{self.n_cut}'
        answer = self.acknowledged(path, 'User', 'SetPassword', GLib.Variant('(ha{sv})', (0, {})), secret=password)
        self.set_value(path, 'password', password, answer)

    def set_setting(self):
        if self.prefix != 'a':  # one writer, so that it is known who was the last
            return
        banner = f'banner {self.n_done}'
        answer = self.acknowledged(SERVER, 'Settings', 'Update', GLib.Variant('(a{sv}a{sv})', ({'Banner': GLib.Variant('s', banner)}, {})))
        self.banner = [banner] if answer is not None else [*self.banner, banner]

    def remove(self):
        path = self.pick() if len(self.users) > 8 else None
        if path is None:
            return
        answer = self.acknowledged(path, 'User', 'Remove', GLib.Variant('(a{sv})', ({},)))
        user = self.users.pop(path)
        if answer is not None:
            self.removed[path] = user['login']
        else:
            self.unsure.append(user['login'])


def pids_of(name):
    """Of the living: nobody buries the others here, but they have no command line."""
    pids = []
    for pid in filter(str.isdigit, os.listdir('/proc')):
        if read(f'/proc/{pid}/comm') == f'{name}\n' and read(f'/proc/{pid}/cmdline'):
            pids.append(pid)
    return pids


def kill_at_random(dice, moments):
    """Main or the keyholder, as soon as it is there again and a little later."""
    victim = dice.choice(['sallyportd', 'sallyport-keyho'])
    pids = wait_for(victim, lambda: pids_of(victim), 20)
    time.sleep(dice.random() * moments)
    try:
        os.kill(int(pids[0]), signal.SIGKILL)
    except ProcessLookupError:
        return False
    wait_for('the death', lambda: pids[0] not in pids_of(victim), 20)
    return True


def check_values(stage, writers):
    """Each user is there with what was acknowledged; whose AddUser() was cut off may be there or not."""
    listed = {user['login']: user for user in stage.control('root', 'user', 'list', '--json').must().json['users']}
    expected = {user['login']: user for writer in writers for user in writer.users.values()}
    for login, user in expected.items():
        expect(login in listed, login, 'is lost', sorted(listed))
        expect(listed[login]['full-name'] in user['FullName'], login, listed[login], user)
        expect(listed[login]['enabled'] in user['Enabled'], login, listed[login], user)
    for writer in writers:
        for login in writer.removed.values():
            expect(login not in listed, login, 'is back')
    # A removal that was cut off leaves its user here or gone; others are nobody's.
    strangers = set(listed) - set(expected) - {login for writer in writers for login in (*writer.cut_off, *writer.unsure)}
    expect(not strangers, strangers)


def sign_in(login, password):
    try:
        with socket.create_connection(('127.0.0.1', 443), 10) as connected:
            return record_client.Connection(connected).sign_in(login, password) is not None
    except record_client.Refused:
        return False


def check_passwords(writers):
    """What main and the keyholder know is the same: who may sign in can, and two who may not can not."""
    sure = [user for writer in writers for user in writer.users.values()
            if len(user['Enabled']) == 1 and len(user['password']) == 1 and user['password'][0] is not None]
    allowed = [user for user in sure if user['Enabled'][0]]
    denied = [user for user in sure if not user['Enabled'][0]]
    expect(allowed, 'nobody is left to try it with')
    for user in allowed:
        expect(sign_in(user['login'], user['password'][0]), user, 'cannot sign in')
    for user in denied[:2]:
        expect(not sign_in(user['login'], user['password'][0]), user, 'signed in though disabled')
    return len(allowed)


def story_durable(stage):
    """What was acknowledged survives: main and the keyholder are killed hundreds of times while users are changed."""
    whole.start(stage)
    dice = random.Random(7)
    writers = [Writer(name, number) for number, name in enumerate('abcd')]
    for writer in writers:
        writer.start()
    killed = 0
    while killed < KILLS:
        killed += kill_at_random(dice, 0.4)
        for writer in writers:
            expect(writer.failure is None, repr(writer.failure))
    # A little more in peace, so that enough is known of each of them.
    done = [writer.n_done for writer in writers]
    wait_for('peace', lambda: all(writer.n_done > before + 20 for writer, before in zip(writers, done)), 40)
    for writer in writers:
        writer.over.set()
    for writer in writers:
        writer.join(30)
        expect(not writer.is_alive() and writer.failure is None, repr(writer.failure))
    wait_for('being on', lambda: stage.control('root', 'status', '--json').json['state'] == 'on', 30)
    n_done, n_cut = (sum(getattr(writer, name) for writer in writers) for name in ('n_done', 'n_cut'))
    expect(n_done > KILLS and n_cut > KILLS // 10, 'too little was going on to mean anything', n_done, n_cut)
    check_values(stage, writers)
    banner = stage.control('root', 'config', 'get', 'banner').must().out.strip()
    expect(banner in writers[0].banner, banner, writers[0].banner)
    n_signed_in = check_passwords(writers)
    print(f'{killed} deaths, {n_done} changes acknowledged, {n_cut} cut off, {n_signed_in} signed in afterwards')
