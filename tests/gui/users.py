# SPDX-License-Identifier: GPL-2.0-or-later
"""Users: who may connect, with what, and for how long."""

import re

import accessible
import checks
from scenes import scene
from window import wait_for


def show_users(stage):
    window = stage.open()
    window.click('tab', 'Users')
    return window


def open_user(stage, name):
    window = show_users(stage)
    window.click('label', name)
    window.find('text box', 'Name')
    return window


def user(stage, login):
    """What the server has of a user, or None."""
    users = stage.control_json('user', 'list')['users']
    return next((one for one in users if one['login'] == login), None)


def is_ready(window, button):
    node = window.find('button', button)
    accessible.learn([node], 'states')
    return 'sensitive' in node.states


@scene(server='on')
def story_add_and_invite(stage):
    """Somebody is added and invited in two clicks, and a phone reads the picture.

    What is on the screen is the link that stands below it, and the server gives a page for it."""
    window = show_users(stage)
    clicks = window.clicks
    window.click('button', 'Add a User')
    window.enter('Name', 'Anna Keller')
    window.picture('add-user')
    checks.everything_has_a_name(window)
    window.click('button', 'Add and Invite')
    window.see('Scan to Connect')
    link = window.find('label', re.compile('^https://')).text()
    assert window.codes('invite') == [link], (window.codes('invite'), link)
    # the field was clicked, too
    assert window.clicks - clicks == 3, window.clicks - clicks
    checks.everything_has_a_name(window)
    window.keys('Escape')
    window.see('Anna Keller')
    assert user(stage, 'anna')['full-name'] == 'Anna Keller', user(stage, 'anna')
    window.picture('users')
    checks.good_manners(window)


@scene(server='on')
def story_login_judged(stage):
    """A login is made of the name, and what is wrong with one is said while it is typed."""
    window = show_users(stage)
    window.click('button', 'Add a User')
    window.enter('Name', 'Alice')
    # the lab's user is called so
    wait_for('another login than the one that is taken',
             lambda: window.find('text box', 'Login').text() == 'alice2')
    window.enter('Login', 'alice')
    window.find('alert', 'Somebody else has this login.')
    window.enter('Login', 'ali ce')
    window.find('alert', 'A login has no blanks.')
    wait_for('no way to add it', lambda: not is_ready(window, 'Add'))
    window.picture('add-user-problem')
    window.enter('Login', 'alice.k')
    window.click('button', 'Make a Password')
    window.click('button', 'Add')
    window.wait_gone('button', 'Add and Invite')
    assert user(stage, 'alice.k')['full-name'] == 'Alice'
