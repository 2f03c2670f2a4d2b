# SPDX-License-Identifier: GPL-2.0-or-later
"""Pictures of every view, to be looked at: light, dark, narrow, German, mirrored.  What a test can tell of them,
it does: nothing is cut off."""

import os
import subprocess

import checks
from scenes import scene

VIEWS = ('overview', 'users', 'activity', 'settings')
NARROW = (360, 640)
PEOPLE = ('Anna Keller', 'Bob Miller', 'Grandpa')


def furnish(stage):
    """Something to see on every page."""
    for person in PEOPLE:
        stage.control('user', 'add', person.split()[0].lower(), '--full-name', person, '--generate-password')
    stage.control('ban', 'add', '203.0.113.66')
    client = stage.connect('alice', stage.password())
    client.wait_connected()


def take_pictures(stage, look, size=None, **options):
    furnish(stage)
    window = stage.open(**options)
    if size:
        window.resize(*size)
    for number, view in enumerate(VIEWS, 1):
        window.keys(f'ctrl+{number}')
        window.picture(f'{view}-{look}')
        checks.nothing_is_cut_off(window)
    return window


@scene(server='on')
def story_light(stage):
    """Pictures of the window in light."""
    take_pictures(stage, 'light')


@scene(server='on')
def story_dark(stage):
    """Pictures of the window in the dark."""
    take_pictures(stage, 'dark', dark=True)


@scene(server='on')
def story_narrow(stage):
    """The window is as narrow as a phone, and all of it is there."""
    window = take_pictures(stage, 'narrow', NARROW)
    assert window.size() == NARROW, window.size()


@scene(server='on')
def story_german(stage):
    """Pictures of the window in German."""
    window = take_pictures(stage, 'german', language='de')
    for name in ('Übersicht', 'Benutzer', 'Aktivität', 'Einstellungen'):
        window.find('tab', name)


@scene(server='on')
def story_right_to_left(stage):
    """In a language that is written from right to left the window is a mirror."""
    # GTK takes a language only where the program has it, too.
    folder = '/usr/share/locale/he/LC_MESSAGES'
    os.makedirs(folder, exist_ok=True)
    subprocess.run(['msgfmt', '--output-file', f'{folder}/sallyport.mo', '-'], text=True, check=True,
                   input='msgid ""\nmsgstr "Language: he\\nContent-Type: text/plain; charset=UTF-8\\n"\n')
    window = take_pictures(stage, 'mirrored', language='he')
    first, last = (window.find('tab', name).box for name in ('Overview', 'Settings'))
    assert first[0] > last[0], (first, last)
