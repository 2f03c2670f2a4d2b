# SPDX-License-Identifier: GPL-2.0-or-later
"""What holds for every page of every window, whatever is on it."""

import re
import time

import accessible
from window import ROWS, popover_of, spoken, wait_for

INTERACTIVE = {'button', 'toggle button', 'switch', 'checkbox', 'radio', 'text box', 'search box', 'spin button', 'slider',
               'combo box', 'link', 'tab', 'menu item', 'list item', 'row', 'grid cell', 'tree item'}
# Those of one kind are reached by arrows, once one of them is.
BY_ARROWS = ROWS | {'tab', 'radio', 'menu item'}
ENTRIES = {'text box', 'search box', 'spin button'}
MOST_ENTRIES, MOST_STOPS = 20, 600
# What changes while it has the focus may say so twice; the second stop that is known belongs to another round.
SECOND_ROUND = 2
QUESTIONS_AFTER_A_KEY = 15
TOPLEVELS = {'window', 'dialog', 'alert dialog'}
TYPE_NAME = re.compile(r'^(Gtk|Adw|Gdk|Sp)[A-Z]\w*$')
# The window's own buttons belong to the desktop, which has keys for them.
WINDOW_BUTTONS = {'Minimize the window', 'Maximize the window', 'Restore the window', 'Close the window'}


def is_named(node):
    name = spoken(node)
    return bool(name) and not TYPE_NAME.match(name)


def is_part_of_a_choice(node):
    """What GTK makes a drop-down of; as a whole it is one control."""
    return popover_of(node) is None and any(one.role == 'combo box' for one in node.ancestors())


def is_interactive(node):
    return (node.role in INTERACTIVE and 'sensitive' in node.states and node.description not in WINDOW_BUTTONS
            and not is_part_of_a_choice(node))


def in_front(window):
    """What takes input: a modal dialog, or the only window."""
    toplevels = window.toplevels()
    return next((top for top in reversed(toplevels) if 'modal' in top.states), toplevels[0])


def controls(window):
    nodes = [node for node in window.all(within=in_front(window)) if node.role in INTERACTIVE]
    accessible.learn(nodes, 'states', 'description')
    return [node for node in nodes if is_interactive(node)]


def path_of(node):
    around = [str(one) for one in node.ancestors() if one.raw_name and not TYPE_NAME.match(one.raw_name)]
    return ' in '.join([str(node), *around])


def everything_has_a_name(window):
    """Every control says what it is; so does every window and picture that means something."""
    strange = [path_of(top) for top in window.toplevels() if top.role not in TOPLEVELS]
    if strange:
        raise AssertionError('\n'.join(['neither window nor dialog:', *strange]))
    nameless = [path_of(node) for node in [*window.toplevels(), *controls(window)] if not is_named(node)]
    if nameless:
        raise AssertionError('\n'.join(['without a name:', *nameless]))


def move_focus(window, key):
    """Who has the focus after the key; None: nobody who says so, which GTK 4.8's entries do not."""
    bus = window.bus
    bus.listen()
    bus.focus = None
    window.screen.keys(key)
    # The program has the key by now, and takes it in before it has answered so often.
    for _ in range(QUESTIONS_AFTER_A_KEY):
        bus.call(window.program, accessible.ACCESSIBLE, 'GetState')
        bus.listen()
        if bus.focus is not None:
            break
        time.sleep(0.01)
    return bus.focus


def tab_stops(window):
    """Once round: references in the order of Tab, None for each entry."""
    window.take_focus()
    stops, silent, known = [], 0, 0
    while silent < MOST_ENTRIES and known < SECOND_ROUND and len(stops) < MOST_STOPS:
        focus = move_focus(window, 'Tab')
        silent = silent + 1 if focus is None else 0
        if focus is not None:
            known = known + 1 if focus in stops else 0
        if not known:
            stops.append(focus)
    return stops


def entries_after(nodes, reference):
    """In the order of reading, up to the end and round."""
    start = next((index for index, node in enumerate(nodes) if node.reference == reference), 0)
    return [node for node in nodes[start:] + nodes[:start] if node.role in ENTRIES]


def tab_order(window):
    """The controls that Tab reaches, in its order."""
    stops = tab_stops(window)
    # Afterwards: what opens has not told of all that is in it at once.
    nodes = [node for node in window.all() if node.role in INTERACTIVE]
    known = {node.reference: node for node in nodes}
    order, last, entries = [], None, []
    for stop in stops:
        if stop is None:
            entries = entries or entries_after(nodes, last)
            order += entries[:1]
            entries = entries[1:]
        else:
            last, entries = stop, []
            order += [known[stop]] if stop in known else []
    return order


def is_reached(node, reached):
    """It, or the part of it that takes the keyboard; by Tab, or by arrows from one of its kind beside it, or in a row beside its own."""
    if any(one.reference in reached for one in node.below()):
        return True
    if node.role in BY_ARROWS:
        return any(one.reference in reached for other in node.parent.children if other.role == node.role for one in other.below())
    row = next((one for one in node.ancestors() if one.role in ROWS), None)
    return row is not None and any(one.role == node.role and one.reference in reached
                                   for other in row.parent.children if other.role == row.role for one in other.below())


def missed_by_tab(window):
    """(controls that Tab does not reach, its order)"""
    order = tab_order(window)
    reached = {node.reference for node in order}
    return [path_of(node) for node in controls(window) if not is_reached(node, reached)], order


def everything_is_reached(window):
    """By the keyboard.  What comes or goes while Tab goes round takes the focus along, so a second round decides."""
    missed, order = missed_by_tab(window)
    if missed:
        missed, order = missed_by_tab(window)
    if missed:
        raise AssertionError('\n'.join(['not reached by Tab:', *missed, 'reached, in this order:', *map(str, order)]))


def nothing_is_cut_off(window):
    """The window's content fits into it: no wider than the window is on the screen."""
    for top in window.toplevels():
        area = window.area(top)
        wait_for(f'{top} to fit into {area}', lambda top=top, area=area: top.again().box[2] <= area.width)


def good_manners(window):
    """All of these."""
    everything_has_a_name(window)
    everything_is_reached(window)
    nothing_is_cut_off(window)

