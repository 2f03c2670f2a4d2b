# SPDX-License-Identifier: GPL-2.0-or-later
"""What assistive technology sees of a program: the AT-SPI protocol, spoken on the accessibility bus itself.

Nothing but roles is remembered between two looks, so what is seen is what is there.  Roles are GTK's names ("button",
"switch", "text box", "list item", …)."""

import time

from gi.repository import Gio, GLib

ACCESSIBLE, ACTION, COMPONENT = 'org.a11y.atspi.Accessible', 'org.a11y.atspi.Action', 'org.a11y.atspi.Component'
EDITABLE, TEXT, PROPERTIES = 'org.a11y.atspi.EditableText', 'org.a11y.atspi.Text', 'org.freedesktop.DBus.Properties'
REGISTRY = ('org.a11y.atspi.Registry', '/org/a11y/atspi/accessible/root')
NOTHING = '/org/a11y/atspi/null'
IN_WINDOW = 1
# What is in these is of no interest.
LEAVES = {'label', 'image', 'switch', 'separator', 'scroll bar', 'progress bar'}
CALL_MILLISECONDS = 10000
STATES = {1: 'active', 4: 'checked', 7: 'editable', 9: 'expandable', 10: 'expanded', 11: 'focusable', 12: 'focused',
          16: 'modal', 20: 'pressed', 23: 'selected', 24: 'sensitive', 25: 'showing', 30: 'visible', 33: 'invalid'}


def plain(name):
    """GTK names a button with a mnemonic "_Open Open"."""
    text = (name or '').replace('_', '')
    half = len(text) // 2
    return text[:half] if text[half:half + 1] == ' ' and text[:half] == text[half + 1:] else text


class Bus:
    """A connection to the accessibility bus of a desktop."""

    def __init__(self, address):
        flags = Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION
        self.connection = Gio.DBusConnection.new_for_address_sync(address, flags, None)
        self.focus, self.roles = None, {}
        self.connection.signal_subscribe(None, 'org.a11y.atspi.Event.Object', 'StateChanged', None, None,
                                         Gio.DBusSignalFlags.NONE, self._on_state)
        self.call(REGISTRY, 'org.a11y.atspi.Registry', 'RegisterEvent',
                  GLib.Variant('(sass)', ('object:state-changed:focused', [], '')))

    def _on_state(self, _connection, sender, path, _interface, _signal, values):
        state, on, *_ = values.unpack()
        if state == 'focused' and on:
            self.focus = (sender, path)

    def listen(self):
        """Take in what was told meanwhile."""
        while GLib.MainContext.default().iteration(False):
            pass

    def call(self, reference, interface, method, arguments=None):
        """None if it is gone; widgets vanish at any time."""
        return self.ask([(reference, interface, method, arguments)])[0]

    def ask(self, calls):
        """All questions at once; an answer is None where there was none."""
        answers, open_calls = [None] * len(calls), set(range(len(calls)))

        def take(connection, result, index):
            open_calls.discard(index)
            try:
                answers[index] = connection.call_finish(result).unpack()
            except GLib.Error:
                pass

        for index, (reference, interface, method, arguments) in enumerate(calls):
            self.connection.call(*reference, interface, method, arguments, None, Gio.DBusCallFlags.NONE,
                                 CALL_MILLISECONDS, None, take, index)
        while open_calls:
            GLib.MainContext.default().iteration(True)
        return answers

    def programs(self):
        answer = self.call(REGISTRY, ACCESSIBLE, 'GetChildren')
        return answer[0] if answer else []


class Node:
    """A widget.  Its facts are of the moment when they were first asked for; each look makes new nodes."""

    def __init__(self, bus, reference, parent):
        self.bus, self.reference, self.parent = bus, reference, parent
        self.role, self.children, self.facts = '', [], {}

    def __str__(self):
        return f'{self.role} {self.name!r}'

    def fact(self, name):
        if name not in self.facts:
            learn([self], name)
        return self.facts[name]

    @property
    def raw_name(self):
        return self.fact('name')

    @property
    def name(self):
        return plain(self.raw_name)

    @property
    def description(self):
        return self.fact('description')

    @property
    def states(self):
        return self.fact('states')

    @property
    def box(self):
        """(x, y, width, height) in its window.  No size: it is not shown."""
        return self.fact('box')

    def ancestors(self):
        node = self.parent
        while node:
            yield node
            node = node.parent

    def below(self):
        """Itself and everything in it, in the order of reading."""
        yield self
        for child in self.children:
            yield from child.below()

    def call(self, interface, method, arguments=None):
        return self.bus.call(self.reference, interface, method, arguments)

    def again(self):
        """The same, without what is known of it."""
        node = Node(self.bus, self.reference, self.parent)
        node.role, node.children = self.role, self.children
        return node

    def text(self):
        """What stands in an entry."""
        count = self.call(*_property(TEXT, 'CharacterCount'))
        answer = self.call(TEXT, 'GetText', GLib.Variant('(ii)', (0, count[0]))) if count else None
        return answer[0] if answer else ''

    def set_text(self, text):
        answer = self.call(EDITABLE, 'SetTextContents', GLib.Variant('(s)', (text,)))
        if not answer or not answer[0]:
            raise AssertionError(f'{self} takes no text')

    def press(self):
        """As assistive technology does: no pointer involved."""
        answer = self.call(ACTION, 'DoAction', GLib.Variant('(i)', (0,)))
        if not answer or not answer[0]:
            raise AssertionError(f'{self} cannot be pressed')

    def value(self):
        answer = self.call(*_property('org.a11y.atspi.Value', 'CurrentValue'))
        return answer[0] if answer else None


def read_states(answer):
    return frozenset(name for bit, name in STATES.items() if answer[0][bit // 32] >> bit % 32 & 1)


def _property(interface, name):
    return PROPERTIES, 'Get', GLib.Variant('(ss)', (interface, name))


QUESTIONS = {  # fact: (question, how to read the answer, if there is none)
    'name': (_property(ACCESSIBLE, 'Name'), lambda answer: answer[0], ''),
    'description': (_property(ACCESSIBLE, 'Description'), lambda answer: answer[0], ''),
    'states': ((ACCESSIBLE, 'GetState', None), read_states, frozenset()),
    'box': ((COMPONENT, 'GetExtents', GLib.Variant('(u)', (IN_WINDOW,))), lambda answer: answer[0], (0, 0, 0, 0)),
}


def learn(nodes, *facts):
    """Ask for facts of many nodes at once."""
    open_questions = [(node, fact) for node in nodes for fact in facts if fact not in node.facts]
    answers = nodes and nodes[0].bus.ask([(node.reference, *QUESTIONS[fact][0]) for node, fact in open_questions])
    for (node, fact), answer in zip(open_questions, answers or ()):
        _, read, absent = QUESTIONS[fact]
        node.facts[fact] = read(answer) if answer else absent


def look(bus, reference, depth=1000):
    """What is below, level by level, each in one go.  What vanishes meanwhile is left out."""
    root = Node(bus, reference, None)
    level = [root]
    while level and depth >= 0:
        depth -= 1
        _learn_roles(bus, level)
        holders = [node for node in level if node.role not in LEAVES]
        answers = bus.ask([(node.reference, ACCESSIBLE, 'GetChildren', None) for node in holders])
        for node, answer in zip(holders, answers):
            if answer:
                node.children = [Node(bus, child, node) for child in answer[0] if child[1] != NOTHING]
            elif node.parent:
                node.parent.children.remove(node)
        level = [child for node in holders for child in node.children]
    return root


def _learn_roles(bus, nodes):
    """A widget keeps its role, and no other gets its path."""
    new = [node for node in nodes if node.reference not in bus.roles]
    answers = bus.ask([(node.reference, ACCESSIBLE, 'GetRoleName', None) for node in new])
    bus.roles.update({node.reference: answer[0] for node, answer in zip(new, answers) if answer})
    for node in nodes:
        node.role = bus.roles.get(node.reference, '')


def wait_for_program(bus, name, seconds, alive):
    """The reference of the program of this name, when it has a window."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        alive()
        for reference in bus.programs():
            answer, windows = bus.ask([
                (reference, *_property(ACCESSIBLE, 'Name')),
                (reference, ACCESSIBLE, 'GetChildren', None)])
            if answer and answer[0] == name and windows and windows[0]:
                return reference
        time.sleep(0.02)
    raise AssertionError(f'{name} did not open a window within {seconds} s')
