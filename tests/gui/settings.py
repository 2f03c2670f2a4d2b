# SPDX-License-Identifier: GPL-2.0-or-later
"""How the server is set up, in the window."""

import checks
from scenes import scene
from window import wait_for


def open_settings(stage, **options):
    window = stage.open(**options)
    window.click('tab', 'Settings')
    return window


def setting(stage, key):
    return stage.control('config', 'get', key).strip()


def has(stage, key, value):
    return lambda: setting(stage, key) == value


@scene(server='on')
def story_live_setting(stage):
    """What applies to a running server is written when it is chosen."""
    window = open_settings(stage)
    window.see('Home Network')
    window.picture('settings')
    window.click('switch', 'Devices May See Each Other')
    wait_for('the switch is written', has(stage, 'clients-see-each-other', 'yes'))
    checks.everything_has_a_name(window)
    checks.nothing_is_cut_off(window)


@scene(server='on')
def story_refused_setting(stage):
    """A value that the server refuses is told at its field and goes back."""
    window = open_settings(stage)
    window.enter('Port', '70000')
    window.find('alert', 'Write a number from 1 to 65535.')
    window.picture('settings-refused')
    window.keys('Return', 'Escape')
    window.wait_gone('alert', 'Write a number from 1 to 65535.')
    assert setting(stage, 'port') == '443'


@scene(server='on')
def story_staged_setting(stage):
    """What would disconnect people waits until it is applied."""
    window = open_settings(stage)
    window.enter('Port', '8443')
    window.keys('Return')
    window.find('status', '1 change waits. No one is connected.')
    assert setting(stage, 'port') == '443'
    window.picture('settings-staged')
    window.click('button', 'Apply Now')
    window.see('The settings are in use')
    assert setting(stage, 'port') == '8443'
    assert stage.control_json('status')['port'] == 8443
    window.wait_gone('button', 'Apply Now')


@scene(server='on')
def story_advanced(stage):
    """Every setting of the server is on the advanced page."""
    window = open_settings(stage)
    window.click('list item', 'Advanced')
    window.see('keepalive')
    window.picture('settings-advanced')
    window.enter('dpd', '45')
    window.keys('Return')
    wait_for('it is written', has(stage, 'dpd', '45'))
    window.click('list item', 'Settings as a File')
    assert 'dpd = 45\n' in window.find('text box', 'Settings as a File').text()
    window.picture('settings-file')
