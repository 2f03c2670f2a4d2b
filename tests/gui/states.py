# SPDX-License-Identifier: GPL-2.0-or-later
"""The window when there is no server to show: what it says, and the way out of it."""

import os
import re
import signal

import checks
from scenes import scene
from window import wait_for


def is_ready(window):
    window.find('tab', 'Overview')


@scene(server='absent')
def story_absent(stage):
    """Without a server the window says how to get one, and shows it as soon as it is installed."""
    window = stage.open()
    window.see('No Server on This Computer')
    window.see('sudo apt install sallyport-server')
    checks.good_manners(window)
    window.click('button', 'Copy the Command')
    stage.install()
    window.see('Reach Home from Anywhere')


@scene(server='broken')
def story_broken(stage):
    """A server that does not start is told with its reason, and tried again."""
    window = stage.open()
    window.see('The Server Could Not Start')
    checks.good_manners(window)
    window.click('label', 'Show Details')
    window.find('label', re.compile("exited|false"))
    window.click('button', 'Try Again')
    window.see('The Server Could Not Start')
    stage.mend_service()
    window.click('button', 'Try Again')
    window.see('Reach Home from Anywhere')


@scene(server='on')
def story_denied(stage):
    """Who may not look is told who may, and stays outside."""
    window = stage.open(person='bob')
    window.see('Only Administrators Can See This Server')
    checks.good_manners(window)
    window.click('button', 'Unlock…')
    window.see('Only Administrators Can See This Server')
    assert not window.has('tab', 'Overview'), window.describe()


@scene(server='on')
def story_unlocked(stage):
    """Nobody is asked for a password before asking for something; then the password opens it."""
    window = stage.open(person='carol')
    window.see('Only Administrators Can See This Server')
    agent = stage.agent(window)
    assert not agent.asked, agent.words
    window.click('button', 'Unlock…')
    is_ready(window)
    assert agent.asked == 1, agent.words


@scene(server='on')
def story_looking_only(stage):
    """Who may look and not change is told so, and everything is shown."""
    window = stage.open(person='frank')
    is_ready(window)
    window.find(name='You can look, but only an administrator can change this server.')
    assert 'sensitive' not in window.find('button', 'Add a User').states
    window.click('tab', 'Users')
    window.see('alice')
    checks.good_manners(window)


@scene(server='on')
def story_killed(stage):
    """A server that is killed while the window is open is missed, and found again without a click."""
    window = stage.open()
    is_ready(window)
    stage.break_service()
    os.kill(stage.server_process(), signal.SIGKILL)
    window.find(name='The connection to lab was lost. Reconnecting…')
    window.picture('lost')
    stage.mend_service()
    wait_for('the end of the banner', lambda: not window.has(name='The connection to lab was lost. Reconnecting…'), 60)
    is_ready(window)
    window.click('tab', 'Users')
    window.see('alice')
