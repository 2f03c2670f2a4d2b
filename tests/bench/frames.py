# SPDX-License-Identifier: GPL-2.0-or-later
"""How long the window's main loop is busy while ten thousand users are scrolled and searched, beside a list of ten thousand
plain labels that is scrolled alike.  A turn of the loop is what comes between two waits; its CPU time is split into drawing,
which a software renderer makes dear, and the rest, in which all that is ours happens.  Run by tests/gui/stage.py.

Without assistive technology, since its questions, which are how stories see, are answered in the same loop; and with its
bus there, for GTK 4.8 tells that each change of each widget whether anybody listens or not."""

import os
import statistics
import time

import harness
import measure_users
from probe import Probe
from scenes import scene
from screen import Screen
from window import wait_for

MANY = int(os.environ.get('FRAMES_USERS', '10000'))
LIMIT = 50  # ms that a turn may take
NOTCHES, PAGES = 150, 60
QUIET = 2   # seconds in which what is under way ends


class Blind:
    """A program with a window, driven by keys and wheel alone."""

    def __init__(self, stage, command, **environment):
        self.desktop = stage.desktop()
        self.screen = Screen(self.desktop.display)
        self.probe = Probe(stage.build, self.desktop)
        self.process = self.desktop.start(self.probe.command(command), 'frames', **environment)
        self.area = wait_for('the window', lambda: self.screen.windows(self.process.pid), 60)[0]
        self.screen.resize(self.area.window, 900, 640)
        self.screen.focus(self.area.window)

    def turns(self):
        return self.probe.ask(self.process).turns

    def quiet(self):
        """Until nothing but what the clock asks for happens."""
        while sum(total for total, _ in self.settled()) > QUIET * 50_000:
            pass

    def settled(self):
        time.sleep(QUIET)
        return self.turns()

    def end(self):
        self.process.terminate()
        self.process.wait()


def tell(who, what, turns):
    """Of turns in which something was drawn, or that were long: the others only take in events."""
    frames = [(total / 1000, (total - paint) / 1000) for total, paint in turns if paint or total > 1000] or [(0, 0)]
    for name, column in (('all', 0), ('without drawing', 1)):
        times = sorted(frame[column] for frame in frames)
        p95, p99 = (times[min(len(times) - 1, int(len(times) * share))] for share in (.95, .99))
        print(f'{who:16} {what:10} {name:16} {len(times):4} turns: median {statistics.median(times):5.1f}, p95 {p95:5.1f}, '
              f'p99 {p99:5.1f}, longest {times[-1]:5.1f} ms, {sum(time > LIMIT for time in times)} over {LIMIT} ms', flush=True)


def measure(window, who, what, act):
    window.quiet()
    act()
    tell(who, what, window.settled())


def scroll(window, who):
    def wheel():
        window.screen.point_at(450, 430)
        window.screen.scroll(down=True, times=NOTCHES)

    measure(window, who, 'wheel', wheel)
    measure(window, who, 'Page Down', lambda: window.screen.keys('--delay', '60', *['Page_Down'] * PAGES))
    measure(window, who, 'End, Home', lambda: window.screen.keys('--delay', '400', 'End', 'Home', 'End', 'Home'))


def search(window, who):
    window.screen.keys('ctrl+f')
    for what, text in (('search', 'person09'), ('nobody', 'zzz')):
        measure(window, who, what, lambda text=text: window.screen.do('type', '--delay', 60, text))
    measure(window, who, 'Escape', lambda: window.screen.keys('Escape'))


def show_labels(stage, who, **environment):
    window = Blind(stage, [harness.program(stage), 'list'], **environment)
    window.quiet()
    window.screen.point_at(450, 430)
    window.screen.click()
    scroll(window, who)
    window.end()


def show_users(stage, who, **environment):
    window = Blind(stage, ['/usr/bin/sallyport'], **environment)
    measure(window, who, 'opening', lambda: window.screen.keys('ctrl+2'))
    search(window, who)
    # Escape leaves the keyboard to the list.
    scroll(window, who)
    window.end()


@scene(server='on')
def story_frames(stage):
    """Frames of a long list."""
    measure_users.Caller().add_many([f'person{number:05}' for number in range(MANY)])
    for words, environment in (('', {'GTK_A11Y': 'none'}), (', told', {'GTK_A11Y': 'atspi'})):
        show_labels(stage, f'labels{words}', **environment)
        show_users(stage, f'users{words}', **environment)
