# SPDX-License-Identifier: GPL-2.0-or-later
"""Stories of what is told while no window is open, to dunst, which shows notifications."""

import os
import re

from gi.repository import GLib

import lab
from scenes import scene
from window import wait_for

NAME, PATH = 'org.freedesktop.Notifications', '/org/freedesktop/Notifications'
NOTIFIER, NOTIFIER_PATH = 'org.sallyport.Sallyport.Notifier', '/org/sallyport/Sallyport/Notifier'


class Notifications:
    """What a desktop shows of them."""

    def __init__(self, stage):
        self.desktop = stage.desktop()
        self.desktop.start(['dunst', '-conf', '/dev/null'], 'dunst')
        wait_for('dunst', lambda: self._has(NAME))
        self.desktop.start(['/usr/libexec/sallyport-notifier'], 'notifier')
        wait_for('the notifier', lambda: self._has(NOTIFIER))

    def _has(self, name):
        return self.desktop.bus.call_sync('org.freedesktop.DBus', '/', 'org.freedesktop.DBus', 'NameHasOwner',
                                          GLib.Variant('(s)', (name,)), None, 0, 5000, None).unpack()[0]

    def shown(self):
        """Title and text of each, those that were closed, too."""
        self.desktop.bus.call_sync(NAME, PATH, 'org.dunstproject.cmd0', 'NotificationCloseAll', None, None, 0, 5000, None)
        rows = self.desktop.bus.call_sync(NAME, PATH, 'org.dunstproject.cmd0', 'NotificationListHistory', None, None, 0,
                                          5000, None).unpack()[0]
        return [(row['summary'], row['body']) for row in rows]

    def wait(self, title):
        pattern = re.compile(title)
        wait_for(lambda: f'{title!r} among {self.shown()}', lambda: any(pattern.search(one) for one, _ in self.shown()))

    def invoke(self, action, parameter):
        """As a button of a notification does."""
        self.desktop.bus.call_sync(NOTIFIER, NOTIFIER_PATH, 'org.freedesktop.Application', 'ActivateAction',
                                   GLib.Variant('(sava{sv})', (action, [GLib.Variant('s', parameter)], {})), None, 0,
                                   5000, None)


def _person(stage, login='anna', password='a long enough secret'):
    stage.control('user', 'add', login, input=password + '\n')
    return login, password


@scene(server='on')
def story_first_connection(stage):
    """The first connection of a device is told without a window, the second one is not"""
    notifications = Notifications(stage)
    login, password = _person(stage)
    client = stage.connect(login, password).wait_connected()
    notifications.wait('anna .* Connected for the First Time')
    client.disconnect()
    lab.wait_until('the end', lambda: not lab.sessions())
    again = stage.connect(login, password).wait_connected()
    # Somebody else's first connection comes later, and so does what is told of it.
    _person(stage, 'bert')
    stage.connect('bert', password, '--local-hostname=attic').wait_connected()
    notifications.wait('bert · attic Connected for the First Time')
    titles = [title for title, _ in notifications.shown()]
    lab.equal(len([title for title in titles if title.startswith('anna')]), 1, f'of anna among {titles}')
    again.disconnect()


@scene(server='on')
def story_block_from_notification(stage):
    """Whoever connects for the first time is sent away from the notification"""
    notifications = Notifications(stage)
    login, password = _person(stage)
    client = stage.connect(login, password).wait_connected()
    notifications.wait('anna .* Connected for the First Time')
    notifications.invoke('block', f'/org/sallyport/Sallyport1/sessions/{lab.sessions()[0]["id"]}')
    client.wait_exit(30)
    lab.equal([ban['address'] for ban in stage.control_json('ban', 'list')['bans']], [os.environ['LAB_CLIENT_ADDRESS']], 'bans')
