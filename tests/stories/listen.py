# SPDX-License-Identifier: GPL-2.0-or-later
"""listen.py [--subscribe MILLISECONDS | --look]: prints every signal that the service sends, until it is killed.

Without a flag it only asks the bus for the signals; --look reads the object tree first, --subscribe subscribes."""

import sys
import time

import gi

gi.require_version('Gio', '2.0')
from gi.repository import Gio, GLib  # noqa: E402

NAME = 'org.sallyport.Sallyport1'
ROOT = '/org/sallyport/Sallyport1'


def heard(_bus, _sender, path, interface, member, arguments):
    print(f'{time.monotonic():.3f} {path} {interface.removeprefix(NAME + ".")}.{member} {arguments.print_(False)}', flush=True)


def main():
    bus = Gio.bus_get_sync(Gio.BusType.SYSTEM, None)
    bus.signal_subscribe(NAME, None, None, None, None, Gio.DBusSignalFlags.NONE, heard)
    kept = None
    if '--look' in sys.argv:
        bus.call_sync(NAME, ROOT, 'org.freedesktop.DBus.ObjectManager', 'GetManagedObjects', None, None, 0, 20000, None)
    elif '--subscribe' in sys.argv:
        interval = int(sys.argv[sys.argv.index('--subscribe') + 1])
        options = GLib.Variant('(a{sv})', ({'statistics-interval-ms': GLib.Variant('u', interval)},))
        _, kept = bus.call_with_unix_fd_list_sync(NAME, f'{ROOT}/Server', f'{NAME}.Server', 'Subscribe', options, None, 0,
                                                  20000, None, None)
    else:
        bus.call_sync(NAME, f'{ROOT}/Server', 'org.freedesktop.DBus.Peer', 'Ping', None, None, 0, 20000, None)
    print('listening', flush=True)
    GLib.MainLoop().run()
    del kept


if __name__ == '__main__':
    main()
