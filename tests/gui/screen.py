# SPDX-License-Identifier: GPL-2.0-or-later
"""Hands and eyes at a screen: pointer, keyboard, the windows on it, and pictures of it."""

import collections
import os
import subprocess

SECONDS = 20
Area = collections.namedtuple('Area', 'window name x y width height')


def around(areas):
    """The area that has all of these in it."""
    x, y = min(area.x for area in areas), min(area.y for area in areas)
    return Area('', '', x, y, max(area.x + area.width for area in areas) - x, max(area.y + area.height for area in areas) - y)


class Screen:
    def __init__(self, display):
        self.environment = {**os.environ, 'DISPLAY': display}

    def do(self, *words, check=True):
        done = subprocess.run(['xdotool', *map(str, words)], env=self.environment, capture_output=True, text=True,
                              timeout=SECONDS, check=False)
        if check and done.returncode:
            raise AssertionError(f'xdotool {" ".join(map(str, words))}: {done.stderr.strip()}')
        return done.stdout

    def windows(self, process=None):
        """Those of a process that are on the screen, or all, the lowest first."""
        found = []
        for window in self.do('search', '--onlyvisible', '--maxdepth', '1', '.*', check=False).split():
            # The first line says whose it is, or nothing that matters.
            lines = self.do(*(['getwindowpid', window] if process else ['version']), 'getwindowgeometry', '--shell', window,
                            'getwindowname', window, check=False).splitlines()
            if len(lines) < 8 or process and lines[0] != str(process):
                continue
            values = dict(line.split('=') for line in lines[1:7])
            found.append(Area(window, lines[7], *(int(values[key]) for key in ('X', 'Y', 'WIDTH', 'HEIGHT'))))
        return found

    @property
    def corner(self):
        """The lowest and rightmost point."""
        width, height = map(int, self.do('getdisplaygeometry').split())
        return width - 1, height - 1

    def point_at(self, x, y):
        self.do('mousemove', x, y)

    def click(self, button=1, times=1):
        self.do('click', '--repeat', times, '--delay', 20, button)

    def scroll(self, down, times=1):
        self.click(5 if down else 4, times)

    def drag(self, begin, end):
        """Step by step, as a hand does: a drag begins by moving, and whoever is crossed answers."""
        self.do('mousemove', *begin, 'mousedown', 1)
        for part in (0.05, 0.1, 0.3, 0.6, 0.9, 1, 1):
            self.do('mousemove', *(round(a + (b - a) * part) for a, b in zip(begin, end)), 'sleep', 0.1)
        self.do('mousemove_relative', 1, 1, 'sleep', 0.3)
        self.do('mouseup', 1)

    def keys(self, *chords):
        self.do('key', *chords)

    def type(self, text):
        self.do('type', '--delay', 2, text)

    def focus(self, window):
        self.do('windowfocus', '--sync', window)

    def resize(self, window, width, height):
        self.do('windowsize', window, width, height)

    def take_picture(self, path, area):
        geometry = f'{area.width}x{area.height}+{area.x}+{area.y}'
        subprocess.run(['import', '-window', 'root', '-crop', geometry, '+repage', path], env=self.environment, check=True,
                       timeout=SECONDS)


def read_codes(path):
    """What the QR codes in a picture say."""
    done = subprocess.run(['zbarimg', '--quiet', '--raw', '-Sdisable', '-Sqrcode.enable', path], capture_output=True,
                          text=True, timeout=SECONDS, check=False)
    return done.stdout.splitlines()
