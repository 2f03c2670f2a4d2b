# SPDX-License-Identifier: GPL-2.0-or-later
"""loaded_units.py UNIT…: says in the place of systemd that these units are loaded, which is all that logind wants to know
of it before it says whether a computer can sleep."""

import sys

import gi

gi.require_version('Gio', '2.0')
from gi.repository import Gio, GLib  # noqa: E402

NAME = 'org.freedesktop.systemd1'
UNIT = Gio.DBusNodeInfo.new_for_xml(f"<node><interface name='{NAME}.Unit'><property name='LoadState' type='s' access='read'/>"
                                    '</interface></node>').interfaces[0]


def path_of(unit):
    """As systemd writes names into paths: what is neither a letter nor a digit becomes _ and its code."""
    escaped = ''.join(letter if letter.isalnum() else f'_{ord(letter):02x}' for letter in unit)
    return f'/org/freedesktop/systemd1/unit/{escaped}'


def main():
    bus = Gio.bus_get_sync(Gio.BusType.SYSTEM, None)
    for unit in sys.argv[1:]:
        bus.register_object(path_of(unit), UNIT, None, lambda *_: GLib.Variant('s', 'loaded'), None)
    Gio.bus_own_name_on_connection(bus, NAME, Gio.BusNameOwnerFlags.NONE, lambda *_: print('ready', flush=True), None)
    GLib.MainLoop().run()


if __name__ == '__main__':
    main()
