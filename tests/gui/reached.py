# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether people reach the server: each answer, and the one thing that helps."""

import json
import re

import checks
from scenes import scene
from window import wait_for

AT_HOME, CALLED, PUBLIC = 'settle eth0 192.168.77.5/24', 'reach 203.0.113.7', 'settle eth0 198.51.100.20/24'
LETTER, HELP, SETTINGS, COMMAND, TEST = 'Copy Text for My Provider', 'How This Is Done', 'Show Settings', 'Copy Command', 'Test…'
# How it comes about; what the overview says on its row, and on that of what to look after, if there is one; the button that helps.
VERDICTS = (
    ('not-tested', (), 'Not Tested from Outside', 'A phone whose Wi-Fi is off', None, TEST),
    ('tcp-only', ('forward tcp',), 'Slow from Outside', 'another device has the port for UDP', 'Connections from outside are slow', 'Use Port 8443'),
    ('udp-only', ('forward udp',), 'Not Reached from Outside', 'Nobody can connect.* another device', 'Nobody can connect, since only UDP comes in', 'Use Port 8443'),
    ('waiting', ('forward all', 'test'), 'Waiting for the Phone…', 'Nobody has opened the link yet', None, TEST),
    ('from-home', ('reach 192.168.77.9',), 'Opened in the Home Network', 'Switch Wi-Fi off', None, TEST),
    ('second-router', ('test', 'outside 10.1.2.3 10.1.2.3'), 'Not Reached from Outside', 'Let that one forward',
     'There is a second router before yours', HELP),
    ('shared-address', ('outside 100.64.1.2 100.64.1.2',), 'Not Reached from Outside', 'public IPv4 address, or for IPv6',
     'Your provider shares one internet address between customers', LETTER),
    ('translated-address', ('outside 81.2.69.1 81.2.69.2',), 'Not Reached from Outside', 'Ask the provider for a public IPv4',
     'Others see this network under another address than the router’s', LETTER),
    ('name-unknown', ('outside 81.2.69.1 81.2.69.1', 'name'), 'Nobody Finds the Name', 'Enter the address', 'Nobody finds the server by its name',
     SETTINGS),
    ('name-private', ('name 192.168.77.5',), 'The Name Leads to an Address at Home', 'Enter the address',
     'The server’s name leads to an address at home', SETTINGS),
    ('name-elsewhere', ('name 81.2.69.9',), 'The Name Leads Elsewhere', 'Enter that where', 'The server’s name leads elsewhere', SETTINGS),
    ('ipv6-elsewhere', (CALLED, 'name 81.2.69.1 2001:db8::9'), 'Over IPv6 the Name Leads Elsewhere', 'AAAA',
     'Over IPv6 the server’s name leads elsewhere', HELP),
    ('reached', ('name 81.2.69.1', 'test', CALLED), 'Reached from Outside', r'^\d+:\d\d', None, TEST),
    ('tcp-only', ('foreign-rules slow',), 'Reached from Outside, but Slowly', 'Nothing comes in over UDP', 'A firewall makes connections slower',
     COMMAND),
    ('firewall-closed', ('foreign-rules drop',), 'Not Reached from Outside', 'This computer’s firewall is closed',
     'A firewall lets nobody connect', COMMAND),
    ('ipv6-only', ('foreign-rules pass', 'settle eth0 2001:db8::5/64', 'test', 'reach 2001:db8:9::1'), 'Reached over IPv6 Only',
     'Ask your provider', 'The server can only be reached over IPv6', LETTER),
    ('no-network', ('settle eth0 169.254.1.1/16',), 'Not Reached from Outside', 'not connected to the internet', None, TEST),
    ('router-closed', (AT_HOME, 'outside 0.0.0.0 0.0.0.0', 'late'), 'Not Reached from Outside', 'The router has to forward',
     'Nobody reached the server from outside', HELP),
    ('port-closed', (PUBLIC, 'name 198.51.100.20', 'late'), 'Not Reached from Outside', 'Something before this computer',
     'Nobody reached the server from outside', 'Use Port 8443'),
)


def known(stage):
    """Whatever the exit status says of it."""
    return json.loads(stage.control('reachability', '--json', check=False))['reachability']


def bring_about(stage, step):
    if step in ('test', 'late'):
        stage.control('reachability', 'test', '--json', '--at', 'home.test', '--valid', '5' if step == 'late' else '600')
    else:
        stage.backdoor(step)


def must_say(window, *patterns):
    """All of it at once, in labels."""
    def missing():
        texts = window.texts()
        return [pattern for pattern in patterns if not any(re.search(pattern, text) for text in texts)]
    wait_for(lambda: f'{missing()} among {window.texts()}', lambda: not missing())


def must_write(window, addresses):
    """What is copied for the provider says them; a field of the settings shows it."""
    window.press('button', LETTER)
    window.see('Copied')
    window.keys('ctrl+4')
    field = window.click('text box', 'Public Name')
    window.keys('ctrl+a', 'ctrl+v')
    wait_for('the letter', lambda: addresses in field.text())
    window.keys('Escape', 'ctrl+1')


@scene(server='fake')
def story_verdicts(stage):
    """Every answer to whether people reach the server stands on the overview, with the one thing that helps"""
    stage.control('start')
    window = stage.open()
    for verdict, steps, title, text, entry, fix in VERDICTS:
        print(verdict)
        for step in steps:
            bring_about(stage, step)
        wait_for(f'the verdict {verdict}', lambda v=verdict: known(stage)['verdict'] == v)
        must_say(window, re.escape(title) + '$', text, *([re.escape(entry) + '$'] if entry else []))
        window.find('button', fix)
        if verdict == 'translated-address':
            must_write(window, 'My router has the address 81.2.69.1, and others see 81.2.69.2.')
        if verdict == 'shared-address':
            wide = window.size()
            window.resize(360, 640)
            checks.nothing_is_cut_off(window)
            window.scroll_to_end()
            window.picture('verdict-narrow')
            window.resize(*wide)
        if verdict == 'name-elsewhere':
            window.see(re.compile('^home.test → 81.2.69.9'))
            window.wait_gone('label', 'Copied')  # with a button that libadwaita gives no name
            checks.everything_has_a_name(window)
    window.picture('verdict-port')
    window.press('button', 'Use Port 8443')
    wait_for('the port', lambda: stage.control_json('status')['port'] == 8443)
    window.wait_gone('button', 'Use Port 8443')
