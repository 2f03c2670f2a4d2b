# SPDX-License-Identifier: GPL-2.0-or-later
"""The desktop of one person: a screen, a session bus, the accessibility bus, a home, and nobody else's."""

import contextlib
import os
import pwd
import subprocess
import time

from gi.repository import Gio, GLib

import accessible
import machine
import people

FOLDER = '/run/desktops'
SCREEN = '1400x1000x24'
# Seconds.  What watches each piece of memory is many times slower.
PATIENCE = float(os.environ.get('SALLYPORT_PATIENCE', '30'))
# Nothing moves by itself, so that a picture shows the end of a transition; the rest is as GNOME has it.
SETTINGS = """[Settings]
gtk-enable-animations=false
gtk-cursor-blink=false
gtk-decoration-layout=appmenu:close
gtk-font-name=Cantarell 11
gtk-xft-antialias=1
gtk-xft-hinting=1
gtk-xft-hintstyle=hintslight
"""


@contextlib.contextmanager
def person(name):
    """Connections made meanwhile are this person's; a session bus takes no other's, not even root's."""
    os.seteuid(pwd.getpwnam(name).pw_uid)
    try:
        yield
    finally:
        os.seteuid(0)


# A thin line instead of a shadow: the place of what is inside can be told then.
STYLE = """window.csd, window.solid-csd { box-shadow: none; margin: 0; padding: 0; border: 1px solid #888; border-radius: 0; }
"""


class Desktop:
    """Up when made; it ends with the lab.  `language` is like "de"; `settings` are lines for GTK; `more` is found in the
    environment besides; with `socket` the screen has one below /tmp, which then must be the lab's own."""

    def __init__(self, owner, number=0, language='en', settings='', more=None, socket=False):
        self.owner, self.display, self.folder = owner, f':{number}', f'{FOLDER}/{owner}'
        self.more, self.socket = more or {}, socket
        self.runtime, self.home = f'{self.folder}/runtime', f'{self.folder}/home'
        self.language = language
        self._make_folders(settings)
        screen = self._start_screen()
        self.bus_address = f'unix:path={self.runtime}/bus'
        self._start(['dbus-daemon', '--session', '--nofork', '--nopidfile', f'--address={self.bus_address}'], 'bus')
        self._wait('the session bus', lambda: os.path.exists(f'{self.runtime}/bus'))
        self._finish_screen(screen)
        with person(owner):
            self.bus = self._connect()
            self.accessibility = accessible.Bus(self._accessibility_address())

    def _make_folders(self, settings):
        configuration = f'{self.home}/.config/gtk-4.0'
        for folder in (self.runtime, configuration):
            os.makedirs(folder, mode=0o700, exist_ok=True)
        with open(f'{configuration}/settings.ini', 'w', encoding='utf-8') as file:
            file.write(SETTINGS + settings)
        with open(f'{configuration}/gtk.css', 'w', encoding='utf-8') as file:
            file.write(STYLE)
        subprocess.run(['chown', '-R', f'{self.owner}:', self.folder], check=True)

    def _start_screen(self):
        """Its socket is in the abstract namespace, which belongs to the lab's network, so nobody outside is met."""
        no_socket = [] if self.socket else ['-nolisten', 'unix']
        read, write = os.pipe()
        with open(f'{self.folder}/screen.log', 'wb') as log:
            subprocess.Popen(['Xvfb', self.display, '-displayfd', str(write), '-screen', '0', SCREEN, '-nolisten', 'tcp',
                              *no_socket, '-nolock', '-noreset', '-dpi', '96'],
                             pass_fds=[write], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        os.close(write)
        return read

    def _finish_screen(self, read):
        with open(read, 'rb') as ready:
            if not ready.readline():
                raise AssertionError(f'no screen: {self.log("screen")}')
        # Blends menus and round corners with what lies below.
        self.start(['xcompmgr', '-n'], 'compositor')

    def _accessibility_address(self):
        answer = self.bus.call_sync('org.a11y.Bus', '/org/a11y/bus', 'org.a11y.Bus', 'GetAddress', None, None,
                                    Gio.DBusCallFlags.NONE, int(PATIENCE * 1000), None)
        return answer.unpack()[0]

    def _connect(self):
        flags = Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION
        return Gio.DBusConnection.new_for_address_sync(self.bus_address, flags, None)

    def _wait(self, what, ready):
        deadline = time.monotonic() + PATIENCE
        while not ready():
            if time.monotonic() > deadline:
                raise AssertionError(f'{what} of {self.owner} did not come')
            time.sleep(0.005)

    def _start(self, command, name):
        return machine.start(people.command(self.owner, *command), f'{self.folder}/{name}.log', env=self.environment(),
                             cwd=self.home)

    def log(self, name):
        with open(f'{self.folder}/{name}.log', encoding='utf-8', errors='replace') as file:
            return file.read()

    def environment(self, **more):
        """What a program of this person finds: nothing of the caller's but the search path and the system bus."""
        kept = {name: os.environ[name] for name in ('PATH', 'DBUS_SYSTEM_BUS_ADDRESS', 'LOCPATH') if name in os.environ}
        return {
            **kept, 'HOME': self.home, 'XDG_CACHE_HOME': f'{self.home}/.cache', 'XDG_RUNTIME_DIR': self.runtime,
            'USER': self.owner, 'LOGNAME': self.owner, 'DISPLAY': self.display, 'DBUS_SESSION_BUS_ADDRESS': f'unix:path={self.runtime}/bus', 'LANGUAGE': self.language,
            'LC_ALL': 'C.UTF-8', 'GDK_BACKEND': 'x11', 'GSK_RENDERER': 'cairo', 'GTK_A11Y': 'atspi', 'GIO_USE_VFS': 'local',
            'GSETTINGS_BACKEND': 'keyfile', 'ADW_DISABLE_PORTAL': '1', **self.more, **more}

    def start(self, command, name, **environment):
        """A program of this person; its words are in log(name)."""
        return machine.start(people.command(self.owner, *command), f'{self.folder}/{name}.log',
                             env=self.environment(**environment), cwd=self.home)

    def activate(self, application, action, parameter=None):
        """An action of a running application, as the desktop's menus invoke it."""
        parameters = [GLib.Variant(*parameter)] if parameter else []
        self.bus.call_sync(application, '/' + application.replace('.', '/'), 'org.gtk.Actions', 'Activate',
                           GLib.Variant('(sava{sv})', (action, parameters, {})), None, Gio.DBusCallFlags.NONE,
                           int(PATIENCE * 1000), None)
