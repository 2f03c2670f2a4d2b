# SPDX-License-Identifier: GPL-2.0-or-later
"""The window by keyboard alone."""

import os
import re

import checks
from scenes import scene
from window import wait_for

VIEWS = ('Overview', 'Users', 'Activity', 'Settings')


def is_selected(window, view):
    return any('selected' in node.states for node in window.all('tab', view))


@scene(server='on')
def story_views(stage):
    """Each view has a key, and everything in it a name and a place in the order of Tab."""
    window = stage.open()
    for number, view in enumerate(VIEWS, 1):
        window.keys(f'ctrl+{number}')
        wait_for(f'{view} to be shown', lambda view=view: is_selected(window, view))
        checks.good_manners(window)
    window.keys('ctrl+comma')
    wait_for('the settings', lambda: is_selected(window, 'Settings'))


@scene(server='on')
def story_shortcuts(stage):
    """The list of keys opens by a key and by the menu."""
    window = stage.open()
    window.keys('ctrl+question')
    window.see('Keyboard shortcuts')
    window.picture('shortcuts')
    window.keys('Escape')
    window.wait_gone('label', 'Keyboard shortcuts')
    window.click('button', 'Main Menu')
    window.click('menu item', 'Keyboard Shortcuts')
    window.see('Keyboard shortcuts')
    window.keys('Escape')
    window.wait_gone('label', 'Keyboard shortcuts')


@scene(server='on')
def story_menu(stage):
    """The menu opens by F10, and says what this is."""
    window = stage.open()
    window.keys('F10')
    window.find('menu item', 'About Sallyport')
    window.picture('menu')
    window.click('menu item', 'About Sallyport')
    window.see('The Sallyport developers')
    window.picture('about')
    window.keys('Escape')


@scene(server='on')
def story_closing(stage):
    """The window closes by its key, and comes back as large as it was left."""
    window = stage.open()
    window.resize(700, 500)
    window.keys('ctrl+w')
    wait_for('the end', lambda: window.process.poll() is not None)
    again = stage.open()
    assert again.size() == (700, 500), again.size()
    again.keys('ctrl+q')
    wait_for('the end', lambda: again.process.poll() is not None)


def take_over_help(window, entry, associations):
    """What the person's desktop opens help with: a program that notes the address, or none."""
    home = window.desktop.home
    for path, text in ((f'{home}/.local/share/applications/reader.desktop', entry),
                       (f'{home}/.config/mimeapps.list', associations)):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text)


@scene(server='on')
def story_help(stage):
    """The help opens by F1, by the menu and where a port is to be opened, at the page for that."""
    window = stage.open()
    read = f'{window.desktop.folder}/read'

    def opened(page):
        wait_for(f'help:sallyport/{page}', lambda: os.path.exists(read) and open(read, encoding='utf-8').read().strip() == f'help:sallyport/{page}')
        os.remove(read)

    take_over_help(window, f'[Desktop Entry]\nType=Application\nName=Reader\nExec=sh -c "echo %u >{read}.new; mv {read}.new {read}"\n'
                   'MimeType=x-scheme-handler/help;\n', '[Default Applications]\nx-scheme-handler/help=reader.desktop\n')
    window.keys('F1')
    opened('index')
    window.click('button', 'Main Menu')
    window.click('menu item', 'Help')
    opened('index')
    window.click('list item', re.compile('^Open This Port Yourself'))
    window.click('list item', 'How This Is Done')
    opened('cannot-connect')


@scene(server='on')
def story_no_help(stage):
    """Where nothing shows help, the window says what would."""
    window = stage.open()
    take_over_help(window, '', '[Removed Associations]\nx-scheme-handler/help=yelp.desktop;org.gnome.Yelp.desktop;\n')
    window.keys('F1')
    window.see('The Help Could Not Be Opened')
    window.picture('no-help')
    checks.good_manners(window)
    window.click('button', 'Close', within=window.find('dialog'))
    window.wait_gone('label', 'The Help Could Not Be Opened')
