# SPDX-License-Identifier: GPL-2.0-or-later
"""A person's desktop on which the Flatpak is installed, for that person alone, and the window in its sandbox."""

import os
import subprocess

import bundle
import house
import people
from desktop import PATIENCE, SCREEN
from window import Window

RUNTIME, BUNDLE, SOCKETS = '/run/flatpak-runtime', '/run/sallyport.flatpak', '/tmp/.X11-unix'
ID = bundle.APPLICATION
# What the compositor draws on.
WHOLE = tuple(int(number) for number in SCREEN.split('x')[:2])


class SandboxedWindow(Window):
    """GTK tells no process where it is in a sandbox; nothing else is on this screen."""

    def _areas(self):
        return [area for area in self.screen.windows() if (area.width, area.height) != WHOLE]


class Sandbox(house.House):
    """RUNTIME and BUNDLE of the environment: what the person finds installed by the system, and installs."""

    def __init__(self, build, story, told):
        super().__init__(build, story, told)
        self._show(os.environ['SALLYPORT_RUNTIME'], RUNTIME)
        self._show(os.environ['SALLYPORT_BUNDLE'], BUNDLE)
        # Of this lab, since /tmp is not.
        os.makedirs(SOCKETS, exist_ok=True)
        subprocess.run(['mount', '-t', 'tmpfs', '-o', 'mode=1777', 'tmpfs', SOCKETS], check=True)

    @staticmethod
    def _show(path, place):
        """Wherever it is kept, people can read it here."""
        if os.path.isdir(path):
            os.makedirs(place)
        else:
            with open(place, 'wb'):
                pass
        subprocess.run(['mount', '--bind', '-o', 'ro', path, place], check=True)

    def desktop(self, person='alice', **options):
        new = person not in self.desktops
        exports = f'/run/desktops/{person}/home/.local/share/flatpak/exports/share'
        more = {'FLATPAK_SYSTEM_DIR': RUNTIME, 'XDG_DATA_DIRS': f'{exports}:/usr/local/share:/usr/share'}
        desktop = super().desktop(person, more=more, socket=True, **options)
        if new:
            self.run(desktop, 'flatpak', 'install', '--user', '--noninteractive', '-y', BUNDLE)
        return desktop

    def open(self, *arguments, person='alice', program=None, dark=False, environment=None, **options):
        window = SandboxedWindow(self.desktop(person, **options), ['flatpak', 'run', ID, *arguments], 'sallyport',
                                 self.pictures, f'window-{len(self.windows)}', environment)
        self.windows.append(window)
        return window

    @staticmethod
    def run(desktop, *words, check=True):
        """A command of the person, outside; returns what it wrote."""
        done = subprocess.run(people.command(desktop.owner, *words), env=desktop.environment(), cwd=desktop.home,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              timeout=4 * PATIENCE, check=False)
        if check and done.returncode:
            raise AssertionError(f'{" ".join(words)}: status {done.returncode}\n{done.stdout}')
        return done.stdout

    def inside(self, desktop, script, check=True):
        """The same in the sandbox, by its shell."""
        return self.run(desktop, 'flatpak', 'run', '--command=sh', ID, '-c', script, check=check)
