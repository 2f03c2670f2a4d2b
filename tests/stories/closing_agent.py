# SPDX-License-Identifier: GPL-2.0-or-later
"""closing_agent.py METHOD: calls a method of the server as somebody who closes each question, and prints the question and
the name of the error."""

import os
import sys

import gi

gi.require_version('Gio', '2.0')
from gi.repository import Gio, GLib  # noqa: E402

NAME = 'org.sallyport.Sallyport1'
POLKIT, AUTHORITY = 'org.freedesktop.PolicyKit1', '/org/freedesktop/PolicyKit1/Authority'
AGENT = Gio.DBusNodeInfo.new_for_xml(f"""<node><interface name='{POLKIT}.AuthenticationAgent'>
<method name='BeginAuthentication'><arg type='s' direction='in'/><arg type='s' direction='in'/><arg type='s' direction='in'/>
<arg type='a{{ss}}' direction='in'/><arg type='s' direction='in'/><arg type='a(sa{{sv}})' direction='in'/></method>
<method name='CancelAuthentication'><arg type='s' direction='in'/></method></interface></node>""").interfaces[0]


def asked(_bus, _sender, _path, _interface, method, arguments, invocation):
    if method == 'BeginAuthentication':
        print(arguments.unpack()[1])
        invocation.return_dbus_error(f'{POLKIT}.Error.Cancelled', 'closed')
    else:
        invocation.return_value(None)


def start_time():
    with open('/proc/self/stat', encoding='ascii') as file:
        return int(file.read().rsplit(')', 1)[1].split()[19])


def main():
    loop = GLib.MainLoop()
    bus = Gio.bus_get_sync(Gio.BusType.SYSTEM, None)
    bus.register_object('/agent', AGENT, asked, None, None)
    facts = {'pid': GLib.Variant('u', os.getpid()), 'start-time': GLib.Variant('t', start_time()), 'uid': GLib.Variant('i', os.getuid())}
    bus.call_sync(POLKIT, AUTHORITY, f'{POLKIT}.Authority', 'RegisterAuthenticationAgent',
                  GLib.Variant('((sa{sv})ss)', (('unix-process', facts), 'C', '/agent')), None, 0, 20000, None)

    def answered(_bus, result):
        try:
            bus.call_finish(result)
            print('allowed')
        except GLib.Error as error:
            print(Gio.DBusError.get_remote_error(error))
        loop.quit()

    bus.call(NAME, '/org/sallyport/Sallyport1/Server', f'{NAME}.Server', sys.argv[1], GLib.Variant('(a{sv})', ({},)), None,
             Gio.DBusCallFlags.ALLOW_INTERACTIVE_AUTHORIZATION, 20000, None, answered)
    loop.run()


if __name__ == '__main__':
    main()
