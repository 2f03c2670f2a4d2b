# SPDX-License-Identifier: GPL-2.0-or-later
"""Debian's ocserv in the lab's server namespace, set up to do what our server does by default."""

import base64
import hashlib
import os
import ssl

import machine
import world

FOLDER = f'{machine.RUN}/ocserv'
USER, PASSWORD = 'alice', 'ocserv-lab-password'

SETTINGS = f"""
auth = "plain[passwd={FOLDER}/passwd]"
tcp-port = 443
udp-port = 443
run-as-user = nobody
run-as-group = nogroup
socket-file = {FOLDER}/socket
server-cert = {FOLDER}/certificate.pem
server-key = {FOLDER}/key.pem
isolate-workers = true
max-clients = 2048
max-same-clients = 0
keepalive = 30
dpd = 90
try-mtu-discovery = false
tls-priorities = "NORMAL:%SERVER_PRECEDENCE:-VERS-TLS1.0:-VERS-TLS1.1"
auth-timeout = 40
cookie-timeout = 300
rekey-time = 172800
use-occtl = true
occtl-socket-file = {FOLDER}/occtl
pid-file = {FOLDER}/pid
device = vpns
predictable-ips = true
default-domain = home.test
ipv4-network = 10.60.0.0/16
ipv6-network = fd60::/64
dns = {world.HOME_ADDRESS}
route = {world.HOME_NETWORK}
route = {world.HOME_NETWORK6}
ping-leases = false
"""

TEMPLATE = f"""cn = {world.SERVER_NAME}
dns_name = {world.SERVER_NAME}
ip_address = {world.SERVER_ADDRESS}
tls_www_server
signing_key
ca
cert_signing_key
expiration_days = 30
"""

FIREWALL = """
table inet vpn {
  chain forward { type filter hook forward priority filter; policy drop;
    ct state established,related accept; iifname "vpns*" accept; }
  chain outward { type nat hook postrouting priority srcnat; iifname "vpns*" masquerade; }
}
"""


def _write(name, text):
    with open(f'{FOLDER}/{name}', 'w', encoding='ascii') as file:
        file.write(text)
    return f'{FOLDER}/{name}'


def make_certificate(folder):
    """One that signed itself, of P-256: the files of certificate and key."""
    template, key, certificate = (f'{folder}/{name}' for name in ('template', 'key.pem', 'certificate.pem'))
    with open(template, 'w', encoding='ascii') as file:
        file.write(TEMPLATE)
    world.execute(['certtool', '--generate-privkey', '--key-type=ecdsa', '--curve=secp256r1', f'--outfile={key}'])
    world.execute(['certtool', '--generate-self-signed', f'--load-privkey={key}', f'--template={template}', f'--outfile={certificate}'])
    return certificate, key


def pin(certificate):
    """openconnect's way to name a server: the hash of its public key."""
    pem = world.execute(['openssl', 'x509', '-in', certificate, '-noout', '-pubkey'])
    der = ssl.PEM_cert_to_DER_cert(pem.replace('PUBLIC KEY', 'CERTIFICATE'))
    return 'pin-sha256:' + base64.b64encode(hashlib.sha256(der).digest()).decode()


def bring_up():
    os.makedirs(FOLDER)
    certificate, _ = make_certificate(FOLDER)
    world.execute(['ocpasswd', '-c', f'{FOLDER}/passwd', USER], input=f'{PASSWORD}\n{PASSWORD}\n')
    world.set_sysctls(world.SERVER, {'net/ipv4/ip_forward': '1', 'net/ipv6/conf/all/forwarding': '1'})
    world.execute(['ip', 'netns', 'exec', world.SERVER, 'nft', '-f', '-'], input=FIREWALL)
    server = machine.start(['ocserv', '--foreground', '--config', _write('ocserv.conf', SETTINGS + os.environ.get('LAB_OTHERS_SETTINGS', '') + '\n')],
                           world.LOGS['server'], world.SERVER)
    world.wait_for('ocserv', 10, lambda: world.listens(server.pid, 443) and world.listens(server.pid, 443, 'udp'))
    return {
        'LAB_URL': f'https://{world.SERVER_ADDRESS}', 'LAB_PORT': '443', 'LAB_PIN': pin(certificate),
        'LAB_CA': f'{FOLDER}/certificate.pem', 'LAB_USER': USER,
        'LAB_PASSWORD_FILE': _write('password', PASSWORD + '\n'), 'LAB_STATE': FOLDER,
        'LAB_SERVER_PID': str(server.pid),
    }
