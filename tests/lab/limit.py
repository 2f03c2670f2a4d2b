# SPDX-License-Identifier: GPL-2.0-or-later
"""In the lab's server namespace, what does the least that a server could do (../bench/limits), to compare with."""

import os

import machine
import ocserv
import world

PROGRAM = os.path.join(os.environ.get('LAB_BUILD', os.path.join(os.path.dirname(__file__), '../../build')),
                       'tests/bench/limits/limit-server')
FOLDER = f'{machine.RUN}/limit'
USER, PASSWORD = 'alice', 'limit-lab-password'
SESSIONS = 256
OWN_ADDRESS = '10.61.255.254'

FIREWALL = """
table inet vpn {
  chain forward { type filter hook forward priority filter; policy drop;
    ct state established,related accept; iifname "limit*" accept; }
  chain outward { type nat hook postrouting priority srcnat; iifname "limit*" masquerade; }
}
"""


def _device_lines():
    """As LIMIT_DEVICE_FIRST of limit-device.h counts."""
    for number in range(SESSIONS):
        high, low = divmod(number + 2, 256)
        yield f'addr add {OWN_ADDRESS} peer 10.61.{high}.{low} dev limit{number}'
        yield f'link set limit{number} up'


def bring_up():
    os.makedirs(FOLDER)
    certificate, key = ocserv.make_certificate(FOLDER)
    with open(f'{FOLDER}/password', 'w', encoding='ascii') as file:
        file.write(PASSWORD + '\n')
    world.set_sysctls(world.SERVER, {'net/ipv4/ip_forward': '1'})
    world.execute(['ip', 'netns', 'exec', world.SERVER, 'nft', '-f', '-'], input=FIREWALL)
    with open(f'{FOLDER}/password', encoding='ascii') as file:
        server = machine.start([PROGRAM, certificate, key, str(SESSIONS)], world.LOGS['server'], world.SERVER, stdin=file)
    world.wait_for('limit-server', 10, lambda: world.listens(server.pid, 443))
    world.execute(['ip', '-n', world.SERVER, '-batch', '-'], input='\n'.join(_device_lines()) + '\n')
    return {
        'LAB_URL': f'https://{world.SERVER_ADDRESS}', 'LAB_PORT': '443', 'LAB_PIN': ocserv.pin(certificate), 'LAB_CA': certificate,
        'LAB_USER': USER, 'LAB_PASSWORD_FILE': f'{FOLDER}/password', 'LAB_STATE': FOLDER, 'LAB_SERVER_PID': str(server.pid),
    }
