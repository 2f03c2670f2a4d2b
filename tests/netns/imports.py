# SPDX-License-Identifier: GPL-2.0-or-later
"""People who come from an ocserv."""

import json
import os
import subprocess

import lab
from client import Client

OCSERV = os.path.join(os.path.dirname(os.path.abspath(__file__)), '../ocserv')


def people_of_an_ocserv_keep_their_passwords_and_its_settings_hold():
    with open('/run/ocserv.conf', 'w', encoding='ascii') as file:
        file.write(f'auth = "plain[passwd={OCSERV}/passwd]"\nbanner = From the old server\nroute = 192.168.50.0/24\n'
                   f'config-per-user = {OCSERV}/users\nconfig-per-group = {OCSERV}/groups\n'
                   f'select-group = staff[Who works here]\ndefault-select-group = Everybody\ndpd = 77\nkeepalive = 1234\n')
    before = lab.control_json('user', 'list')['users']
    dry = lab.control_json('import-ocserv', '--dry-run', '/run/ocserv.conf')
    lab.equal((dry['applied'], lab.control_json('user', 'list')['users']), (False, before), 'after only looking')
    # One address is not of the range here, which is told and nothing else.
    whole = subprocess.run(['sallyportctl', '--json', 'import-ocserv', '/run/ocserv.conf'], check=False, capture_output=True, text=True)
    lab.equal(whole.returncode, 1, whole)
    done = json.loads(whole.stdout)
    lab.equal((done['applied'], done['lines'], done['settings']), (True, dry['lines'], dry['settings']), 'what was done')
    failures = [(item.get('login'), item['error']) for item in [*done['users'], *done['groups']] if item['error']]
    lab.holds(len(failures) == 1 and failures[0][0] == 'anna' and 'is added, but' in failures[0][1] and '10.9.9.9' in failures[0][1], failures)
    groups = lab.control_json('group', 'list')['groups']
    lab.equal([(group['name'], group['label'], group['banner'], group['routes']) for group in groups],
              [('staff', 'Who works here', 'Hello, staff', ['10.20.0.0/16'])], 'groups')
    users = {user['login']: user for user in lab.control_json('user', 'list')['users']}
    lab.equal(set(users), {os.environ['LAB_USER'], 'anna', 'bert', 'carl', 'dora', 'emil'}, 'users')
    lab.equal((users['carl']['enabled'], users['anna']['enabled']), (False, True), 'who may sign in')
    anna = users['anna']
    lab.equal((anna['rate-up'], anna['rate-down'], anna['sessions-max'], anna['reach'], anna['reach-hosts']),
              (1000000, 2000000, 1, 'hosts', ['10.20.1.0/24', '10.20.2.5/32']), 'values of anna')
    lab.equal((anna['routes'], anna['fixed-addresses'], anna['groups']), (['10.20.1.0/24', '10.20.2.5/32'], [], ['staff']), 'of anna')
    lab.equal((users['carl']['sessions-max'], users['carl']['groups'], users['carl']['networks-behind'], users['bert']['groups']),
              (5, ['staff'], ['192.168.70.0/24'], []), 'values of members')
    lab.equal(lab.control('config', 'get', 'dpd', 'keepalive', 'default-group').split(), ['dpd=77', 'keepalive=1234', 'default-group=Everybody'], 'settings')
    for login in ('bert', 'emil'):
        client = Client('--user', login, '--authgroup', 'Everybody', password=login).wait_connected()
        client.fetch('peer')
        lab.equal([session['login'] for session in lab.sessions()], [login], 'sessions')
        client.disconnect()
    # Her hash was not taken: nobody gets in by it.
    lab.holds(Client('--user', 'dora', '--authgroup', 'Everybody', password='dora').wait_exit() != 0, 'dora is in')
    # A second time everybody is there already, and nothing is lost.
    again = subprocess.run(['sallyportctl', '--json', 'import-ocserv', '/run/ocserv.conf'], check=False, capture_output=True, text=True)
    lab.equal(again.returncode, 1, 'status of the second time')
    lab.holds(all(user['error'] for user in json.loads(again.stdout)['users']), again)
    Client('--user', 'bert', '--authgroup', 'Everybody', password='bert').wait_connected()
