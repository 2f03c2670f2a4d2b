# SPDX-License-Identifier: GPL-2.0-or-later
"""Stories of the overview: the server's state and its switch, who is connected, sending them away, what was carried."""

import contextlib
import os
import re
import subprocess
import time

import checks
import lab
import port_mapping
from scenes import scene
from window import wait_for

SWITCH = re.compile('^Server')
NOBODY = 'No One Is Connected'
DISCONNECTING = 'Disconnecting…'
UNDO_WINDOW = 6
MOVING = re.compile(r'↓ [1-9][\d.]*\s[kM]B/s')
# What a client writes when it notices anything at all.
NOTICED = r'(?i)reconnect|disconnect|BYE|terminat|Dead Peer|Rekey'


@contextlib.contextmanager
def download(address=lab.HOME_ADDRESS):
    """From the home network through the tunnel, for as long as it is looked at."""
    process = subprocess.Popen(['ip', 'netns', 'exec', lab.CLIENT, 'sh', '-c',
                                f'while :; do curl -s --limit-rate 3M -o /dev/null http://{address}/200M.bin; done'],
                               start_new_session=True)
    try:
        yield
    finally:
        os.killpg(process.pid, 9)
        process.wait()


def reaches_home():
    return lab.succeeds('ping', '-c1', '-W1', lab.HOME_ADDRESS, namespace=lab.CLIENT)


def connect(stage, *options):
    return stage.connect(os.environ['LAB_USER'], stage.password(), *options).wait_connected()


@scene(server='on')
def story_session(stage):
    """Who connects appears by itself, with a rate that moves while something is carried, and goes."""
    window = stage.open()
    window.see('Running')
    window.see(NOBODY)
    client = connect(stage)
    there = time.monotonic()
    window.see(re.compile('^alice'))
    print(f'seen {time.monotonic() - there:.2f} s after the tunnel was up')
    window.see(re.compile('1 device connected'))
    window.wait_gone('label', NOBODY)
    window.see('↓ 0  ↑ 0')
    with download():
        window.see(MOVING)
        before = window.find('label', MOVING).name
        wait_for('another rate', lambda: any(MOVING.search(text) and text != before for text in window.texts()))
        window.picture('overview')
    checks.good_manners(window)
    client.disconnect()
    window.see(NOBODY)


def disconnect_and_undo(stage, *options):
    client = connect(stage, *options)
    if not options:
        client.wait_dtls()
    window = stage.open()
    lines = client.count(NOTICED)
    lab.holds(reaches_home(), 'a way home')
    if options:
        reach_row(window)
        window.keys('Delete')
    else:
        window.click('button', 'Disconnect')
    window.find('status', DISCONNECTING)
    lab.holds(not reaches_home(), 'nothing passes')
    window.click('button', re.compile('^Let alice'))
    window.find('button', 'Disconnect')
    lab.wait_until('the way home', reaches_home)
    # Longer than it could have been taken back, and than the client waits for an answer.
    time.sleep(UNDO_WINDOW)
    lab.holds(client.process.poll() is None, 'the client is there')
    lab.equal(client.count(NOTICED), lines, 'lines in which the client noticed something')
    lab.equal(len(lab.sessions()), 1, 'sessions')


@scene(server='on')
def story_undo_over_dtls(stage):
    """A client over UDP that is disconnected, and let go on, never noticed."""
    disconnect_and_undo(stage)


@scene(server='on')
def story_undo_over_tls(stage):
    """A client over TCP that is disconnected, and let go on, never noticed."""
    disconnect_and_undo(stage, '--no-dtls')


def disconnect_quietly(stage, *options):
    client = connect(stage, *options, '--force-dpd', '2')
    if '--no-dtls' not in options:
        client.wait_dtls()
    window = stage.open()
    lines = client.count(NOTICED)
    window.click('button', 'Disconnect')
    window.find('status', DISCONNECTING)
    began = time.monotonic()
    # All the time but for the last moment, in which the picture is looked for and the process asked.
    while time.monotonic() - began < UNDO_WINDOW - 2:
        lab.holds(client.process.poll() is None, 'the client stays')
        lab.equal(client.count(NOTICED), lines, 'lines in which the client noticed something')
        lab.equal([one['state'] for one in lab.sessions()], ['disconnecting'], 'the session')
        time.sleep(0.2)
    client.wait_exit(30)
    window.see(NOBODY)
    lab.equal(stage.control_json('history')['history'][0]['reason'], 'disconnected', 'the reason')


@scene(server='on')
def story_disconnect_over_dtls(stage):
    """Who is disconnected over UDP stays quiet until it can not be taken back, and then goes."""
    disconnect_quietly(stage)


@scene(server='on')
def story_disconnect_over_tls(stage):
    """Who is disconnected over TCP stays quiet until it can not be taken back, and then goes."""
    disconnect_quietly(stage, '--no-dtls')


@scene(server='on')
def story_block(stage):
    """Disconnect and block: from a menu, taken back with it, and for good."""
    client = connect(stage)
    window = stage.open()
    window.click('button', re.compile('^More for alice'))
    window.picture('disconnect-menu')
    window.click('menu item', re.compile('Disconnect and Block Address'))
    window.find('status', DISCONNECTING)
    lab.wait_until('the ban', lambda: stage.control_json('ban', 'list')['bans'])
    window.keys('ctrl+z')
    window.find('button', 'Disconnect')
    lab.wait_until('no ban', lambda: not stage.control_json('ban', 'list')['bans'])
    lab.wait_until('the way home', reaches_home)
    window.click('button', re.compile('^More for alice'))
    window.click('menu item', re.compile('Disconnect and Block Address'))
    client.wait_exit(30)
    window.see(NOBODY)
    lab.equal(len(stage.control_json('ban', 'list')['bans']), 1, 'bans')


@scene(server='on')
def story_outside(stage):
    """Whether people reach the server is told on the overview, and a phone without Wi-Fi shows it while one looks."""
    window = stage.open()
    window.see('Not Tested from Outside')
    window.click('button', 'Test…')
    window.see('Waiting for the Phone…')
    link = window.find('label', re.compile('^https://.*/r/')).text()
    window.see_code(link, 'outside')
    checks.everything_has_a_name(window)
    lab.run('curl', '--silent', '--insecure', '--fail', '--max-time', '20', link, namespace=lab.CLIENT)
    window.see(re.compile(f' from {re.escape(os.environ["LAB_CLIENT_ADDRESS"])}$'))
    window.wait_gone('label', 'Waiting for the Phone…')
    window.keys('Escape')
    window.see('Reached from Outside')
    window.wait_gone('label', 'Not Tested from Outside')
    checks.good_manners(window)


@scene(server='on')
def story_router(stage):
    """What a router does that is asked to forward the port is told, and what is left to do."""
    port_mapping.move_behind_the_firewall()
    window = stage.open()
    window.see('Open This Port Yourself')
    with port_mapping.router('natpmp', interface='servers'):
        stage.control('config', 'set', 'port-mapping=yes')
        window.see(re.compile('^It was asked to, while this is on\nOver IPv6 the router lets devices in, too$'))
        window.see('The Router Forwards the Port')
        window.wait_gone('label', 'Open This Port Yourself')
        window.picture('overview-router')
        checks.good_manners(window)
    with port_mapping.router('upnp', rules=[port_mapping.DENY]):
        stage.control('port-mapping', 'renew')
        window.see(re.compile('^The router was asked for it and refuses. Allow UPnP or NAT-PMP'))
        window.see('Open This Port Yourself')
        window.see('The router does not forward the port')
        checks.good_manners(window)
    stage.control('config', 'set', 'port-mapping=no')
    window.see(re.compile('^So that devices reach it from outside, your router has to forward the port'))


@scene(server='on')
def story_pause(stage):
    """A person is paused until tomorrow by keys alone."""
    client = connect(stage)
    window = stage.open()
    window.find('list item', re.compile('^alice'))
    reach_row(window)
    window.keys('Menu')
    window.find('menu item', 'Disconnect')
    window.click('menu item', re.compile('Disconnect and Pause alice'))
    window.click('menu item', 'Until Tomorrow')
    window.see(re.compile('paused until tomorrow'))
    client.wait_exit(30)
    window.see(NOBODY)
    lab.equal(stage.control_json('user', 'show', 'alice')['status'], 'paused', 'the user')


def reach_row(window):
    """The keyboard's focus is on the session."""
    row = window.find('list item', re.compile('^alice'))
    for _ in range(40):
        if checks.move_focus(window, 'Tab') == row.reference:
            return
    raise AssertionError('the row of the session is not reached by Tab')


@scene(server='on')
def story_all(stage):
    """All are disconnected at once, and come back with one Undo."""
    connect(stage)
    window = stage.open()
    window.click('button', 'Disconnect All')
    window.find('status', DISCONNECTING)
    window.see('All devices were disconnected')
    window.click('button', 'Undo')
    window.find('button', 'Disconnect')
    lab.wait_until('the way home', reaches_home)
    lab.equal([one['state'] for one in lab.sessions()], ['connected'], 'the session')


@scene(server='on')
def story_switch(stage):
    """The switch turns the server off and on, and shows what the server says."""
    window = stage.open()
    window.see('Running')
    window.click('switch', SWITCH)
    window.see('Server Is Off')
    lab.equal(stage.control_json('status')['state'], 'off', 'the server')
    window.picture('overview-off')
    checks.good_manners(window)
    window.click('button', 'Turn On')
    window.see('Running')
    lab.equal(stage.control_json('status')['state'], 'on', 'the server')
    stage.control('stop')
    window.see('Server Is Off')
    window.click('switch', SWITCH)
    window.see('Running')


@scene(server='on')
def story_stop(stage):
    """A server with devices on it stops after a time in which that is taken back."""
    client = connect(stage)
    window = stage.open()
    window.see(re.compile('^alice'))
    lines = client.count(NOTICED)
    window.click('switch', SWITCH)
    window.see('The server is stopping. 1 device will be disconnected.')
    window.see('Stopping…')
    window.click('button', 'Undo')
    window.see('Running')
    lab.wait_until('the way home', reaches_home)
    lab.equal(client.count(NOTICED), lines, 'lines in which the client noticed something')
    lab.equal(stage.control_json('status')['state'], 'on', 'the server')
    window.click('switch', SWITCH)
    window.see('Stopping…')
    window.see('Server Is Off')
    client.wait_exit(30)
    lab.equal(stage.control_json('status')['state'], 'off', 'the server')


@scene(server='on')
def story_closed_while_stopping(stage):
    """A window that is closed while a stop can be taken back does not leave the server on."""
    client = connect(stage)
    window = stage.open()
    window.see(re.compile('^alice'))
    window.click('switch', SWITCH)
    window.see('Stopping…')
    window.keys('ctrl+w')
    lab.wait_until('the server to be off', lambda: stage.control_json('status')['state'] == 'off', 30)
    client.wait_exit(30)
    lab.equal(window.process.wait(30), 0, 'how the program ended')


@scene(server='on', settings='crowded')
def story_many(stage):
    """Of many sessions the fastest are shown, and all are searched and sent away in a page of their own."""
    people = ['anna', 'bert', 'carl']
    for login in people:
        stage.control('user', 'add', login, input='a long enough secret\n')
        # One that does nothing to the computer that it is on.
        for number in range(8):
            stage.connect(login, 'a long enough secret', '--script', '/bin/true', '--no-dtls',
                          '--local-hostname', f'{login}-{number}')
    lab.wait_until('24 sessions', lambda: len(lab.sessions()) == 24, 60)
    window = stage.open()
    window.click('button', 'Show All 24')
    window.see('24 devices')
    window.picture('sessions')
    window.enter('Search the connected devices', 'BERT', role='search box')
    window.see('8 devices')
    lab.holds(not any(text.startswith('anna') for text in window.texts()), 'only those that were searched')
    window.enter('Search the connected devices', 'bert-3', role='search box')
    window.see('1 device')
    window.click('button', 'Disconnect')
    window.find('status', DISCONNECTING)
    lab.wait_until('23 sessions', lambda: len(lab.sessions()) == 23, 30)
    window.see('No Device Found')
    window.enter('Search the connected devices', 'carl', role='search box')
    window.see('8 devices')
    window.click('button', 'Select Devices')
    window.click('label', re.compile('^carl · carl-2'))
    window.click('label', re.compile('^carl · carl-5'))
    window.find('status', '2 selected')
    window.click('label', re.compile('^carl · carl-5'))
    window.find('status', '1 selected')
    window.picture('sessions-selected')
    checks.everything_has_a_name(window)
    window.keys('Escape')
    window.wait_gone('status', '1 selected')
    window.click('button', 'Select Devices')
    window.keys('ctrl+a')
    window.find('status', '8 selected')
    window.click('button', 'Disconnect the Selected Devices')
    window.see('8 devices were disconnected')
    window.click('button', 'Undo')
    window.wait_gone('status', DISCONNECTING)
    lab.holds(len(lab.sessions()) == 23, 'all of them go on')
    window.click('button', 'Select Devices')
    window.click('label', re.compile('^carl · carl-2'))
    window.click('button', 'Disconnect the Selected Devices')
    window.see('1 device was disconnected')
    lab.wait_until('22 sessions', lambda: len(lab.sessions()) == 22, 30)
    window.enter('Search the connected devices', '', role='search box')
    window.see('22 devices')
    window.click('button', 'Back')
    window.click('button', 'Disconnect All')
    window.see(NOBODY, seconds=40)


@scene(server='on')
def story_first(stage):
    """Where nobody may connect yet, the overview says what is first."""
    stage.control('user', 'remove', os.environ['LAB_USER'])
    window = stage.open()
    window.see('Add the First User')
    window.click('button', 'Add User')
    window.find('dialog')


@scene(server='on')
def story_refused(stage):
    """Who may only look sees no switch to move, and nobody to send away."""
    connect(stage)
    window = stage.open(person='frank')
    window.see(re.compile('^alice'))
    for role, name in (('switch', SWITCH), ('button', 'Disconnect'), ('button', 'Disconnect All')):
        lab.holds('sensitive' not in window.find(role, name).states, f'{name} does nothing')


@contextlib.contextmanager
def port_taken():
    process = subprocess.Popen(['/usr/bin/python3', '-c',
                                'import socket, time\n'
                                's = socket.socket(socket.AF_INET6)\n'
                                's.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)\n'
                                f's.bind(("::", {lab.PORT})); s.listen(); time.sleep(600)'])
    try:
        lab.wait_until('the port to be taken',
                       lambda: f':{lab.PORT} ' in lab.run('ss', '-tlnH', namespace=lab.SERVER))
        yield
    finally:
        process.kill()
        process.wait()


@scene(server='on')
def story_port(stage):
    """A port that another program has is told, and one button takes another port."""
    stage.control('stop')
    with port_taken():
        window = stage.open()
        window.click('button', 'Turn On')
        window.see('Could Not Start')
        window.see(f'Port {lab.PORT} is already used by another program')
        window.picture('overview-failed')
        checks.good_manners(window)
        window.click('button', 'Use Port 8443 Instead')
        window.see('Running')
        window.see(re.compile(r':8443$'))
        lab.equal(stage.control_json('status')['port'], 8443, 'the port')


@scene(server='on')
def story_plot(stage):
    """What was carried is drawn, told in words, looked at by keys and copied."""
    connect(stage)
    window = stage.open()
    with download():
        window.see(MOVING)
        # In words, too: not only drawn.
        window.find('image', re.compile(r'Traffic, last minute: now .*at most ↓ [\d.]+\s[kM]B'), seconds=20)
    for button, words in (('1 h', 'last hour'), ('24 h', 'last 24 hours'), ('30 days', 'last 30 days')):
        window.click('button', button)
        window.find('image', re.compile(rf'Traffic, {words}: .*at most ↓ [\d.]+\s[kM]B'))
    # What lies below the pointer is looked at, too, and rows above come and go.
    window.point_away()
    window.keys('Tab')
    window.keys('End')
    plot = window.find('image', re.compile(r' · ↓ [\d.]+\s[kM]B'))
    now = plot.name
    window.keys('Home')
    wait_for('the first step', lambda: plot.again().name != now)
    window.keys('ctrl+c')
    window.see('Copied')


@scene(server='on')
def story_session_page(stage):
    """The page of a session has its facts, and freezes with the reason when it ends."""
    client = connect(stage)
    window = stage.open()
    window.click('list item', re.compile('^alice'))
    address = lab.sessions()[0]['addresses'][0]
    for text in (os.environ['LAB_CLIENT_ADDRESS'], re.compile(rf'^{re.escape(address)}'), re.compile('^Open AnyConnect'),
                 'Can Reach', re.compile(r'192\.168\.50\.0/24')):
        window.see(text)
    window.find('status', re.compile('^Connected .*fast'))
    checks.good_manners(window)
    window.picture('session')
    window.click('button', 'Copy From')
    window.see('Copied')
    window.click('button', 'Show User')
    window.click('button', 'Back')
    client.disconnect()
    window.find('status', re.compile(r'^This session ended .*signed out'))
    window.see(os.environ['LAB_CLIENT_ADDRESS'])
    lab.holds(not window.has('button', 'Disconnect'), 'nothing to disconnect')
    window.picture('session-ended')
    window.click('button', 'Back')
    window.see(NOBODY)


@scene(server='on')
def story_narrow(stage):
    """The overview fits into the narrowest window, light and dark."""
    connect(stage)
    window = stage.open(dark=True)
    window.see(re.compile('^alice'))
    window.resize(360, 640)
    checks.nothing_is_cut_off(window)
    window.picture('overview-narrow-dark')
    window.click('list item', re.compile('^alice'))
    window.find('status', re.compile('^Connected '))
    checks.nothing_is_cut_off(window)
    window.picture('session-narrow-dark')
