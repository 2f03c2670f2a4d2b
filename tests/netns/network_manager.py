# SPDX-License-Identifier: GPL-2.0-or-later
"""Stories of a computer whose VPN is NetworkManager's: network-manager-openconnect, driven by nmcli."""

import os
import pwd
import re

import lab
import rooms
from client import read_password
from laptop import Laptop

CABLE, VPN = 'cable', 'home'
OUTSIDE_RESOLVER = ['203.0.113.80']
DATA = 'protocol=anyconnect,authtype=password,cookie-flags=2,gwcert-flags=2,gateway-flags=2'


def plug_in():
    """A computer in the internet: address, way out and name server are NetworkManager's doing."""
    laptop = Laptop()
    laptop.run('nmcli', 'connection', 'add', 'type', 'ethernet', 'ifname', 'eth0', 'con-name', CABLE,
               'ipv4.method', 'manual', 'ipv4.addresses', f'{laptop.address}/24', 'ipv4.gateway', laptop.gateway,
               'ipv4.dns', OUTSIDE_RESOLVER[0], 'ipv6.method', 'disabled')
    laptop.run('nmcli', 'connection', 'up', CABLE)
    lab.wait_until('the name server of the cable', lambda: laptop.resolver() == (OUTSIDE_RESOLVER, []))
    laptop.run('nmcli', 'connection', 'add', 'type', 'vpn', 'vpn-type', 'openconnect', 'con-name', VPN,
               'vpn.data', f'gateway={lab.SERVER_ADDRESS},{DATA}')
    return laptop


def sign_in(laptop):
    """What the window of NetworkManager would do: a cookie for the connection, never on a command line."""
    words = laptop.run('openconnect', '--authenticate', '--user', os.environ['LAB_USER'], '--passwd-on-stdin', '--servercert',
                       os.environ['LAB_PIN'], os.environ['LAB_URL'], input=read_password() + '\n')
    told = dict(re.findall(r"^(\w+)='([^']*)'", words, re.MULTILINE))
    secrets = {'cookie': told['COOKIE'], 'gwcert': told['FINGERPRINT'], 'gateway': f'{told["HOST"]}:{lab.PORT}'}
    laptop.run('sh', '-c', 'umask 077; cat >/run/secrets',
               input=''.join(f'vpn.secrets.{name}:{value}\n' for name, value in secrets.items()))


def _go_home(laptop):
    sign_in(laptop)
    laptop.run('nmcli', 'connection', 'up', VPN, 'passwd-file', '/run/secrets')


def is_at_home(laptop):
    device = laptop.way_to(lab.HOME_ADDRESS)
    lab.holds(device not in (None, 'eth0'), f'the way home leads through {device}')
    lab.equal(laptop.fetch('peer'), '192.168.50.1', 'address that the home host sees')
    servers, domains = laptop.resolver()
    lab.equal((servers[0], domains), (lab.HOME_ADDRESS, ['home.test']), 'name server and domain')
    lab.equal(laptop.way_to(os.environ['LAB_INTERNET_ADDRESS']), 'eth0', 'way to the rest of the internet')


def network_manager_brings_a_computer_home():
    laptop = plug_in()
    lab.equal(laptop.way_to(lab.HOME_ADDRESS), 'eth0', 'way home before')
    _go_home(laptop)
    is_at_home(laptop)
    # It does not run as root, and says who it is.
    lab.equal(pwd.getpwuid(laptop.openconnect()[1]).pw_name, 'nm-openconnect', 'user of openconnect')
    lab.wait_until('the session on DTLS', lambda: [s['transport'] for s in lab.sessions()] == ['dtls'])
    # All of this happened in the laptop.
    devices = set(laptop.run('nmcli', '--terse', '--fields', 'DEVICE', 'device').split())
    lab.equal(devices, {'lo', 'eth0', laptop.way_to(lab.HOME_ADDRESS)}, 'devices that NetworkManager sees')


def _comes_back(laptop, by):
    """`by` breaks the connection; the way home works again without anybody's doing, as it was."""
    session, addresses, client = lab.sessions()[0], laptop.addresses(), laptop.openconnect()
    by(session)

    def is_back():
        now = lab.sessions()
        return len(now) == 1 and now[0]['state'] == 'connected' and now[0]['remote-address'] != session['remote-address']

    lab.wait_until('the return of the client', is_back, 60)
    is_at_home(laptop)
    lab.equal(lab.sessions()[0]['id'], session['id'], 'session')
    lab.equal(laptop.addresses(), addresses, 'addresses')
    lab.equal(laptop.openconnect(), client, 'process and user of openconnect')
    lab.equal(laptop.state_of(VPN), 'activated', 'what NetworkManager says of the connection')


def _reset(session):
    port = session['remote-address'].rpartition(':')[2]
    lab.router_rules([f'tcp {end} {port} reject with tcp reset' for end in ('sport', 'dport')])


def network_managers_client_comes_back_when_its_connection_breaks():
    """LAB_SETTINGS: dpd = 10, so that somebody says something on the connection that was reset."""
    laptop = plug_in()
    _go_home(laptop)
    is_at_home(laptop)
    _comes_back(laptop, lambda session: rooms.kill(rooms.worker_of(laptop.address)))
    _comes_back(laptop, _reset)


def network_manager_goes_down_cleanly():
    laptop = plug_in()
    before = laptop.routes(), laptop.addresses()
    _go_home(laptop)
    is_at_home(laptop)
    laptop.run('nmcli', 'connection', 'down', VPN)
    lab.wait_until('the name server of the cable', lambda: laptop.resolver() == (OUTSIDE_RESOLVER, []))
    lab.wait_until('the routes and addresses of before', lambda: (laptop.routes(), laptop.addresses()) == before)
    lab.wait_until('the end of openconnect', lambda: laptop.openconnect() is None)
    lab.equal(laptop.fetch('peer', os.environ['LAB_INTERNET_ADDRESS']), laptop.address, 'address that the internet sees')
    # The person has signed out: the server forgets the session at once.
    lab.wait_until('the end of the session', lambda: lab.sessions() == [])
    lab.equal(len(re.findall(r'ended: logout', lab.server_log())), 1, 'logouts')
    # And may come again.
    _go_home(laptop)
    is_at_home(laptop)
