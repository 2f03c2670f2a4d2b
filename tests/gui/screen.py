# SPDX-License-Identifier: GPL-2.0-or-later
"""Hands and eyes at a screen: pointer, keyboard, the windows on it, and pictures of it."""

import collections
import os
import subprocess
import time

import xcffib
import xcffib.xtest
from xcffib import xproto

SECONDS = 20
LONGEST_NAME = 64  # words of four bytes
BETWEEN_CLICKS = 0.02
BUTTON_PRESS, BUTTON_RELEASE, MOTION = 4, 5, 6  # as the X protocol counts its events
Area = collections.namedtuple('Area', 'window name x y width height')


def around(areas):
    """The area that has all of these in it."""
    x, y = min(area.x for area in areas), min(area.y for area in areas)
    return Area('', '', x, y, max(area.x + area.width for area in areas) - x, max(area.y + area.height for area in areas) - y)


def _answer(question):
    try:
        return question.reply()
    except xcffib.Error:
        return None


class Screen:
    def __init__(self, display):
        self.environment = {**os.environ, 'DISPLAY': display}
        self.connection = xcffib.connect(display=display)
        self.test = self.connection(xcffib.xtest.key)
        self.top = self.connection.get_setup().roots[0]
        self.process_of_window, self.name_of_window = (
            self.connection.core.InternAtom(False, len(name), name).reply().atom for name in ('_NET_WM_PID', '_NET_WM_NAME'))

    # --- windows ---

    def windows(self, process=None):
        """Those of a process that are on the screen, or all, the lowest first."""
        core = self.connection.core
        asked = [(window, core.GetWindowAttributes(window), core.GetGeometry(window),
                  core.GetProperty(False, window, self.process_of_window, xproto.Atom.CARDINAL, 0, 1),
                  core.GetProperty(False, window, self.name_of_window, xproto.GetPropertyType.Any, 0, LONGEST_NAME))
                 for window in core.QueryTree(self.top.root).reply().children]
        found = []
        for window, *questions in asked:
            answers = [_answer(question) for question in questions]
            # One that went meanwhile has no answers.
            if None in answers or answers[0].map_state != xproto.MapState.Viewable:
                continue
            _, place, owner, name = answers
            if process is None or owner.value.to_atoms()[:1] == (process,):
                found.append(Area(window, name.value.to_utf8(), place.x, place.y, place.width, place.height))
        return found

    @property
    def corner(self):
        """The lowest and rightmost point."""
        return self.top.width_in_pixels - 1, self.top.height_in_pixels - 1

    def focused(self):
        return self.connection.core.GetInputFocus().reply().focus

    def focus(self, window):
        self.connection.core.SetInputFocus(xproto.InputFocus.Parent, window, xproto.Time.CurrentTime)
        self._sync()

    def move(self, window, x, y):
        self.connection.core.ConfigureWindow(window, xproto.ConfigWindow.X | xproto.ConfigWindow.Y, [x, y])
        self._sync()

    def resize(self, window, width, height):
        self.connection.core.ConfigureWindow(window, xproto.ConfigWindow.Width | xproto.ConfigWindow.Height, [width, height])
        self._sync()

    def _sync(self):
        """Until the screen has done all that."""
        self.focused()

    # --- pointer ---

    def _pretend(self, kind, detail=0, x=0, y=0):
        self.test.FakeInput(kind, detail, xproto.Time.CurrentTime, self.top.root, x, y, 0)
        self._sync()

    def point_at(self, x, y):
        self._pretend(MOTION, 0, round(x), round(y))

    def click(self, button=1, times=1):
        for turn in range(times):
            if turn:
                time.sleep(BETWEEN_CLICKS)
            self._pretend(BUTTON_PRESS, button)
            self._pretend(BUTTON_RELEASE, button)

    def scroll(self, down, times=1):
        self.click(5 if down else 4, times)

    def drag(self, begin, end):
        """Step by step, as a hand does: a drag begins by moving, and whoever is crossed answers."""
        self.point_at(*begin)
        self._pretend(BUTTON_PRESS, 1)
        for part in (0.05, 0.1, 0.3, 0.6, 0.9, 1, 1):
            self.point_at(*(a + (b - a) * part for a, b in zip(begin, end)))
            time.sleep(0.1)
        self.point_at(end[0] + 1, end[1] + 1)
        time.sleep(0.3)
        self._pretend(BUTTON_RELEASE, 1)

    # --- keyboard: xdotool knows the names of keys, and what to do about characters that have none ---

    def do(self, *words):
        done = subprocess.run(['xdotool', *map(str, words)], env=self.environment, capture_output=True, text=True,
                              timeout=SECONDS, check=False)
        if done.returncode:
            raise AssertionError(f'xdotool {" ".join(map(str, words))}: {done.stderr.strip()}')

    def keys(self, *chords):
        self.do('key', *chords)

    def type(self, text):
        self.do('type', '--delay', 2, text)

    # --- pictures ---

    def take_picture(self, path, area):
        geometry = f'{area.width}x{area.height}+{area.x}+{area.y}'
        subprocess.run(['import', '-window', 'root', '-crop', geometry, '+repage', path], env=self.environment, check=True,
                       timeout=SECONDS)


def read_codes(path):
    """What the QR codes in a picture say."""
    done = subprocess.run(['zbarimg', '--quiet', '--raw', '-Sdisable', '-Sqrcode.enable', path], capture_output=True,
                          text=True, timeout=SECONDS, check=False)
    return done.stdout.splitlines()
