# SPDX-License-Identifier: GPL-2.0-or-later
"""Pictures of every page and dialog, to be looked at: light, dark, narrow, German, mirrored, in high contrast.
What a test can tell of them, it does."""

import os
import re
import subprocess

import checks
import following
import household
import lab
import provider
import tour
from scenes import scene
from window import wait_for

NARROW = (360, 640)
PATIENCE = 90
# What people call themselves and their things may be cut off, and so may what the log says.
LONG = ('Maximiliane',)
LOG = ('log',)
# Windows that are the toolkit's.
FOREIGN = ('about', 'shortcuts')
# In an open menu Tab goes round; the rows of an invitation's steps, and of a test from outside, are for reading.
ROUND = ('menu', 'disconnect-menu', 'until-menu', 'invitation', 'outside')
# What the server has, which changes by itself.
MODELS = ('SpBus',)


class Gallery:
    def __init__(self, stage, look, way, size=None, language='en', thorough=False, **options):
        household.furnish(stage)
        self.look, self.size, self.thorough, self.findings = look, size, thorough, []
        with household.company(stage):
            self.window = stage.open(language=language, probed=True, **options)
            if size:
                self.window.resize(*size)
            way(tour.Tour(self.window, self.visit, language, self.must_be_gone))
        if self.findings:
            raise AssertionError('\n'.join(self.findings))

    def visit(self, _tour, name):
        self.window.picture(f'{self.look}/{name}')
        self.find(name, lambda: self.must_be_whole(name))
        self.find(name, lambda: checks.nothing_is_cut_off(self.window))
        if self.thorough and name not in FOREIGN:
            self.find(name, lambda: checks.everything_has_a_name(self.window))

    def find(self, name, check):
        """All findings are told together, at the end."""
        try:
            check()
        except AssertionError as finding:
            self.findings.append(f'{name}: {finding}')

    def must_be_gone(self, before, way):
        """Nothing of ours is left of a page or dialog that was closed."""
        def left():
            return {name: f'{before.live.get(name, 0)} → {count}' for name, count in self.window.facts().live.items()
                    if name.startswith('Sp') and not name.startswith(MODELS) and count > before.live.get(name, 0)}
        try:
            wait_for('all objects to go', lambda: not left(), 3)
        except AssertionError:
            self.findings.append(f'left of {way}: {left()}')

    def must_be_whole(self, name):
        """What the window says, where it has its usual size."""
        cut = [text for text in self.window.facts().cut if not text.startswith(LONG)]
        if cut and name not in LOG and not self.size:
            raise AssertionError('\n'.join(['cut off:', *cut]))


@scene(server='on')
def story_light(stage):
    """Every page and dialog is reached, has a name for every control and shows its words whole."""
    Gallery(stage, 'light', tour.everywhere, thorough=True)


class Keyboard(Gallery):
    """No pictures: once round each page with Tab."""

    def visit(self, _tour, name):
        if name not in FOREIGN and name not in ROUND:
            self.find(name, lambda: checks.everything_is_reached(self.window))

    def must_be_gone(self, before, way):
        """Gallery sees to that."""


# Tab takes its time: a story each, so that they run side by side.
@scene(server='on')
def story_keyboard_users(stage):
    """Every control of the users' pages and dialogs is reached by Tab."""
    Keyboard(stage, 'keyboard', tour.users)


@scene(server='on')
def story_keyboard_settings(stage):
    """Every control of the settings' pages and dialogs is reached by Tab."""
    Keyboard(stage, 'keyboard', tour.settings)


@scene(server='on')
def story_keyboard_sessions(stage):
    """Every control of the overview's and the activity's pages and dialogs is reached by Tab."""
    Keyboard(stage, 'keyboard', tour.sessions)


@scene(server='on')
def story_dark(stage):
    """Pictures of every page in the dark."""
    Gallery(stage, 'dark', tour.everywhere, dark=True)


@scene(server='on')
def story_narrow(stage):
    """The window is as narrow as a phone, and all of it is there."""
    window = Gallery(stage, 'narrow', tour.everywhere, NARROW).window
    assert window.size() == NARROW, window.size()


@scene(server='on')
def story_german(stage):
    """Every page is reached and shows its words whole in German."""
    window = Gallery(stage, 'german', tour.everywhere, language='de').window
    for name in ('Übersicht', 'Benutzer', 'Aktivität', 'Einstellungen'):
        window.find('tab', name)
    window.see('Läuft')


@scene(server='on')
def story_spanish(stage):
    """Every page is reached and shows its words whole in Spanish."""
    Gallery(stage, 'spanish', tour.everywhere, language='es')


@scene(server='on')
def story_chinese(stage):
    """Every page is reached and shows its words whole in Chinese."""
    Gallery(stage, 'chinese', tour.everywhere, language='zh_CN')


def write_hebrew():
    """GTK takes a language only where the program has it, too."""
    folder = '/usr/share/locale/he/LC_MESSAGES'
    os.makedirs(folder, exist_ok=True)
    subprocess.run(['msgfmt', '--output-file', f'{folder}/sallyport.mo', '-'], text=True, check=True,
                   input='msgid ""\nmsgstr "Language: he\\nContent-Type: text/plain; charset=UTF-8\\n"\n')


@scene(server='on')
def story_right_to_left(stage):
    """In a language that is written from right to left the window is a mirror."""
    write_hebrew()
    window = Gallery(stage, 'mirrored', tour.views, language='he').window
    first, last = (window.find('tab', name).box for name in ('Overview', 'Settings'))
    assert first[0] > last[0], (first, last)


@scene(server='on')
def story_contrast(stage):
    """Pictures of the window in high contrast."""
    Gallery(stage, 'contrast', tour.views, environment={'ADW_DEBUG_HIGH_CONTRAST': '1'})


class Assistant(Gallery):
    """The set-up of a server that was never on, and what it notes where others refuse."""

    def __init__(self, stage, language):
        self.look, self.size, self.thorough, self.findings = f'set-up-{language}', None, True, []
        lab.run('ip', '-n', lab.SERVER, 'addr', 'add', f'{following.ADDRESS}/32', 'dev', 'wan')
        following.make_provider()
        with provider.serving('badauth\n') as keeper:
            self.window = stage.open(language=language, probed=True)
            self.answer(tour.Tour(self.window, self.visit, language), keeper.url)
        if self.findings:
            raise AssertionError('\n'.join(self.findings))

    def answer(self, way, url):
        way.click('button', 'Set _Up')
        way.here('questions', 'text box', 'Your Name')
        self.window.enter(way.t('Name'), following.NAME)
        self.window.press('switch', way.t('A Provider Leads the Name Here'))
        for name, text in (('Provider’s Address (https://…)', url), ('Account There', 'anna'), ('Password There', 'wrong')):
            self.window.enter(way.t(name), text)
        way.here('answers')
        self.window.press('switch', way.t('Have the Router Forward the Port'))
        way.end_of('answers-end')
        way.click('button', '_Continue')
        self.window.find('label', way.t('The provider does not take the account and its password. Write them again.'))
        unreached = way.t('The authority cannot be reached. See whether this computer reaches the internet.')
        self.window.find('label', re.compile('^' + re.escape(unreached)), seconds=PATIENCE)
        way.here('notes', 'button', '_Invite a Device')


@scene(server='installed')
def story_set_up_german(stage):
    """The set-up and its notes are whole in German."""
    Assistant(stage, 'de')


@scene(server='installed')
def story_set_up_spanish(stage):
    """The set-up and its notes are whole in Spanish."""
    Assistant(stage, 'es')


@scene(server='installed')
def story_set_up_chinese(stage):
    """The set-up and its notes are whole in Chinese."""
    Assistant(stage, 'zh_CN')
