# SPDX-License-Identifier: GPL-2.0-or-later
"""unit_files.py STATE: says in the place of systemd what state the files of one unit are in, and changes it when asked.
STATE: as systemd calls it, or "none": there is no such unit.  Prints what it is asked for."""

import sys

import gi

gi.require_version('Gio', '2.0')
from gi.repository import Gio, GLib  # noqa: E402

NAME, PATH, UNIT = 'org.freedesktop.systemd1', '/org/freedesktop/systemd1', 'sallyportd.service'
MANAGER = Gio.DBusNodeInfo.new_for_xml(f"""<node><interface name='{NAME}.Manager'>
<method name='Subscribe'/><method name='Reload'/>
<method name='GetUnitFileState'><arg type='s' direction='in'/><arg type='s' direction='out'/></method>
<method name='EnableUnitFiles'><arg type='as' direction='in'/><arg type='b' direction='in'/><arg type='b' direction='in'/>
  <arg type='b' direction='out'/><arg type='a(sss)' direction='out'/></method>
<method name='DisableUnitFiles'><arg type='as' direction='in'/><arg type='b' direction='in'/><arg type='a(sss)' direction='out'/></method>
<signal name='UnitFilesChanged'/></interface></node>""").interfaces[0]


class Systemd:
    def __init__(self, state):
        self.state = state
        self.bus = Gio.bus_get_sync(Gio.BusType.SYSTEM, None)
        self.bus.register_object(PATH, MANAGER, self.called, None, None)
        Gio.bus_own_name_on_connection(self.bus, NAME, Gio.BusNameOwnerFlags.NONE, lambda *_: print('ready', flush=True), None)

    def called(self, _bus, _sender, _path, _interface, method, arguments, invocation):
        print(method, arguments.print_(False), flush=True)
        if self.state == 'none' and method not in ('Subscribe', 'Reload'):
            invocation.return_dbus_error(f'{NAME}.NoSuchUnit', f'Unit {UNIT} not found.')
            return
        answers = {'GetUnitFileState': GLib.Variant('(s)', (self.state,)), 'EnableUnitFiles': GLib.Variant('(ba(sss))', (True, [])),
                   'DisableUnitFiles': GLib.Variant('(a(sss))', ([],))}
        if method in ('EnableUnitFiles', 'DisableUnitFiles'):
            assert arguments.unpack()[0] == [UNIT], arguments
            self.state = 'enabled' if method == 'EnableUnitFiles' else 'disabled'
            self.bus.emit_signal(None, PATH, f'{NAME}.Manager', 'UnitFilesChanged', None)
        invocation.return_value(answers.get(method))


if __name__ == '__main__':
    systemd = Systemd(sys.argv[1])
    GLib.MainLoop().run()
