#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""manage-vpn.py add LOGIN < password | list | disconnect LOGIN: a VPN server managed over its bus."""
import fcntl
import os
import sys

from gi.repository import Gio, GLib

NAME, ROOT = 'org.sallyport.Sallyport1', '/org/sallyport/Sallyport1'
bus = Gio.bus_get_sync(Gio.BusType.SYSTEM)


def call(path, interface, method, arguments, descriptors=None):
    answer, _ = bus.call_with_unix_fd_list_sync(NAME, path, interface, method, arguments, None,
                                                Gio.DBusCallFlags.ALLOW_INTERACTIVE_AUTHORIZATION, -1, descriptors)
    return answer.unpack()


if sys.argv[1] == 'add':
    values = {'Login': GLib.Variant('s', sys.argv[2])}
    (user,) = call(f'{ROOT}/Server', f'{NAME}.Server', 'AddUser', GLib.Variant('(a{sv}a{sv})', (values, {})))
    secret = os.memfd_create('password', os.MFD_ALLOW_SEALING)
    os.write(secret, sys.stdin.buffer.readline())
    fcntl.fcntl(secret, fcntl.F_ADD_SEALS, fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK)
    call(user, f'{NAME}.User', 'SetPassword', GLib.Variant('(ha{sv})', (0, {})), Gio.UnixFDList.new_from_array([secret]))
else:
    (objects,) = call(ROOT, 'org.freedesktop.DBus.ObjectManager', 'GetManagedObjects', None)
    for path, session in ((path, found[f'{NAME}.Session']) for path, found in objects.items() if f'{NAME}.Session' in found):
        if sys.argv[1] == 'list':
            print(session['Login'], session['RemoteAddress'], session['State'])
        elif sys.argv[1] == 'disconnect' and session['Login'] == sys.argv[2]:
            call(path, f'{NAME}.Session', 'Disconnect', GLib.Variant('(a{sv})', ({'reason': GLib.Variant('s', 'Bye')},)))
