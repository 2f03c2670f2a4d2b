# SPDX-License-Identifier: GPL-2.0-or-later
"""Debian's OpenVPN in the lab's server namespace, over UDP and over TCP; clients show a certificate.

LAB_OPENVPN is how its first packets are protected: none, tls-auth or tls-crypt, with a key that all clients share."""

import os

import machine
import world

FOLDER = f'{machine.RUN}/openvpn'
USER = 'alice'
PORT = 443
PROTECTIONS = ('none', 'tls-auth', 'tls-crypt')

SERVER = """
dev {device}
dev-type tun
proto {protocol}
port {port}
topology subnet
server {network}
push "route {home}"
ca {folder}/ca.pem
cert {folder}/server.pem
key {folder}/server.key
dh none
data-ciphers AES-128-GCM
duplicate-cn
keepalive 10 60
persist-key
verb 1
{protection}
"""

CLIENT = """
client
dev-type tun
dev tun
nobind
proto {protocol}
remote {address} {port}
remote-cert-tls server
ca {folder}/ca.pem
cert {folder}/client.pem
key {folder}/client.key
data-ciphers AES-128-GCM
connect-retry 1
verb 3
{protection}
"""

FIREWALL = """
table inet vpn {
  chain forward { type filter hook forward priority filter; policy drop;
    ct state established,related accept; iifname "vpn-*" accept; }
  chain outward { type nat hook postrouting priority srcnat; iifname "vpn-*" masquerade; }
}
"""


def _write(name, text):
    with open(f'{FOLDER}/{name}', 'w', encoding='ascii') as file:
        file.write(text)
    return f'{FOLDER}/{name}'


def _make_certificate(name, usage):
    world.execute(['openssl', 'req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', f'/CN={name}',
                   '-keyout', f'{FOLDER}/{name}.key', '-out', f'{FOLDER}/{name}.csr'])
    extensions = _write(f'{name}.ext', f'keyUsage=digitalSignature\nextendedKeyUsage={usage}\n')
    world.execute(['openssl', 'x509', '-req', '-in', f'{FOLDER}/{name}.csr', '-CA', f'{FOLDER}/ca.pem', '-CAkey', f'{FOLDER}/ca.key',
                   '-CAcreateserial', '-days', '30', '-extfile', extensions, '-out', f'{FOLDER}/{name}.pem'])


def _make_keys():
    world.execute(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=lab',
                   '-days', '30', '-keyout', f'{FOLDER}/ca.key', '-out', f'{FOLDER}/ca.pem'])
    _make_certificate('server', 'serverAuth')
    _make_certificate('client', 'clientAuth')
    world.execute(['openvpn', '--genkey', 'secret', f'{FOLDER}/shared.key'])


def _protection_line(protection, direction):
    if protection not in PROTECTIONS:
        raise world.LabError(f'LAB_OPENVPN={protection}: known are {", ".join(PROTECTIONS)}')
    lines = {'none': '', 'tls-auth': f'tls-auth {FOLDER}/shared.key {direction}', 'tls-crypt': f'tls-crypt {FOLDER}/shared.key'}
    return lines[protection]


def client_file(protection=None, protocol='udp'):
    """What a client needs for the server that runs."""
    protection = protection or os.environ.get('LAB_OPENVPN', 'none')
    return _write(f'client-{protocol}-{protection}.conf', CLIENT.format(
        protocol='udp' if protocol == 'udp' else 'tcp-client', address=world.SERVER_ADDRESS, port=PORT, folder=FOLDER,
        protection=_protection_line(protection, 1)))


def start(protection):
    """Both servers, which serve until they are ended; the log is that of the lab's server."""
    servers = []
    for number, protocol in enumerate(('udp', 'tcp')):
        text = SERVER.format(device=f'vpn-{protocol}', protocol='udp6' if protocol == 'udp' else 'tcp6-server', port=PORT,
                             network=f'10.{60 + number}.0.0 255.255.0.0', home='192.168.50.0 255.255.255.0', folder=FOLDER,
                             protection=_protection_line(protection, 0))
        file = _write(f'server-{protocol}-{protection}.conf', text)
        servers.append(machine.start(['openvpn', '--config', file], world.LOGS['server'], world.SERVER))
    for server, protocol in zip(servers, ('udp', 'tcp')):
        world.wait_for(f'openvpn ({protocol})', 10, lambda s=server, p=protocol: world.listens(s.pid, PORT, p))
    return servers


def bring_up():
    os.makedirs(FOLDER)
    _make_keys()
    world.set_sysctls(world.SERVER, {'net/ipv4/ip_forward': '1', 'net/ipv6/conf/all/forwarding': '1'})
    world.execute(['ip', 'netns', 'exec', world.SERVER, 'nft', '-f', '-'], input=FIREWALL)
    servers = start(os.environ.get('LAB_OPENVPN', 'none'))
    return {
        'LAB_URL': f'{world.SERVER_ADDRESS}:{PORT}', 'LAB_PORT': str(PORT), 'LAB_CA': f'{FOLDER}/ca.pem', 'LAB_USER': USER,
        'LAB_STATE': FOLDER, 'LAB_SERVER_PID': str(servers[0].pid), 'LAB_SERVER_PIDS': ' '.join(str(server.pid) for server in servers),
    }
