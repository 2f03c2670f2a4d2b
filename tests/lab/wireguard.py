# SPDX-License-Identifier: GPL-2.0-or-later
"""Debian's wireguard-go in the lab's server namespace, with one peer: the client of `start_client`."""

import os

import machine
import world

FOLDER = f'{machine.RUN}/wireguard'
SERVER_DEVICE, CLIENT_DEVICE = 'wgs0', 'wgc0'
SERVER_INSIDE, CLIENT_INSIDE = '10.70.0.1', '10.70.0.2'
PORT = 443
USER = 'alice'

FIREWALL = f"""
table inet vpn {{
  chain forward {{ type filter hook forward priority filter; policy drop;
    ct state established,related accept; iifname "{SERVER_DEVICE}" accept; }}
  chain outward {{ type nat hook postrouting priority srcnat; iifname "{SERVER_DEVICE}" masquerade; }}
}}
"""


def _make_key(name):
    """A file with the private key; returns the public one."""
    path = f'{FOLDER}/{name}.key'
    with open(path, 'w', encoding='ascii', opener=lambda file, flags: os.open(file, flags, 0o600)) as file:
        file.write(world.execute(['wg', 'genkey']))
    with open(path, encoding='ascii') as file:
        return world.execute(['wg', 'pubkey'], input=file.read()).strip()


def _run(namespace, *command):
    return world.execute(['ip', 'netns', 'exec', namespace, *command])


def _start(namespace, device, address, log):
    process = machine.start(['env', 'LOG_LEVEL=error', 'wireguard-go', '--foreground', device], log, namespace)
    world.wait_for(f'wireguard-go {device}', 10, lambda: os.path.exists(f'/run/wireguard/{device}.sock'))
    _run(namespace, 'ip', 'addr', 'add', address, 'dev', device)
    return process


def start_client():
    """The one peer, whose way home leads through the tunnel; a process."""
    client = _start(world.CLIENT, CLIENT_DEVICE, f'{CLIENT_INSIDE}/32', f'{machine.RUN}/wireguard-client.log')
    with open(f'{FOLDER}/server.pub', encoding='ascii') as file:
        _run(world.CLIENT, 'wg', 'set', CLIENT_DEVICE, 'private-key', f'{FOLDER}/client.key', 'peer', file.read().strip(),
             'endpoint', f'{world.SERVER_ADDRESS}:{PORT}', 'allowed-ips', f'{world.HOME_NETWORK}')
    _run(world.CLIENT, 'ip', 'link', 'set', CLIENT_DEVICE, 'up')
    _run(world.CLIENT, 'ip', 'route', 'add', world.HOME_NETWORK, 'dev', CLIENT_DEVICE)
    return client


def bring_up():
    os.makedirs(FOLDER)
    public = {name: _make_key(name) for name in ('server', 'client')}
    with open(f'{FOLDER}/server.pub', 'w', encoding='ascii') as file:
        file.write(public['server'] + '\n')
    world.set_sysctls(world.SERVER, {'net/ipv4/ip_forward': '1'})
    world.execute(['ip', 'netns', 'exec', world.SERVER, 'nft', '-f', '-'], input=FIREWALL)
    server = _start(world.SERVER, SERVER_DEVICE, f'{SERVER_INSIDE}/24', world.LOGS['server'])
    _run(world.SERVER, 'wg', 'set', SERVER_DEVICE, 'private-key', f'{FOLDER}/server.key', 'listen-port', str(PORT), 'peer',
         public['client'], 'allowed-ips', f'{CLIENT_INSIDE}/32')
    _run(world.SERVER, 'ip', 'link', 'set', SERVER_DEVICE, 'up')
    return {'LAB_URL': f'{world.SERVER_ADDRESS}:{PORT}', 'LAB_PORT': str(PORT), 'LAB_USER': USER, 'LAB_STATE': FOLDER,
            'LAB_SERVER_PID': str(server.pid)}
