# SPDX-License-Identifier: GPL-2.0-or-later
"""subscribe.py NUMBER: subscribes that often, and says how often it was let."""

import sys

import gi

gi.require_version('Gio', '2.0')
from gi.repository import Gio, GLib  # noqa: E402

NAME = 'org.sallyport.Sallyport1'


def main():
    bus = Gio.bus_get_sync(Gio.BusType.SYSTEM, None)
    kept = []
    for _ in range(int(sys.argv[1])):
        try:
            kept.append(bus.call_with_unix_fd_list_sync(NAME, '/org/sallyport/Sallyport1/Server', f'{NAME}.Server', 'Subscribe',
                                                        GLib.Variant('(a{sv})', ({},)), None, 0, 20000, None, None))
        except GLib.Error as error:
            if Gio.DBusError.get_remote_error(error) != f'{NAME}.Error.Busy':
                raise
    print(len(kept))


if __name__ == '__main__':
    main()
