#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""measure_users.py [USERS]: in a lab, what many users cost callers of the bus; one JSON object, times in milliseconds.

Each figure is the median and the longest of some calls by one caller, one after the other: from the call to the answer."""

import json
import statistics
import subprocess
import sys
import time

import gi

gi.require_version('Gio', '2.0')
from gi.repository import Gio, GLib  # noqa: E402

NAME, ROOT = 'org.sallyport.Sallyport1', '/org/sallyport/Sallyport1'
AT_ONCE, TIMES = 64, 30


class Caller:
    def __init__(self):
        self.bus = Gio.bus_get_sync(Gio.BusType.SYSTEM, None)

    def call(self, method, arguments, path=f'{ROOT}/Server', interface=f'{NAME}.Server'):
        value = GLib.Variant.parse(None, arguments, None, None) if arguments else None
        return self.bus.call_sync(NAME, path, interface, method, value, None, 0, 120000, None)

    def add_many(self, logins):
        """Many at one time, as an import does."""
        loop, waiting, left = GLib.MainLoop(), iter(logins), [len(logins)]

        def added(bus, result):
            bus.call_finish(result)
            left[0] -= 1
            begin()
            if left[0] == 0:
                loop.quit()

        def begin():
            login = next(waiting, None)
            if login:
                value = GLib.Variant('(a{sv}a{sv})', ({'Login': GLib.Variant('s', login), 'FullName': GLib.Variant('s', f'Person {login}')}, {}))
                self.bus.call(NAME, f'{ROOT}/Server', f'{NAME}.Server', 'AddUser', value, None, 0, 120000, None, added)

        for _ in range(AT_ONCE):
            begin()
        loop.run()


def measure(action, times=TIMES):
    took = []
    for number in range(times):
        began = time.monotonic()
        action(number)
        took.append((time.monotonic() - began) * 1000)
    return {'median': round(statistics.median(took), 1), 'longest': round(max(took), 1)}


def memory():
    server = subprocess.run(['pgrep', '-x', 'sallyportd'], stdout=subprocess.PIPE, check=True, text=True).stdout.split()[0]
    with open(f'/proc/{server}/smaps_rollup', encoding='ascii') as file:
        return next(int(line.split()[1]) for line in file if line.startswith('Pss:'))


def list_all(caller):
    rows, cursor = 0, ''
    while True:
        page = caller.call('ListUsers', f"(@a{{sv}} {{}}, '{cursor}', uint32 500, @a{{sv}} {{}})")
        rows += page.get_child_value(0).n_children()
        cursor = page.get_child_value(1).get_string()
        if not cursor:
            return rows


def main(n_users):
    caller = Caller()
    began = time.monotonic()
    caller.add_many([f'person{number:05}' for number in range(n_users)])
    figures = {'users': n_users, 'adding all, s': round(time.monotonic() - began, 1)}
    figures['main, kB PSS'] = memory()
    middle = caller.call('ListUsers', "(@a{sv} {}, '', uint32 500, @a{sv} {})").unpack()[1]
    empty = '@a{sv} {}'
    figures['a page of 100'] = measure(lambda _: caller.call('ListUsers', f"({empty}, '{middle}', uint32 100, {empty})"))
    figures['a page with a text that nobody has'] = measure(lambda _: caller.call('ListUsers', f"({{'Text': <'PERSON 0'>}}, '', uint32 100, {empty})"))
    figures['adding'] = measure(lambda number: caller.call('AddUser', f"({{'Login': <'late{number}'>}}, {empty})"))
    figures['finding'] = measure(lambda number: caller.call('FindUser', f"('late{number}', {empty})"))
    figures['the whole list'] = measure(lambda _: list_all(caller), 5)
    figures['GetManagedObjects'] = measure(lambda _: caller.call('GetManagedObjects', None, ROOT, 'org.freedesktop.DBus.ObjectManager'), 5)
    figures['main after that, kB PSS'] = memory()
    print(json.dumps(figures, indent=2))


if __name__ == '__main__':
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10000)
