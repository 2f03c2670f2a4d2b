# SPDX-License-Identifier: GPL-2.0-or-later
"""Stories of a server on a computer that moves between networks: NetworkManager's, and without it."""

import json
import os
import re
import subprocess

import lab
from client import Client
from story import Skipped

PROGRAM = '/usr/sbin/NetworkManager'
CONFIGURATION = """[main]
plugins=keyfile
dns=default
rc-manager=file
no-auto-default=*
[connectivity]
uri=http://203.0.113.80/online
"""
# Writable, /sys would promise a udev that is not there.
START = f'mount -o remount,bind,ro /sys && exec {PROGRAM} --no-daemon'
IS_MANAGED, IS_LEFT = "internet is NetworkManager's, which", "internet is not NetworkManager's any more"
INTERNET, INTERNET_ENTRIES = os.environ['LAB_INTERNET_ADDRESS'], ('captive-portal', 'no-internet')
LAN, NEW_HOME, NEW_GATE, NEW_DNS = 'lan', '10.10.0.20', '10.10.0.1', '10.10.0.53'


class Manager:
    """NetworkManager, which takes over what the lab has set up."""

    def __init__(self):
        if not os.path.exists(PROGRAM):
            raise Skipped('network-manager is not installed')
        os.makedirs('/etc/NetworkManager/system-connections', exist_ok=True)
        with open('/etc/NetworkManager/NetworkManager.conf', 'w', encoding='ascii') as file:
            file.write(CONFIGURATION)
        self.start()
        lab.wait_until('the devices in NetworkManager', lambda: {'wan', LAN} <= {device for device, state in self.devices().items()
                                                                                 if 'connected' in state}, 30)
        self._add('cable', 'wan', lab.SERVER_ADDRESS + '/24', 'ipv4.gateway', '198.51.100.1')
        self._add('home', LAN, '192.168.50.1/24', 'ipv4.dns', lab.HOME_ADDRESS, 'ipv4.dns-search', 'found.test')

    def start(self):
        with open('/run/client.log', 'ab') as log:
            self.process = subprocess.Popen(['ip', 'netns', 'exec', lab.SERVER, 'sh', '-c', START],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        lab.wait_until('NetworkManager', lambda: lab.succeeds('nmcli', '--terse', 'general', 'status'), 30)

    def _add(self, name, device, address, *more):
        lab.run('nmcli', 'connection', 'add', 'type', 'ethernet', 'ifname', device, 'con-name', name, 'ipv4.method', 'manual',
                'ipv4.addresses', address, 'ipv6.method', 'disabled', 'autoconnect', 'yes', *more)
        lab.run('nmcli', 'connection', 'up', name, 'ifname', device)

    def stop(self):
        self.process.terminate()
        self.process.wait(20)

    def move(self):
        lab.run('nmcli', 'connection', 'modify', 'home', 'ipv4.addresses', NEW_GATE + '/16', 'ipv4.dns', NEW_DNS,
                'ipv4.dns-search', 'moved.test')
        lab.run('nmcli', 'connection', 'up', 'home')

    def lose_gate(self):
        lab.run('nmcli', 'connection', 'modify', 'cable', 'ipv4.gateway', '')
        lab.run('nmcli', 'connection', 'up', 'cable')

    @staticmethod
    def devices():
        """{device: what is done about it}"""
        return dict(line.split(':') for line in lab.run('nmcli', '--terse', '--fields', 'DEVICE,STATE', 'device').splitlines())


class Nobody:
    """The same by hand: the kernel's tables and the file."""

    def __init__(self):
        self._resolve(lab.HOME_ADDRESS, 'found.test')

    @staticmethod
    def _resolve(server, domain):
        with open('/etc/resolv.conf.new', 'w', encoding='ascii') as file:
            file.write(f'search {domain}\nnameserver {server}\n')
        os.rename('/etc/resolv.conf.new', '/etc/resolv.conf')

    def move(self):
        lab.run('ip', '-n', lab.SERVER, 'addr', 'flush', 'dev', LAN)
        lab.run('ip', '-n', lab.SERVER, 'addr', 'add', NEW_GATE + '/16', 'dev', LAN)
        self._resolve(NEW_DNS, 'moved.test')


    def lose_gate(self):
        lab.run('ip', '-n', lab.SERVER, 'route', 'del', 'default')
        lab.run('ip', '-n', lab.SERVER, '-6', 'route', 'del', 'default')


def _told(client):
    """(name servers, domains) that the client was told when it came last."""
    answer = client.log().rpartition('X-CSTP-Version')[2]
    return re.findall(r'X-CSTP-DNS: (\S+)', answer), re.findall(r'X-CSTP-Default-Domain: (\S+)', answer)


def _surroundings():
    words = lab.run('gdbus', 'call', '--system', '--dest', 'org.sallyport.Sallyport1', '--object-path',
                    '/org/sallyport/Sallyport1/Server', '--method', 'org.freedesktop.DBus.Properties.GetAll',
                    'org.sallyport.Sallyport1.Server')
    return {name: re.findall(r"'([^']+)'", re.search(rf"'{name}': <(.*?)>", words).group(1)) for name in ('HomeNetworks', 'Router')}


def _health():
    return [entry['id'] for entry in json.loads(lab.run('sallyportctl', 'check', '--json', check=False))['health']]


def _reaches(host):
    return lab.succeeds('curl', '--silent', '--fail', '--max-time', '2', f'http://{host}/peer', namespace=lab.CLIENT)


def _come(host, servers, domains):
    """A client that came when the server knew of these; who comes earlier goes again."""
    client = Client().wait_connected(destination=host)
    if _told(client) == (servers, domains):
        return client
    client.disconnect()
    return None


def _wait_for_manager(came, went):
    """The server has found it so often in charge of the way to the internet, and so often not any more."""
    def counts():
        log = lab.server_log()
        return log.count(IS_MANAGED), log.count(IS_LEFT)

    lab.wait_until(f'{came} comings and {went} goings of NetworkManager', lambda: counts() == (came, went), 30)


def _wait_for(home, host, servers, domains):
    lab.wait_until(f'the network {home}', lambda: home in _surroundings()['HomeNetworks'])
    lab.equal(_surroundings()['Router'], ['198.51.100.1'], 'router')
    return lab.wait_until(f'a client that is told {servers} and {domains}', lambda: _come(host, servers, domains), 30)


def _move_into_the_range_of_devices(manager):
    if isinstance(manager, Manager):
        _wait_for_manager(1, 0)
    client = _wait_for('192.168.50.0/24', lab.HOME_ADDRESS, [lab.HOME_ADDRESS], ['found.test'])
    lab.holds(_reaches(lab.HOME_ADDRESS), 'home is out of reach')
    if isinstance(manager, Manager):
        states = Manager.devices()
        lab.equal({state for device, state in states.items() if device.startswith('sally')}, {'unmanaged'}, 'our devices')
        lab.equal((states['wan'], states[LAN]), ('connected', 'connected'), 'devices')
        manager.stop()
        _wait_for_manager(1, 1)
        manager.start()
        _wait_for_manager(2, 1)
        lab.holds(_reaches(lab.HOME_ADDRESS), 'home is out of reach since NetworkManager came back')
    lab.holds(client.addresses()[0].startswith('10.10.0.'), f'addresses: {client.addresses()}')
    lab.run('ip', '-n', lab.HOME, 'addr', 'add', NEW_HOME + '/16', 'dev', 'eth0')
    manager.move()
    # Who is there stays where they are.
    lab.wait_until('another range', lambda: re.search(r'inet (?!127|10\.10\.)', lab.run(
        'ip', 'addr', 'show', 'dev', 'lo', namespace=lab.SERVER)))
    lab.equal([session['state'] for session in lab.sessions()], ['connected'], 'sessions')
    client.disconnect()
    lab.wait_until('nothing of it', lambda: 'range-overlap' not in _health())
    _wait_for('10.10.0.0/16', NEW_HOME, [NEW_DNS], ['moved.test'])
    lab.holds(_reaches(NEW_HOME), 'the new home is out of reach')
    if isinstance(manager, Nobody):
        _wait_for_manager(0, 0)


def a_server_moves_with_network_manager_into_the_range_of_its_devices():
    """LAB_SETTINGS: as-found."""
    _move_into_the_range_of_devices(Manager())


def a_server_moves_without_network_manager_into_the_range_of_its_devices():
    """LAB_SETTINGS: as-found."""
    _move_into_the_range_of_devices(Nobody())


def a_page_that_wants_a_sign_in_before_the_internet_is_told():
    """A page at the address that NetworkManager tries; then the internet; then no way to it at all."""
    def says(words):
        lab.run('curl', '--silent', '--fail', '--request', 'PUT', '--data-binary', words, f'http://{INTERNET}/online', namespace=lab.SERVER)

    def wait_for(*entries):
        lab.wait_until(f'the entries {entries}', lambda: tuple(word for word in _health() if word in INTERNET_ENTRIES) == entries, 30)

    says('Welcome to the hotel! Please sign in.')
    manager = Manager()
    wait_for('captive-portal')
    says('NetworkManager is online')
    lab.run('nmcli', 'networking', 'connectivity', 'check')
    wait_for()
    manager.lose_gate()
    wait_for('no-internet')


def a_server_that_loses_its_way_to_the_internet_says_so():
    manager = Nobody()
    lab.equal([word for word in _health() if word in INTERNET_ENTRIES], [], 'what is told before')
    manager.lose_gate()
    lab.wait_until('the entry', lambda: 'no-internet' in _health())
