# SPDX-License-Identifier: GPL-2.0-or-later
"""A way through the window that comes by every page and dialog of it, in any language."""

import contextlib
import gettext
import re

from window import wait_for

LOCALES = '/usr/share/locale'


def any_of(text):
    """A name that stands for whatever the window puts into it."""
    return re.compile('^' + re.sub(r'%(\d\$)?[su]', '.*', re.escape(text).replace(r'\%', '%').replace(r'\$', '$')))


def with_mnemonics(text):
    """The same with each letter underlined in turn: how a catalogue may have it."""
    return [text[:place] + '_' + text[place:] for place in range(len(text))]


class Tour:
    """`visit` (tour, name) is called at each place, `left` (facts, way) when one was closed, with what the probe told before
    it was opened.  Texts are given in English and looked for in the window's language."""

    def __init__(self, window, visit, language='en', left=None):
        self.window, self.visit, self.left = window, visit, left or (lambda before, way: None)
        self.translation = gettext.translation('sallyport', LOCALES, [language], fallback=True)

    def t(self, text):
        """What a button or label with this text says, however it is translated."""
        said = next((said for said in (self.translation.gettext(one) for one in (text, *with_mnemonics(text))) if said not in
                     (text, *with_mnemonics(text))), text).replace('_', '')
        return any_of(said) if '%' in said else said

    def here(self, name, role=None, landmark=None):
        """The place of this name, which has something that no other has."""
        self.window.point_away()
        if landmark is not None:
            self.window.find(role, landmark if isinstance(landmark, re.Pattern) else self.t(landmark))
        self.visit(self, name)

    def view(self, number, name, role=None, landmark=None):
        self.window.keys(f'ctrl+{number}')
        self.here(name, role, landmark)

    def click(self, role, text):
        self.window.click(role, text if isinstance(text, re.Pattern) else self.t(text))

    @contextlib.contextmanager
    def _opened(self, back, *ways):
        before, counted = self.window.count(), self.window.facts() if self.window.probe else None
        for role, text in ways:
            self.click(role, text)
        yield
        self.window.keys(back)
        wait_for(lambda: f'what lay over the window to go, which had {before}: {self.window._areas()}', lambda: self.window.count() <= before)
        self.left(counted, ways[-1][1])

    def page(self, role, text):
        """It lies on another, which comes back."""
        return self._opened('alt+Left', (role, text))

    def dialog(self, *ways):
        """Or a menu, that closes by Escape; the ways are what is clicked, one after the other: (role, text)."""
        return self._opened('Escape', *ways)

    def end_of(self, name):
        """The lower end of what is longer than the window."""
        self.window.scroll_to_end()
        self.here(name)


def overview(tour):
    tour.here('overview', 'label', re.compile('^Anna Keller'))
    tour.end_of('overview-end')
    tour.window.keys('ctrl+1')
    with tour.dialog(('button', '_Test…')):
        tour.here('outside', 'label', 'Waiting for the Phone…')
    with tour.dialog(('button', any_of(tour.translation.gettext('More for %s') % 'Anna%s'))):
        tour.here('disconnect-menu', 'menu item', 'Show _User')
    with tour.page('list item', re.compile('^Anna Keller')):
        tour.here('session', 'button', '_Copy Details')


def users(tour):
    tour.view(2, 'users', 'label', re.compile('^Guest'))
    with tour.dialog(('button', 'Add a User')):
        tour.here('add-user', 'button', 'Add and Invite')
    with tour.page('label', re.compile('^Anna Keller')):
        tour.here('user', 'text box', tour.translation.pgettext('person', 'Name'))
        user(tour)
    with tour.page('button', 'Removed in the Last 30 Days (%u)'):
        tour.here('removed-users', 'label', re.compile('^Emil Krause'))
        with tour.dialog(('button', 'Delete %s Now')):
            tour.here('delete-user', 'label', 'Delete %s Permanently?')
    tour.click('button', 'Select Users')
    tour.click('label', re.compile('^Bob Miller'))
    tour.here('users-selected')
    tour.click('button', 'Select Users')


def user(tour):
    with tour.dialog(('button', 'Until')):
        tour.here('until-menu', 'menu item', 'In a Week')
    with tour.dialog(('button', 'Can Reach'), ('menu item', 'Chosen Devices…')):
        tour.here('chosen-devices', 'text box', 'Add an Address')
    with tour.dialog(('button', 'Traffic per Month'), ('menu item', 'Other…')):
        tour.here('other-value')
    with tour.page('label', re.compile('^ThinkPad')):
        tour.here('device', 'button', 'Revoke This Device')
    with tour.dialog(('button', 'Change the Password')):
        tour.here('password', 'text box', 'New Password')
    with tour.dialog(('button', 'Set Up Two-Step Sign-In')):
        tour.here('two-step', 'label', 'Or Enter This Key')
    tour.click('list item', 'Advanced')
    tour.end_of('user-end')
    with tour.dialog(('button', 'Invite a Device of %s')):
        tour.here('invitation', 'label', 'Scan to Connect')
        with tour.dialog(('list item', 'For a Computer Instead')):
            tour.here('computer')


def activity(tour):
    tour.view(3, 'history', 'label', re.compile('(?i)^bob'))
    tour.click('tab', 'Blocked')
    tour.here('blocked', 'label', '203.0.113.66')
    with tour.dialog(('button', '_Block an Address…')):
        tour.here('block-address', 'text box', 'Address or Network')
    tour.click('tab', 'Log')
    tour.here('log')
    tour.click('tab', 'History')


def settings(tour):
    tour.view(4, 'settings', 'text box', 'Public Name')
    tour.end_of('settings-end')
    with tour.dialog(('button', 'Let the Name Follow This Network')):
        tour.here('dynamic-dns', 'text box', 'Account There')
        tour.end_of('dynamic-dns-end')
    with tour.page('list item', re.compile('lab|vpn|192|example')):
        tour.here('certificate', 'label', 'Fingerprint')
        with tour.dialog(('button', 'Verify Fingerprint')):
            tour.here('verify-fingerprint')
        with tour.dialog(('button', 'Request a Certificate')):
            tour.here('request-certificate')
        with tour.dialog(('button', 'Get a Trusted Certificate')):
            tour.here('authority', 'text box', 'Names')
        tour.end_of('certificate-end')
    with tour.page('list item', 'Advanced'):
        tour.here('advanced')
        with tour.page('list item', 'Settings as a File'):
            tour.here('settings-file', 'text box', 'Settings as a File')


def menus(tour):
    tour.window.keys('ctrl+1')
    with tour.dialog(('button', 'Main Menu')):
        tour.here('menu', 'menu item', '_About Sallyport')
    with tour.dialog(('button', 'Main Menu'), ('menu item', '_About Sallyport')):
        tour.here('about', 'label', 'The Sallyport developers')
    tour.window.keys('ctrl+question')
    tour.here('shortcuts')
    tour.window.keys('Escape')


VIEWS = (overview, users, activity, settings, menus)


def sessions(tour):
    """Who is here, and who was."""
    for part in (overview, activity, menus):
        part(tour)


def everywhere(tour):
    for part in VIEWS:
        part(tour)


def views(tour):
    """Only what lies open."""
    for number, name in enumerate(('overview', 'users', 'history', 'settings'), 1):
        tour.view(number, name)
