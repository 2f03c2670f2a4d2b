# SPDX-License-Identifier: GPL-2.0-or-later
"""surface_caller.py abuse|knock FOLDER: calls every member of every object of the service, as whoever runs it.

abuse: with impossible values, one at a time, of every argument and of every key that the documentation names.
Each must be refused by an error of the service that names what is wrong, or be taken; what is refused changes
nothing.  knock: with and without sense, as somebody who may do nothing.

FOLDER has the interfaces' documents.  Prints how many calls were made and a line for each that went wrong."""

import fcntl
import glob
import os
import re
import sys
import time
import xml.etree.ElementTree

import gi

gi.require_version('Gio', '2.0')
from gi.repository import Gio, GLib  # noqa: E402

NAME = 'org.sallyport.Sallyport1'
ROOT = '/org/sallyport/Sallyport1'
PROPERTIES = 'org.freedesktop.DBus.Properties'
MANAGER = 'org.freedesktop.DBus.ObjectManager'
OWN_ERROR = f'{NAME}.Error.'
NO_SENSE = ('org.freedesktop.DBus.Error.InvalidArgs',)  # the bus library's own, for arguments of a wrong type

HUGE = 'x' * 65536
TEXTS = ['', HUGE, 'a\nb', 'a\r\nB: c', '\x1b[2J', 'a\u202eb', '\u2028', '../../etc/passwd', '/', '.', '-x', '%s%n', "'; DROP TABLE users; --"]
BAD_VALUES = {
    's': [GLib.Variant('s', text) for text in TEXTS],
    'o': [GLib.Variant('o', '/'), GLib.Variant('o', '/nowhere')],
    'u': [GLib.Variant('u', number) for number in (0, 2**32 - 1)],
    't': [GLib.Variant('t', number) for number in (0, 2**63, 2**64 - 1)],
    'b': [GLib.Variant('b', True)],
    'as': [GLib.Variant('as', texts) for texts in ([], [''], ['a\nb'], ['../x'], [HUGE], ['x'] * 5000)],
    'ay': [GLib.Variant('ay', b''), GLib.Variant('ay', b'\0' * 65536)],
}
# One of each type, to stand where another type belongs.
STRANGERS = [GLib.Variant('s', 'text'), GLib.Variant('i', -1), GLib.Variant('t', 7), GLib.Variant('b', True), GLib.Variant('d', float('nan')),
             GLib.Variant('as', ['x']), GLib.Variant('v', GLib.Variant('v', GLib.Variant('u', 1))), GLib.Variant('(ss)', ('a', 'b'))]
# What ends the thing that it is called of, or the server, is called with an option more that nobody knows.
ENDINGS = ('Disconnect', 'DisconnectAll', 'Remove', 'Purge', 'Revoke', 'Lift', 'Stop', 'Reset')
# What the documents have and there is nothing to call it of: a job that takes long enough.
NOT_CALLED = {'Job.Cancel'}
UNKNOWN_KEYS = ['nonsense', 'Nonsense', '', HUGE, '\x1b[2J', 'a\u202eb', '../x']


def memory_file(content=b'', seals=fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK, size=None):
    fd = os.memfd_create('abuse', os.MFD_ALLOW_SEALING)
    os.write(fd, content)
    if size is not None:
        os.ftruncate(fd, size)
    fcntl.fcntl(fd, fcntl.F_ADD_SEALS, seals)
    return fd


def bad_descriptors():
    """Fresh each time: the other side may seek in them or close them."""
    reader, writer = os.pipe()
    os.close(writer)
    return {'empty': memory_file(), 'unsealed': memory_file(b'secret', 0), 'huge': memory_file(size=1 << 30), 'binary': memory_file(bytes(256)),
            'pipe': reader, 'null': os.open('/dev/null', os.O_RDWR), 'zero': os.open('/dev/zero', os.O_RDONLY),
            'folder': os.open('/', os.O_RDONLY), 'path': os.open('/etc/passwd', os.O_PATH)}


# --- what there is ---

class Documents:
    """The keys that each dictionary argument knows, as the documents of the interfaces name them."""

    def __init__(self, folder):
        self.keys, self.methods = {}, set()
        for path in glob.glob(f'{folder}/{NAME}.*.xml'):
            with open(path, encoding='utf-8') as file:
                self._read(file.read())

    def _read(self, text):
        pieces = re.split(r'(<!--.*?-->)', text, flags=re.S)
        interface = ''
        for comment, after in zip(pieces[1::2], pieces[2::2]):
            opened = re.search(r'<interface name="([^"]+)"', after)
            interface = opened.group(1) if opened else interface
            member = re.search(r'<method name="([^"]+)"', after)
            if member:
                self.methods.add(f'{interface}.{member.group(1)}'.removeprefix(f'{NAME}.'))
                for argument, words in re.findall(r'@([a-z_]+):(.*?)(?=\n\s*@|-->)', comment, flags=re.S):
                    self.keys[interface, member.group(1), argument] = self._find_keys(words.split('\n\n')[0])

    @staticmethod
    def _find_keys(words):
        """"One" (s), "two" and "three" (u, seconds): …"""
        keys = {}
        for names, kind in re.findall(r'((?:"[A-Za-z][A-Za-z0-9-]*"(?:,? and |, )?)+)\s*\(([a-z]+)[,)]', ' '.join(words.split())):
            for name in re.findall(r'"([^"]+)"', names):
                keys[name] = kind
        return keys


class Service:
    def __init__(self):
        self.bus = Gio.bus_get_sync(Gio.BusType.SYSTEM, None)

    def call(self, path, interface, method, arguments, descriptors=()):
        """(the answer, '') or (None, the error's name and message)"""
        fds = Gio.UnixFDList.new_from_array([os.dup(fd) for fd in descriptors])
        try:
            answer, _ = self.bus.call_with_unix_fd_list_sync(NAME, path, interface, method, arguments, None, Gio.DBusCallFlags.NONE, 30000,
                                                             fds, None)
            return answer, '', ''
        except GLib.Error as error:
            name = Gio.DBusError.get_remote_error(error) or f'{error.domain}:{error.code}'
            Gio.DBusError.strip_remote_error(error)
            return None, name, error.message

    def introspect(self, path):
        answer, name, message = self.call(path, 'org.freedesktop.DBus.Introspectable', 'Introspect', None)
        if answer is None:
            raise SystemExit(f'{path} cannot be introspected: {name} {message}')
        return xml.etree.ElementTree.fromstring(answer.unpack()[0])

    def look(self):
        """Objects are shown to those who may look."""
        _, name, message = self.call(f'{ROOT}/Server', f'{NAME}.Server', 'Subscribe', GLib.Variant('(a{sv})', ({},)))
        if name:
            raise SystemExit(f'Subscribe: {name} {message}')

    def list_objects(self):
        found = [f'{ROOT}/Server']
        for folder in self.introspect(ROOT).findall('node'):
            path = f'{ROOT}/{folder.get("name")}'
            found += [f'{path}/{child.get("name")}' for child in self.introspect(path).findall('node')]
        return found

    def list_methods(self, path):
        for interface in self.introspect(path).findall('interface'):
            if interface.get('name').startswith(NAME):
                for method in interface.findall('method'):
                    yield interface.get('name'), method.get('name'), [
                        (arg.get('name'), arg.get('type')) for arg in method.findall('arg') if arg.get('direction') != 'out']

    def state(self):
        """All that can be seen and does not change by itself."""
        answer, name, message = self.call(ROOT, MANAGER, 'GetManagedObjects', None)
        if answer is None:
            raise SystemExit(f'GetManagedObjects: {name} {message}')
        objects = answer.unpack()[0]
        return {path: {interface: values for interface, values in interfaces.items() if not interface.endswith('.Statistics')}
                for path, interfaces in objects.items()}


# --- the calls ---

def plain(kind):
    """A value that means nothing in particular."""
    return {'s': GLib.Variant('s', 'zz'), 'o': GLib.Variant('o', f'{ROOT}/users/zz'), 'u': GLib.Variant('u', 1), 't': GLib.Variant('t', 1),
            'b': GLib.Variant('b', False), 'h': GLib.Variant('h', 0), 'a{sv}': GLib.Variant('a{sv}', {}), 'as': GLib.Variant('as', []),
            'ay': GLib.Variant('ay', b''), 'ah': GLib.Variant('ah', [0])}[kind]


# What a call needs to come as far as to look at the rest.
NEEDED = {('AddUser', 'values'): {'Login': GLib.Variant('s', 'zz')}}


def plain_of(method, argument, kind):
    return dictionary(NEEDED[method, argument]) if (method, argument) in NEEDED else plain(kind)


def tuple_of(values):
    return GLib.Variant.new_tuple(*values)


def dictionary(pairs):
    return GLib.Variant('a{sv}', dict(pairs))


class Abuse:
    def __init__(self, service, documents, user_values):
        self.service, self.documents, self.user_values = service, documents, user_values
        self.n_calls, self.wrong = 0, []

    def complain(self, what, *facts):
        self.wrong.append(' '.join([what, *(str(fact)[:200] for fact in facts)]))

    def attempt(self, member, arguments, must_name=None, descriptors=(), must_fail=False):
        before = self.before
        _, name, message = self.service.call(*member, tuple_of(arguments), descriptors)
        self.n_calls += 1
        shown = '.'.join(member[1:]).removeprefix(NAME)
        if name and not name.startswith(OWN_ERROR) and name not in NO_SENSE:
            self.complain('strange error', shown, name, message, must_name)
        if name == f'{OWN_ERROR}Failed':
            self.complain('the caller’s fault is told as a failure', shown, message, must_name)
        if any(sign in message for sign in ('\n', '\x1b', '\u202e', '\u2028')) or len(message) > 600:
            self.complain('the message repeats what it should not', shown, repr(message), must_name)
        if must_fail and not name:
            self.complain('was taken', shown, must_name, arguments)
        if must_fail and name and must_name and must_name not in message:
            self.complain('the message does not name what is wrong', shown, must_name, message)
        after = self.service.state()
        if name and after != before:
            after = self.look_again(member, arguments, descriptors, shown, must_name)
        self.before = after

    def look_again(self, member, arguments, descriptors, shown, must_name):
        """What a call that was taken set going may have ended meanwhile; once all is quiet, a refused one has no such excuse."""
        before, again = self.service.state(), None
        for _ in range(50):
            time.sleep(0.1)
            before, again = self.service.state(), before
            if before == again:
                break
        _, name, _ = self.service.call(*member, tuple_of(arguments), descriptors)
        after = self.service.state()
        if name and after != before:
            self.complain('a refused call changed something', shown, must_name,
                          [(path, before.get(path), after.get(path)) for path in {*before, *after} if before.get(path) != after.get(path)])
        return after

    def abuse_key(self, member, plains, position, argument, key, kind):
        more = {'nonsense': GLib.Variant('u', 1)} if member[2] in ENDINGS else NEEDED.get((member[2], argument), {})
        for value in BAD_VALUES.get(kind, []):
            self.attempt(member, plains[:position] + [dictionary({**more, key: value})] + plains[position + 1:], key)
        for value in STRANGERS:
            if value.get_type_string() != kind:
                self.attempt(member, plains[:position] + [dictionary({key: value})] + plains[position + 1:], key, must_fail=True)

    def abuse_dictionary(self, member, plains, position, argument):
        for key in UNKNOWN_KEYS:
            self.attempt(member, plains[:position] + [dictionary({key: GLib.Variant('s', 'x')})] + plains[position + 1:],
                         key if key.isalpha() and len(key) < 65 else None, must_fail=True)
        keys = dict(self.documents.keys.get((*member[1:], argument), {}))
        if argument in ('changes', 'values') and (member[1].endswith('.User') or member[2] == 'AddUser'):
            keys.update(self.user_values)
        for key, kind in keys.items():
            self.abuse_key(member, plains, position, argument, key, kind)

    def abuse_descriptor(self, member, plains, position, kind):
        for number in (1, 2**31 - 1, -1):
            value = GLib.Variant('h', number) if kind == 'h' else GLib.Variant('ah', [0, number])
            self.attempt(member, plains[:position] + [value] + plains[position + 1:], must_fail=True)
        descriptors = bad_descriptors()
        for name, fd in descriptors.items():
            self.attempt(member, plains, name, [fd])
        for fd in descriptors.values():
            os.close(fd)

    def abuse_method(self, path, interface, method, arguments):
        member = (path, interface, method)
        plains = [plain_of(method, argument, kind) for argument, kind in arguments]
        self.before = self.service.state()
        if path not in self.before and not path.endswith('/Server'):
            return False  # a call before this one took it away
        self.attempt(member, [*plains, GLib.Variant('s', 'one too many')], must_fail=True)
        for position, (argument, kind) in enumerate(arguments):
            if kind == 'a{sv}':
                self.abuse_dictionary(member, plains, position, argument)
            elif kind in ('h', 'ah'):
                self.abuse_descriptor(member, plains, position, kind)
            else:
                for value in BAD_VALUES[kind]:
                    # An option that nobody knows keeps the call from doing anything where the value is fine.
                    ends = [dictionary({'nonsense': GLib.Variant('u', 1)})] if arguments[-1][1] == 'a{sv}' else plains[-1:]
                    self.attempt(member, plains[:position] + [value] + plains[position + 1:-1] + ends, must_fail=True)
        return True


def abuse(service, documents):
    service.look()
    user_values = {}
    paths = service.list_objects()
    for path in paths:
        if '/users/' in path:
            for interface in service.introspect(path).findall(f"interface[@name='{NAME}.User']"):
                user_values = {prop.get('name'): prop.get('type') for prop in interface.findall('property')}
    if not user_values:
        raise SystemExit('nobody to try it on')
    work = Abuse(service, documents, user_values)
    seen = set()
    for path in paths:
        for interface, method, arguments in list(service.list_methods(path)):
            name = f'{interface}.{method}'.removeprefix(f'{NAME}.')
            if name not in seen and work.abuse_method(path, interface, method, arguments):
                seen.add(name)
    print(f'{work.n_calls} calls of {len(seen)} methods: ' + ' '.join(sorted(seen)))
    if documents.methods - seen != NOT_CALLED:
        work.complain('not every method that is documented was called; without those', sorted(documents.methods - seen))
    return work.wrong


def knock(service, paths_file):
    """As somebody who may do nothing; who may know which objects there are wrote the file."""
    wrong = []
    with open(paths_file, encoding='ascii') as file:
        members = [line.rstrip('\n').split('|') for line in file]
    for path, interface, method, kinds in members:
        arguments = [plain(kind) for kind in kinds.split(' ') if kind]
        for attempt in (arguments, arguments[:-1] + [dictionary({'nonsense': GLib.Variant('u', 1)})] if kinds.endswith('a{sv}') else arguments):
            _, name, message = service.call(path, interface, method, tuple_of(attempt), [0])
            print(f'{interface}.{method}|{name.removeprefix(OWN_ERROR)}|{message}')
    return wrong


def list_members(service):
    """For knock(): a line for each member of each kind of object."""
    service.look()
    seen = set()
    for path in service.list_objects():
        for interface, method, arguments in service.list_methods(path):
            if (interface, method) not in seen:
                seen.add((interface, method))
                print('|'.join([path, interface, method, ' '.join(kind for _, kind in arguments)]))
        for interface in service.introspect(path).findall('interface'):
            name = interface.get('name')
            if name.startswith(NAME) and (name, 'properties') not in seen:
                seen.add((name, 'properties'))
                print('|'.join([path, name, '', '']))


def main():
    service = Service()
    if sys.argv[1] == 'members':
        list_members(service)
        return 0
    if sys.argv[1] == 'knock':
        knock(service, sys.argv[2])
        return 0
    wrong = abuse(service, Documents(sys.argv[2]))
    for line in wrong:
        print(line)
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main())
