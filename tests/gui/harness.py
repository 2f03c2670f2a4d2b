# SPDX-License-Identifier: GPL-2.0-or-later
"""The tests of windows themselves, on a window that does what it is told (sample.c)."""

import checks
from window import wait_for


def program(stage):
    return f'{stage.build}/tests/gui/sample'


def sample(stage, *arguments, **options):
    return stage.open(*arguments, program=program(stage), **options)


def said(window, text):
    window.see(text)


def fails(check, words):
    try:
        check()
    except AssertionError as error:
        if words in str(error):
            return
        raise AssertionError(f'not about {words!r}: {error}') from error
    raise AssertionError(f'nobody said {words!r}')


def story_hands(stage):
    """Pointer, keyboard and assistive technology move the sample window."""
    window = sample(stage)
    window.click('switch', 'Row 2')
    said(window, 'On')
    window.press('switch', 'Row 2')
    said(window, 'Off')
    window.enter('Host Name', 'vpn.example')
    said(window, 'vpn.example')
    window.keys('ctrl+i')
    said(window, 'About')
    assert window.clicks == 2, window.clicks


def story_scrolling(stage):
    """What is scrolled away is scrolled to before it is clicked."""
    window = sample(stage)
    window.click('switch', 'Row 39')
    said(window, 'On')
    window.click('switch', 'Row 0')
    window.click('switch', 'Row 0')
    said(window, 'Off')


def story_menus_and_dialogs(stage):
    """Menus and dialogs are found and answered."""
    window = sample(stage)
    window.click('button', 'Main Menu')
    window.click('menu item', 'About')
    said(window, 'About')
    window.click('button', 'Ask…')
    dialog = window.find('dialog', 'Really?')
    window.click('button', 'Let Go', within=dialog)
    said(window, 'gone')
    window.wait_gone('dialog', 'Really?')
    window.press('button', 'Ask…')
    window.find('dialog', 'Really?')
    window.keys('Escape')
    said(window, 'close')


def story_pages(stage):
    """What lies on a page behind another one is not found until that page is shown."""
    window = sample(stage)
    assert not window.has('button', 'Behind')
    window.click('tab', 'Second')
    window.click('button', 'Behind')
    said(window, 'Behind')
    assert not window.has('text box', 'Host Name')
    window.click('tab', 'First')
    window.find('text box', 'Host Name')


def story_choices(stage):
    """A value is chosen from a list that drops down."""
    window = sample(stage)
    window.click('combo box', 'Choice')
    window.click('list item', 'Two')
    window.see('Two')


def story_keyboard(stage):
    """Every control of a well-made window has a name and is reached by Tab."""
    window = sample(stage)
    checks.good_manners(window)
    window.click('tab', 'Second')
    checks.good_manners(window)


def story_nameless(stage):
    """A control without a name is noticed."""
    window = sample(stage, 'nameless')
    window.click('tab', 'Second')
    fails(lambda: checks.everything_has_a_name(window), 'without a name')


def story_unreachable(stage):
    """A control that Tab does not reach is noticed."""
    window = sample(stage, 'unreachable')
    window.click('tab', 'Second')
    fails(lambda: checks.everything_is_reached(window), "button 'Behind'")


def story_complaints(stage):
    """A warning or critical of GTK or our own is noticed."""
    for fault, words in (('warning', 'told to warn'), ('critical', 'Gtk-CRITICAL')):
        window = sample(stage, fault)
        fails(lambda window=window: window.close('org.sallyport.Sallyport'), words)
        stage.windows.remove(window)


def story_pictures(stage):
    """Pictures are taken of light and dark windows, and narrow ones."""
    sizes = {}
    for dark in (False, True):
        window = sample(stage, dark=dark)
        window.resize(400, 500)
        sizes[dark] = window.size()
        path = window.picture(f'sample-{"dark" if dark else "light"}')
        wait_for('the picture', lambda path=path: path)
        window.close('org.sallyport.Sallyport')
        stage.windows.remove(window)
    assert sizes[False] == sizes[True] == (400, 500), sizes
