# SPDX-License-Identifier: GPL-2.0-or-later
"""From a computer on which nothing was set up to the first device that is connected."""

import re

import checks
import people
from scenes import scene
from window import wait_for


def link_of(window):
    return window.find('label', re.compile('^https://')).text()


def get_the_certificate(link):
    """What a phone does with the link; returns how openconnect signs in with what it got."""
    import invitations

    _, folder, passphrase = invitations.pressed(link)
    archive = invitations.curl(f'{link.split("/e/")[0]}{folder}/vpn.p12', agent=invitations.CISCO)
    with open('/run/vpn.p12', 'wb') as file:
        file.write(archive.body)
    return '--certificate', '/run/vpn.p12', '--key-password', passphrase


def connect_first_device(stage, window):
    checks.good_manners(window)
    window.picture('welcome')
    window.click('button', 'Set Up')
    window.find('dialog', 'Set Up')
    checks.good_manners(window)
    window.picture('setup')
    window.click('button', 'Continue')
    window.click('button', 'Invite a Device', within=window.find('dialog', 'Set Up'))
    window.see('Scan to Connect')
    link = link_of(window)
    window.see_code(link, 'first-invitation')
    checks.everything_has_a_name(window)
    login = stage.control_json('user', 'list')['users'][0]['login']
    client = stage.connect(login, '', *get_the_certificate(link)).wait_connected()
    client.fetch('peer')
    return client


@scene(server='installed')
def story_first_device(stage):
    """Three clicks lead from nothing to the first device that is connected."""
    window = stage.open()
    window.see('Reach Home from Anywhere')
    client = connect_first_device(stage, window)
    assert window.clicks == 3, window.clicks
    window.picture('first-device')
    client.disconnect()


@scene(server='installed')
def story_first_device_by_password(stage):
    """An administrator who has to show who she is for looking is asked for her password once in all."""
    window = stage.open(person='carol')
    agent = stage.agent(window)
    window.click('button', 'Unlock…')
    window.see('Reach Home from Anywhere')
    connect_first_device(stage, window).disconnect()
    assert agent.asked == 1, agent.words


@scene(server='installed')
def story_one_question(stage):
    """Who may look is asked for her password once by the set-up, and not again."""
    people.let_look('carol')
    window = stage.open(person='carol')
    agent = stage.agent(window)
    window.see('Reach Home from Anywhere')
    assert agent.asked == 0, agent.words
    connect_first_device(stage, window).disconnect()
    assert agent.asked == 1, agent.words


@scene(server='on')
def story_unlock(stage):
    """Who is about to change several things unlocks the window, and is asked for her password once."""
    people.let_look('carol')
    window = stage.open(person='carol')
    agent = stage.agent(window)
    window.find('status', 'Changes need an administrator’s password.')
    window.picture('locked')
    checks.everything_has_a_name(window)
    window.click('button', 'Unlock…')
    window.wait_gone('button', 'Unlock…')
    assert agent.asked == 1, agent.words
    window.click('tab', 'Settings')
    window.click('switch', 'Devices May See Each Other')
    wait_for('the setting', lambda: stage.control('config', 'get', 'clients-see-each-other').strip() == 'yes')
    window.click('tab', 'Overview')
    window.click('switch', re.compile('^Server'))
    wait_for('the end', lambda: stage.control_json('status')['state'] == 'off')
    assert agent.asked == 1, agent.words
