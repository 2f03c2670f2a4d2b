# SPDX-License-Identifier: GPL-2.0-or-later
"""Stories of a server beside the packet filters of other programs."""

import json
import shutil

import lab
from client import Client
from story import Skipped


def entries():
    """{id: details} of what the health says about packet filters."""
    found = json.loads(lab.run('sallyportctl', 'check', '--json', check=False))['health']
    return {entry['id']: entry['details'] for entry in found if entry['id'].endswith('blocked')}


def wait_for_entries(*names):
    lab.wait_until(f'health entries {names}', lambda: sorted(entries()) == sorted(names), 15)
    return entries()


def mend(name):
    """What the health says that an administrator may do."""
    lab.run('sh', '-c', entries()[name]['fix'], namespace=lab.SERVER)


def reaches_home():
    return lab.succeeds('curl', '--silent', '--fail', '--max-time', '2', f'http://{lab.HOME_ADDRESS}/peer', namespace=lab.CLIENT)


def _go_home():
    client = Client().wait_connected()
    lab.holds(reaches_home(), 'home is out of reach before anybody filters')
    lab.equal(entries(), {}, 'health')
    return client


def what_a_container_engine_drops_is_told_with_what_lets_it_pass():
    if shutil.which('iptables-nft') is None:
        raise Skipped('iptables is not installed')
    _go_home()
    for command in ('-N DOCKER-USER', '-P FORWARD DROP', '-A FORWARD -j DOCKER-USER', '-A DOCKER-USER -j RETURN',
                    '-A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
                    '-A FORWARD -i docker0 ! -o docker0 -j ACCEPT'):
        lab.run('iptables-nft', *command.split(), namespace=lab.SERVER)
    found = wait_for_entries('forwarding-blocked')['forwarding-blocked']
    lab.equal((found['program'], found['chain']), ('Docker', 'ip filter FORWARD'), 'whose rules')
    lab.holds(not reaches_home(), 'the rules do not drop')
    mend('forwarding-blocked')
    wait_for_entries()
    lab.holds(reaches_home(), 'home is out of reach with what was told')


def what_a_table_of_ones_own_drops_is_told_with_what_lets_it_pass():
    _go_home()
    lab.run('nft', '-f', '-', namespace=lab.SERVER,
            input='table inet mine { chain through { type filter hook forward priority 10; policy drop; ct state established accept; }; }')
    found = wait_for_entries('forwarding-blocked')['forwarding-blocked']
    lab.equal((found['program'], found['chain']), ('', 'inet mine through'), 'whose rules')
    lab.holds(not reaches_home(), 'the rules do not drop')
    mend('forwarding-blocked')
    wait_for_entries()
    lab.holds(reaches_home(), 'home is out of reach with what was told')
    lab.run('nft', '-f', '-', namespace=lab.SERVER,
            input=f'table inet mine {{ chain arriving {{ type filter hook input priority 0; udp dport {lab.PORT} drop; }}; }}')
    wait_for_entries('datagrams-blocked')
    mend('datagrams-blocked')
    wait_for_entries()
    lab.run('nft', 'flush', 'chain', 'inet', 'mine', 'through', namespace=lab.SERVER)
    wait_for_entries('forwarding-blocked')
    lab.control('stop')
    lab.equal(entries(), {}, 'health of a server that is off')


def what_ufw_drops_is_told_with_what_lets_it_pass():
    if shutil.which('ufw') is None:
        raise Skipped('ufw is not installed')
    client = _go_home()
    client.disconnect()
    lab.run('ufw', '--force', 'enable', namespace=lab.SERVER)
    found = wait_for_entries('forwarding-blocked', 'port-blocked')
    lab.equal({entry['program'] for entry in found.values()}, {'ufw'}, 'whose rules')
    lab.equal(lab.run('sallyportctl', 'reachability', check=False).split(':')[0], 'firewall-closed', 'verdict')
    mend('port-blocked')
    wait_for_entries('forwarding-blocked', 'datagrams-blocked')
    mend('datagrams-blocked')
    wait_for_entries('forwarding-blocked')
    Client().wait_connected().wait_dtls()
    lab.holds(not reaches_home(), 'ufw does not drop')
    mend('forwarding-blocked')
    wait_for_entries()
    lab.holds(reaches_home(), 'home is out of reach with what was told')
