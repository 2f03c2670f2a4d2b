# SPDX-License-Identifier: GPL-2.0-or-later
"""A program with windows, as a story uses it: finds widgets by role and name, clicks, types, reads, takes pictures.

Everything waits until it is possible, with an end.  Names may be texts or compiled patterns."""

import os
import re
import time

import accessible
import screen
from desktop import PATIENCE

COMPLAINT = re.compile(r'(WARNING|CRITICAL|ERROR) \*\*|Sanitizer|runtime error:')
# What the platform itself says, and why that is no complaint about us: (pattern, reason).
ALLOWED = (
    (r'size_allocate\(\): attempt to allocate (GtkBox|AdwViewSwitcher) .* and height -1$',
     'AdwViewSwitcherBar of libadwaita 1.2, in the moment when it comes, where nothing moves by itself'),
)
# What the desktop's style draws left and right of a window.
LINES = 2
# Of the wheel: more than any page needs.
MANY_TURNS = 60
ROWS = {'list item', 'row', 'grid cell', 'tree item'}
# The widget in a popover whose parent is the surface, by which one is known.
POPOVER_CONTENT = 'GtkPopoverContent'


def wait_for(what, ready, seconds=PATIENCE):
    """Returns the first true answer; `what` may be a function that says what there is instead."""
    deadline = time.monotonic() + seconds
    while True:
        answer = ready()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f'{what() if callable(what) else what}: not within {seconds} s')
        time.sleep(0.05)


def spoken(node):
    """The name; GTK 4.8 gives rows of long lists none, and then it is what stands in them."""
    if node.name or node.role not in ROWS:
        return node.name
    labels = [one for one in node.below() if one.role == 'label']
    accessible.learn(labels, 'name')
    return next((one.name for one in labels if one.name), '')


def matches(wanted, name):
    if isinstance(wanted, re.Pattern):
        return bool(wanted.search(name))
    return accessible.plain(wanted) == name


def popover_of(node):
    """The popover that the node lies in, or None."""
    for one in (node, *node.ancestors()):
        if one.raw_name == POPOVER_CONTENT:
            return one.parent
    return None


def toplevel_of(node):
    chain = [node, *node.ancestors()]
    return chain[-2] if len(chain) > 1 else node


def is_at(toplevel, area):
    """A toplevel has the name of its window; else, for some have none, it fills it but for a line around."""
    if toplevel.raw_name == area.name:
        return True
    _, _, width, height = toplevel.box
    return 0 <= area.width - width <= LINES and 0 <= area.height - height <= LINES


def middle(rectangle):
    x, y, width, height = rectangle
    return x + width // 2, y + height // 2


def points(rectangle, steps=6):
    """All over it."""
    x, y, width, height = rectangle
    return [(x + width * (2 * i + 1) // (2 * steps), y + height * (2 * j + 1) // (2 * steps))
            for i in range(steps) for j in range(steps)]


def fills(inner, outer):
    """Pages that were not shown for a while have the size of then."""
    return inner[2] * inner[3] * 2 > outer[2] * outer[3] > 0


def contains(rectangle, point):
    x, y, width, height = rectangle
    return x <= point[0] < x + width and y <= point[1] < y + height


class Window:
    """`log` names the program's words in the desktop's folder."""

    def __init__(self, desktop, command, name, pictures, log='window', environment=None, probe=None):
        self.desktop, self.bus, self.name, self.log_name, self.pictures = desktop, desktop.accessibility, name, log, pictures
        self.screen = screen.Screen(desktop.display)
        self.clicks = 0
        self.probe = probe
        self.process = desktop.start(probe.command(command) if probe else command, log, **(environment or {}))
        self.program = accessible.wait_for_program(self.bus, name, PATIENCE, self._must_live)
        wait_for('the window on the screen', self._areas)
        self.take_focus()

    # --- looking ---

    def _must_live(self):
        if self.process.poll() is not None:
            raise AssertionError(f'{self.name} ended with status {self.process.returncode}\n{self.words()}')

    def look(self):
        """All widgets as they are now."""
        self._must_live()
        return accessible.look(self.bus, self.program)

    def toplevels(self):
        """The main window and dialogs, without what is in them."""
        self._must_live()
        return accessible.look(self.bus, self.program, depth=1).children

    def describe(self):
        """For who writes or mends a story: what can be found."""
        nodes = [node for node in self.all() if node.role not in ('group', 'widget', 'separator', 'scroll bar')]
        accessible.learn(nodes, 'states')
        return '\n'.join(f'{"  " * len(set(node.ancestors()) & set(nodes))}{node} '
                         f'{" ".join(sorted(node.states - {"visible", "sensitive", "focusable"}))}' for node in nodes)

    def all(self, role=None, name=None, within=None):
        """Those on the screen, or to be scrolled to, now."""
        root = self.look()
        if within is not None:
            root = next((node for node in root.below() if node.reference == within.reference), None)
        nodes = [node for node in root.below() if role in (None, node.role)] if root else []
        if name is not None:
            accessible.learn(nodes, 'name')
            nodes = [node for node in nodes if matches(name, spoken(node))]
        accessible.learn(list({id(one): one for node in nodes for one in (node, *node.ancestors())}.values()), 'box', 'name')
        return [node for node in nodes if self.is_shown(node)]

    def has(self, role=None, name=None, within=None):
        return bool(self.all(role, name, within))

    def find(self, role=None, name=None, within=None, seconds=PATIENCE):
        def missing():
            return f'no {role or "widget"} {getattr(name, "pattern", name)!r}; there is\n{self.describe()}\n'
        return wait_for(missing, lambda: self.all(role, name, within), seconds)[0]

    def wait_gone(self, role=None, name=None, seconds=PATIENCE):
        wait_for(f'{role or "widget"} {name!r} to go', lambda: not self.has(role, name), seconds)

    def see(self, text, seconds=PATIENCE):
        """A label with this text."""
        return self.find('label', text, seconds=seconds)

    def texts(self, within=None):
        return [node.name for node in self.all('label', within=within)]

    def is_shown(self, node):
        """GTK 4.8 lists what has no size, and pages that lie behind another, too."""
        below = None
        for one in (node, *node.ancestors()):
            if one.parent is None or one.raw_name == POPOVER_CONTENT:
                return True
            if not one.box[2] or not one.box[3]:
                return False
            if below is not None and self._front_page(one) not in (None, below.reference):
                return False
            below = one
        return True

    def _front_page(self, node):
        """Which of the children that fill a node is in front, if there are many: the one that the pointer meets.
        None if that cannot be told."""
        if 'front' not in node.facts:
            accessible.learn(node.children, 'box')
            pages = [child for child in node.children if fills(child.box, node.box)]
            node.facts['front'] = self._most_met(node, pages) if len(pages) > 1 else None
        return node.facts['front']

    def _most_met(self, node, pages):
        toplevel = toplevel_of(node)
        answers = self.bus.ask([(toplevel.reference, accessible.COMPONENT, 'GetAccessibleAtPoint',
                                 accessible.GLib.Variant('(iiu)', (*point, accessible.IN_WINDOW)))
                                for point in points(node.box)])
        met = [answer[0] for answer in answers if answer]
        counts = {page.reference: sum(one.reference in met for one in page.below()) for page in pages}
        most = max(counts, key=counts.get)
        return most if counts[most] else None

    # --- acting ---

    def _areas(self):
        return self.screen.windows(self.process.pid)

    def count(self):
        """Windows, dialogs and menus on the screen."""
        return len(self._areas())

    def area(self, toplevel=None):
        """Of a toplevel on the screen, by default the uppermost."""
        toplevels = self.toplevels() if toplevel is None else [toplevel]
        for area in reversed(self._areas()):
            if any(is_at(one, area) for one in toplevels):
                return area
        raise AssertionError(f'{", ".join(map(str, toplevels))}: not among {self._areas()}')

    def take_focus(self):
        """There is no window manager that would give the keyboard to a new dialog."""
        area = wait_for('a window to focus', self._area_in_front)
        self._centre(area)
        if self.screen.focused() != area.window:
            self.screen.focus(area.window)

    def _area_in_front(self):
        """The uppermost; None while a dialog is told that is not on the screen yet."""
        areas = self._areas()
        dialogs = [top for top in self.toplevels() if {'modal', 'showing'} <= top.states]
        return self.area() if all(any(is_at(one, area) for area in areas) for one in dialogs) else None

    def _centre(self, area):
        """A dialog belongs over its window."""
        main = self._areas()[0]
        place = max(0, main.x + (main.width - area.width) // 2), max(0, main.y + (main.height - area.height) // 2)
        if area.window != main.window and (area.x, area.y) != place:
            self.screen.move(area.window, *place)

    def place(self, node):
        """The middle of the node on the screen."""
        x, y = middle(node.again().box)
        popover = popover_of(node)
        if popover:
            left, top, width, height = popover.again().box
            for area in reversed(self._areas()):
                if (area.width, area.height) == (width, height):
                    return area.x + x - left, area.y + y - top
            raise AssertionError(f'the popover of {node} is not on the screen')
        toplevel = toplevel_of(node)
        area, (_, _, width, height) = self.area(toplevel), toplevel.again().box
        # The frame is drawn by the program, equally wide on all sides.
        return area.x + x + (area.width - width) // 2, area.y + y + (area.height - height) // 2

    def scroll_to(self, node):
        """By the wheel, over the nearest thing that shows no more than a part of it."""
        if popover_of(node):
            return
        for viewport in node.ancestors():
            if viewport.parent is None:
                return
            for _ in range(300):
                before, view = node.again().box, viewport.again().box
                point = middle(before)
                if contains(view, point) or not view[3]:
                    break
                self.screen.point_at(*self.place(viewport))
                self.screen.scroll(down=point[1] >= view[1] + view[3])
                try:
                    wait_for('scrolling', lambda before=before: node.again().box != before, 2)
                except AssertionError:
                    break

    def scroll_to_end(self):
        """Of what fills the uppermost window, by the wheel where no control would take it."""
        self.take_focus()
        area = self.area()
        self.screen.point_at(area.x + 8, area.y + area.height // 2)
        self.screen.scroll(down=True, times=MANY_TURNS)
        self.settle()

    def point_away(self):
        """Where no tooltip comes."""
        self.screen.point_at(*self.screen.corner)

    def _point_at(self, node):
        """Until it stays below the pointer."""
        seen = []

        def is_at_rest():
            seen.append(self.place(node))
            self.screen.point_at(*seen[-1])
            return len(seen) > 1 and seen[-1] == seen[-2]
        wait_for(f'{node} to come to rest', is_at_rest)

    def find_ready(self, role, name, within=None):
        """Found, and taking input."""
        def ready():
            nodes = self.all(role, name, within)
            accessible.learn(nodes, 'states')
            return next((node for node in nodes if 'sensitive' in node.states), None)

        def missing():
            return f'no sensitive {role} {getattr(name, "pattern", name)!r}; there is\n{self.describe()}\n'
        return wait_for(missing, ready)

    def click(self, role, name=None, within=None, button=1, times=1):
        """With the pointer, where it is on the screen; scrolls there first."""
        node = role if isinstance(role, accessible.Node) else self.find_ready(role, name, within)
        self.scroll_to(node)
        self.take_focus()
        self._point_at(node)
        self.screen.click(button, times)
        self.clicks += 1
        return node

    def press(self, role, name=None, within=None):
        """By its action, as assistive technology does."""
        node = self.find_ready(role, name, within)
        node.press()
        return node

    def enter(self, name, text, role='text box'):
        """Into the entry of this name, by keyboard, instead of what was there."""
        node = self.click(role, name)
        self.keys('ctrl+a', 'Delete')
        if text:
            self.screen.type(text)
        wait_for(lambda: f'{node} has {node.text()!r}, not {text!r}', lambda: node.text() == text)
        return node

    def keys(self, *chords):
        """Like "ctrl+n", "Tab", "alt+Left"."""
        self.take_focus()
        self.screen.keys(*chords)

    def resize(self, width, height):
        """The inside of the uppermost window.  It does not get smaller than its content, which is a failure."""
        area, (_, _, inner, _) = self.area(), self._uppermost().box
        frame = area.width - inner
        self.screen.resize(area.window, width + frame, height + frame)
        wait_for(lambda: f'{width} × {height}; it is {self.size()}', lambda: self.size() == (width, height))
        self.settle()

    def _uppermost(self):
        area = self.area()
        return next(top for top in self.toplevels() if is_at(top, area))

    def size(self):
        return self._uppermost().box[2:]

    def at_rest(self, seconds=5):
        """Until two looks see everything at the same place; not for ever, since figures may change all the time."""
        seen, deadline = [], time.monotonic() + seconds
        while time.monotonic() < deadline and (len(seen) < 2 or seen[-1] != seen[-2]):
            nodes = list(self.look().below())
            accessible.learn(nodes, 'box')
            seen.append([(node.reference, node.box) for node in nodes])

    def settle(self):
        """Until what is under way is drawn; the probe answers only then."""
        if self.probe:
            self.facts()
        else:
            self.at_rest()

    # --- pictures ---

    def picture(self, name):
        """Of all that the program has on the screen."""
        path = f'{self.pictures}/{name}.png'
        os.makedirs(os.path.dirname(path), exist_ok=True)
        self.take_focus()
        self.settle()
        self.screen.take_picture(path, screen.around(self._areas()))
        return path

    def codes(self, name='codes'):
        """What the QR codes on the screen say, once there are some: a page may still be sliding in."""
        return wait_for('a QR code', lambda: screen.read_codes(self.picture(name)))

    def see_code(self, text, name='codes'):
        """A QR code that says this, and no other."""
        wait_for(f'a QR code of {text}', lambda: screen.read_codes(self.picture(name)) == [text])

    # --- the end ---

    def facts(self):
        """What the probe tells (probe.py)."""
        return self.probe.ask(self.process)

    def words(self):
        return self.desktop.log(self.log_name)

    def complaints(self):
        return [line for line in self.words().splitlines()
                if COMPLAINT.search(line) and not any(re.search(pattern, line) for pattern, _ in ALLOWED)]

    def close(self, application):
        """Quit as its menu would; it must end well and have had nothing to complain about."""
        if self.process.poll() is None:
            self.desktop.activate(application, 'quit')
        status = self.process.wait(PATIENCE)
        if status:
            raise AssertionError(f'{self.name} ended with status {status}\n{self.words()}')
        self.must_be_content()

    def must_be_content(self):
        if self.complaints():
            raise AssertionError('\n'.join([f'{self.name} complains:', *self.complaints()]))
