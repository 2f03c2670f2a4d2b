# SPDX-License-Identifier: GPL-2.0-or-later
"""call.py PATH INTERFACE METHOD ARGUMENTS [--interactive] [--fd KIND TEXT] [--read-fd]: one call of the service.

ARGUMENTS is a tuple in GVariant text.  The descriptor (handle 0) is a sealed memory file that holds TEXT, or
another KIND of descriptor that ought to be refused.  With --read-fd the answer's descriptor is read, and how it is sealed
stands in the last line."""

import fcntl
import os
import sys
import tempfile

import gi

gi.require_version('Gio', '2.0')
from gi.repository import Gio, GLib  # noqa: E402

NAME = 'org.sallyport.Sallyport1'
SEALS = {'sealed': fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK,
         'half-sealed': fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK, 'unsealed': 0}


def open_descriptor(kind, content):
    if kind in SEALS:
        fd = os.memfd_create('test', os.MFD_ALLOW_SEALING)
        os.write(fd, content)
        fcntl.fcntl(fd, fcntl.F_ADD_SEALS, SEALS[kind])
    elif kind == 'pipe':
        fd, writer = os.pipe()
        os.write(writer, content)
    else:
        fd, path = tempfile.mkstemp()
        os.unlink(path)
        os.write(fd, content)
    return fd


def call(path, interface, method, arguments, flags):
    bus = Gio.bus_get_sync(Gio.BusType.SYSTEM, None)
    descriptors = None
    if '--fd' in flags:
        kind, content = flags[flags.index('--fd') + 1:flags.index('--fd') + 3]
        descriptors = Gio.UnixFDList.new_from_array([open_descriptor(kind, content.encode())])
    call_flags = Gio.DBusCallFlags.NONE
    if '--interactive' in flags:
        call_flags = Gio.DBusCallFlags.ALLOW_INTERACTIVE_AUTHORIZATION
    answer, returned = bus.call_with_unix_fd_list_sync(NAME, path, interface, method, GLib.Variant.parse(None, arguments, None, None),
                                                None, call_flags, 20000, descriptors, None)
    if '--read-fd' in flags and returned is not None:
        return '\n'.join([answer.print_(False), *read_descriptor(returned.get(0))])
    return answer.print_(False)


def read_descriptor(fd):
    seals = fcntl.fcntl(fd, fcntl.F_GET_SEALS)
    return [os.pread(fd, 65536, 0).decode().rstrip('\n'), 'sealed' if seals & SEALS['sealed'] == SEALS['sealed'] else 'open']


def main():
    try:
        print(call(*sys.argv[1:5], sys.argv[5:]))
    except GLib.Error as error:
        name = Gio.DBusError.get_remote_error(error) or f'{error.domain}:{error.code}'
        Gio.DBusError.strip_remote_error(error)
        print(name.removeprefix(NAME + '.Error.'))
        print(error.message)
        return 1
    return 0


if __name__ == '__main__':
    sys.exit(main())
