# SPDX-License-Identifier: GPL-2.0-or-later
"""Stories of the activity page: history, blocked addresses, log."""

import os
import re

import checks
import lab
from scenes import scene
from window import wait_for


def _person(stage, login='anna', password='a long enough secret'):
    stage.control('user', 'add', login, input=password + '\n')
    return login, password


def _tell_a_day(stage):
    """Somebody was here and went, somebody is here."""
    login, password = _person(stage)
    gone = stage.connect(login, password).wait_connected()
    gone.disconnect()
    return stage.connect(login, password).wait_connected()


@scene(server='on')
def story_history(stage):
    """Who was connected and who is stands in the history, which grows by itself"""
    window = stage.open()
    window.click('tab', 'Activity')
    window.see('Nothing Yet')
    client = _tell_a_day(stage)
    window.see('Today')
    window.see(re.compile('signed out'))
    window.see(re.compile('still connected'))
    checks.everything_has_a_name(window)
    window.picture('history')
    lab.control('session', 'disconnect', '--all')
    client.wait_exit(30)
    window.see(re.compile('you disconnected it'))


@scene(server='on')
def story_export(stage):
    """The history is written to a file that spreadsheets read"""
    _tell_a_day(stage)
    window = stage.open()
    window.click('tab', 'Activity')
    window.click('button', 'Export…')
    window.click('button', 'Export')
    path = f'{window.desktop.home}/connections.csv'
    window.see('2 connections were written')
    with open(path, encoding='utf-8') as file:
        lines = file.read().splitlines()
    lab.equal(len(lines), 3, 'lines')
    lab.equal(lines[0].split(',')[:3], ['StartedAt', 'EndedAt', 'Login'], 'names of columns')
    lab.holds(all('"anna"' in line for line in lines[1:]), lines)
    lab.equal(os.stat(path).st_mode & 0o077, 0, 'who else may read it')


@scene(server='on')
def story_blocked(stage):
    """Who is blocked is listed, can be unblocked, and others are blocked by a dialog"""
    window = stage.open()
    window.click('tab', 'Activity')
    window.click('tab', 'Blocked')
    window.see('No One Is Blocked')
    window.click('button', 'Block an Address…')
    window.enter('Address or Network', 'not an address')
    window.find('alert', re.compile('An address such as'))
    window.enter('Address or Network', '203.0.113.0/28')
    window.click('button', 'Block')
    window.see('203.0.113.0/28')
    lab.equal([ban['address'] for ban in stage.control_json('ban', 'list')['bans']], ['203.0.113.0/28'], 'bans')
    checks.everything_has_a_name(window)
    window.picture('blocked')
    window.click('button', 'Unblock 203.0.113.0/28')
    window.see('No One Is Blocked')
    lab.equal(stage.control_json('ban', 'list')['bans'], [], 'bans')


@scene(server='on')
def story_log(stage):
    """The log is read along, searched, and shows more or less of itself"""
    window = stage.open()
    window.click('tab', 'Activity')
    window.click('tab', 'Log')
    window.see(re.compile('starting → on'))
    login, password = _person(stage)
    client = stage.connect(login, password).wait_connected()
    window.see(re.compile(f'of {login} connected'))
    checks.everything_has_a_name(window)
    window.picture('log')
    window.enter('Search the log', login, role='search box')
    wait_for('only what fits', lambda: not any('starting' in text for text in window.texts()))
    client.disconnect()
    window.see(re.compile(f'of {login} ended'))
