# SPDX-License-Identifier: GPL-2.0-or-later
"""Tunnels of all products, alike: what leads home, and how many packets went through."""

import re
import signal
import subprocess

import lab
import server
from client import Client
from load import Load

# Which clients a product has.  'load': ours of load.c; 'stock': what people use; over datagrams or a stream.
KINDS = {'sallyport': ('load datagrams', 'load stream', 'stock datagrams', 'stock stream'),
         'ocserv': ('load datagrams', 'load stream', 'stock datagrams', 'stock stream'),
         'openvpn': ('stock datagrams', 'stock stream'),
         'wireguard': ('stock datagrams',),
         # What the load client's goals over TLS ask for is far from any limit.
         'limit': ('load datagrams', 'stock datagrams', 'stock stream')}
CIPHER = 'AES-128-GCM'


def device_packets(device):
    folder = f'/sys/class/net/{device}/statistics'
    return sum(map(int, lab.run('cat', f'{folder}/rx_packets', f'{folder}/tx_packets', namespace=lab.CLIENT).split()))


class LoadTunnel:
    def __init__(self, stream):
        self.client = Load('--cipher', CIPHER, *(['--tls'] if stream else []))
        self.addresses = self.client.addresses

    def packets(self):
        # Its device carries super-packets.
        counters = self.client.counters()
        return counters['received'] + counters['sent']

    def close(self):
        self.client.disconnect()


class OpenConnectTunnel:
    def __init__(self, stream):
        self.client = Client(*(['--no-dtls'] if stream else [])).wait_connected()
        if not stream:
            self.client.wait_dtls()
        self.addresses = [address for address in self.client.addresses() if ':' not in address]

    def packets(self):
        return device_packets('tun0')

    def close(self):
        self.client.disconnect()


def inside_address(device):
    words = lab.run('ip', '-n', lab.CLIENT, '-o', '-4', 'addr', 'show', 'dev', device)
    return re.search(r'inet ([0-9.]+)', words).group(1)


class OpenVpnTunnel:
    def __init__(self, stream):
        self.process = self.start(stream)
        lab.wait_until('the tunnel', lambda: ' dev tun' in lab.run('ip', '-n', lab.CLIENT, 'route', 'get', lab.HOME_ADDRESS, check=False), 20)
        self.addresses = [inside_address('tun0')]

    @staticmethod
    def start(stream):
        import openvpn
        with open('/run/client.log', 'ab') as log:
            return subprocess.Popen(['ip', 'netns', 'exec', lab.CLIENT, 'openvpn', '--config',
                                     openvpn.client_file(protocol='tcp' if stream else 'udp')], stdout=log, stderr=log)

    def packets(self):
        return device_packets('tun0')

    def close(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(20)


class WireGuardTunnel:
    def __init__(self, _stream):
        import wireguard
        self.process = wireguard.start_client()
        self.addresses = [wireguard.CLIENT_INSIDE]

    def packets(self):
        import wireguard
        return device_packets(wireguard.CLIENT_DEVICE)

    def close(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(20)


STOCK = {'openvpn': OpenVpnTunnel, 'wireguard': WireGuardTunnel}


def open_tunnel(kind):
    """The tunnel is up and has carried a packet."""
    who, path = kind.split()
    tunnel = (LoadTunnel if who == 'load' else STOCK.get(server.PRODUCT, OpenConnectTunnel))(path == 'stream')
    lab.wait_until('an answer from home', lambda: lab.succeeds('ping', '-c', '1', '-W', '1', lab.HOME_ADDRESS, namespace=lab.CLIENT))
    return tunnel
