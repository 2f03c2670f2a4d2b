# SPDX-License-Identifier: GPL-2.0-or-later
"""Stories of the activity page: history, blocked addresses, log."""

import os
import re
import subprocess

import accessible
import checks
import lab
from scenes import scene
from screen import Area
from settings import choose_file
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
    stage.control('user', 'set', 'anna', 'full-name=Anna Keller')
    checks.everything_has_a_name(window)
    window.picture('history')
    lab.control('session', 'disconnect', '--all')
    client.wait_exit(30)
    window.see(re.compile('you disconnected it'))
    window.see(re.compile('^Anna Keller'))


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


@scene(server='fake')
def story_turned_away(stage):
    """From where connections are turned away stands beside the bans, with words, and can be blocked for longer"""
    stage.control('start')
    window = stage.open()
    window.see('Nothing Needs Your Attention')
    stage.backdoor('flood 0 198.51.100.0/24 410')
    stage.backdoor('flood 1 203.0.113.7 1')
    window.click('tab', 'Activity')
    window.click('tab', 'Blocked')
    window.see('Turned Away for Now')
    window.see('198.51.100.0/24')
    window.see(re.compile('410 connections turned away since .* misbehaved shortly before'))
    window.see(re.compile('1 connection turned away since'))
    window.see('No one is blocked.')
    checks.everything_has_a_name(window)
    window.picture('turned-away')
    stage.backdoor('flood 0 198.51.100.0/24 500')
    window.see(re.compile('500 connections turned away'))
    window.click('button', 'Block 198.51.100.0/24…')
    window.click('button', 'Block')
    wait_for('the ban', lambda: [ban['address'] for ban in stage.control_json('ban', 'list')['bans']] == ['198.51.100.0/24'])
    window.find('button', 'Unblock 198.51.100.0/24')
    button = window.find('button', 'Block 198.51.100.0/24…')
    wait_for('that it cannot be blocked twice', lambda: 'sensitive' not in button.states)


def _has_focus(window, role, name):
    node = window.find(role, name)
    accessible.learn([node], 'states')
    return 'focused' in node.states


@scene(server='fake')
def story_attack(stage):
    """An attack stands on the overview with what it is, what is done, and the one thing to do; then it goes by itself"""
    stage.control('start')
    window = stage.open()
    window.see('Nothing Needs Your Attention')
    stage.backdoor('flood 0 198.51.100.0/24 41000')
    stage.backdoor('attack 41500 7 3')
    window.see('The server is under attack')
    window.see(re.compile('41.?500 connections turned away since .* from 3 networks · 7 packets dropped'))
    checks.everything_has_a_name(window)
    window.picture('attack')
    # Only a server that has a name can ask for it.
    window.wait_gone('button', 'Ask for a Name…')
    stage.control('config', 'set', 'name=vpn.example.org')
    window.press('button', 'Ask for a Name…')
    wait_for('the focus on that row', lambda: _has_focus(window, 'combo box', 'Strangers Reach the Server'))
    stage.control('config', 'set', 'name-gate=name')
    window.click('tab', 'Overview')
    window.wait_gone('button', 'Ask for a Name…')
    window.press('button', 'Block 198.51.100.0/24…')
    window.click('button', 'Block')
    window.press('button', 'Show')
    window.find('button', 'Unblock 198.51.100.0/24')
    stage.backdoor('attack')
    window.click('tab', 'Overview')
    window.wait_gone('label', 'The server is under attack')
    window.click('tab', 'Activity')
    window.click('tab', 'Events')
    window.see('Attack on the server')
    window.see(re.compile('198.51.100.0/24 · 41.?500 connections turned away'))
    window.picture('attack-events')


def _tab_picture(window, name):
    """The pixels of a button of the view switcher."""
    tab = window.find('tab', name)
    x, y = window.place(tab)
    _, _, width, height = tab.box
    path = f'/run/{window.desktop.owner}-tab.ppm'
    window.screen.take_picture(path, Area('', '', x - width // 2, y - height // 2, width, height))
    with open(path, 'rb') as file:
        return file.read()


@scene(server='on', settings='strict')
def story_attention(stage):
    """An address that is blocked by itself is marked on the switcher until it was looked at."""
    window = stage.open()
    window.see('No One Is Connected')
    window.screen.point_at(5, 5)
    quiet = _tab_picture(window, 'Activity')
    for _ in range(3):
        stage.connect('mallory', 'wrong', '--non-inter').wait_exit()
    wait_for('the ban', lambda: stage.control_json('ban', 'list')['bans'])
    wait_for('a dot', lambda: _tab_picture(window, 'Activity') != quiet)
    window.picture('attention')
    window.click('tab', 'Activity')
    window.click('tab', 'Overview')
    window.screen.point_at(5, 5)
    wait_for('no dot any more', lambda: _tab_picture(window, 'Activity') == quiet)


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
    folder = f'/run/{window.desktop.owner}-files'
    subprocess.run(['install', '-d', '-o', window.desktop.owner, folder], check=True)
    choose_file(window, 'Save the Log…', f'{folder}/sallyport.log')
    wait_for('the log in its file', lambda: os.path.exists(f'{folder}/sallyport.log'))
    window.see('The log was saved')
    with open(f'{folder}/sallyport.log', encoding='utf-8') as file:
        assert f'of {login} connected' in file.read()
    window.enter('Search the log', login, role='search box')
    wait_for('only what fits', lambda: not any('starting' in text for text in window.texts()))
    client.disconnect()
    window.see(re.compile(f'of {login} ended'))


@scene(server='on')
def story_events(stage):
    """Who changed the settings is listed, and who could not sign in, as often as they tried."""
    window = stage.open()
    window.click('tab', 'Activity')
    window.click('tab', 'Events')
    window.see('Nothing Yet')
    login, password = _person(stage)
    stage.control('config', 'set', 'dpd=60', 'banner=<b>Hi</b>')
    for _ in range(2):
        stage.connect(login, password + ' not').process.wait(timeout=30)
    window.click('tab', 'History')
    window.click('tab', 'Events')
    window.see('Wrong password')
    window.find('label', re.compile(rf'{login} · {os.environ["LAB_CLIENT_ADDRESS"]} · \d+ times'))
    window.find('label', re.compile(r'dpd: 90 → 60\nbanner:  → <b>Hi</b>'))
    window.find('label', re.compile(' · root$'))
    checks.everything_has_a_name(window)
    checks.nothing_is_cut_off(window)
    window.picture('events')
