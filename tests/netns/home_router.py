# SPDX-License-Identifier: GPL-2.0-or-later
"""A router of a home between the server and the internet: it translates addresses, and forwards ports when it is asked by UPnP."""

import contextlib
import subprocess

import lab

GATE = 'gate'
PUBLIC, PROVIDER = '81.2.69.160', '81.2.69.161'  # addresses that the world could have, for nobody is told others
INSIDE, SERVER = '192.168.77.1', '192.168.77.20'
RULES = '''
table inet filter {
  chain forward { type filter hook forward priority 0; policy accept; jump miniupnpd; }
  chain miniupnpd { }
  chain before { type nat hook prerouting priority dstnat; policy accept; jump prerouting_miniupnpd; }
  chain after { type nat hook postrouting priority srcnat; policy accept; oifname "outside" masquerade; jump postrouting_miniupnpd; }
  chain prerouting_miniupnpd { }
  chain postrouting_miniupnpd { }
}
'''
SETTINGS = f'''
ext_ifname=outside
listening_ip=inside
http_port=5000
enable_upnp=yes
enable_natpmp=no
secure_mode=yes
upnp_table_name=filter
upnp_nat_table_name=filter
upnp_forward_chain=miniupnpd
upnp_nat_chain=prerouting_miniupnpd
upnp_nat_postrouting_chain=postrouting_miniupnpd
uuid=6c5c5f0a-0000-4a3b-9d1e-000000000002
allow 1-65535 {SERVER}/32 1-65535
deny 0-65535 0.0.0.0/0 0-65535
'''


def _ip(namespace, *lines):
    lab.run('ip', '-n', namespace, '-batch', '-', input='\n'.join(lines) + '\n')


def _move_server():
    """The server has one address, which nobody outside can call."""
    lab.run('ip', 'netns', 'add', GATE)
    _ip(lab.ROUTER, f'link set servers netns {GATE}',
        f'link add homes index 60 type veth peer name outside index 61 netns {GATE}',
        f'addr add {PROVIDER}/24 dev homes', 'link set homes up')
    _ip(GATE, 'link set lo up', 'link set servers name inside', f'addr add {INSIDE}/24 dev inside', 'link set inside up',
        f'addr add {PUBLIC}/24 dev outside', 'link set outside up', f'route add default via {PROVIDER}')
    _ip(lab.SERVER, 'addr flush dev wan', f'addr add {SERVER}/24 dev wan', f'route replace default via {INSIDE}')
    lab.run('sh', '-c', 'echo 1 >/proc/sys/net/ipv4/ip_forward', namespace=GATE)
    lab.run('nft', '-f', '-', namespace=GATE, input=RULES)


@contextlib.contextmanager
def standing():
    """The server is behind it from here on."""
    _move_server()
    with open('/run/home-router.conf', 'w', encoding='ascii') as file:
        file.write(SETTINGS)
    with open('/run/home-router.log', 'wb') as log:
        process = subprocess.Popen(['ip', 'netns', 'exec', GATE, 'miniupnpd', '-d', '-f', '/run/home-router.conf', '-P', '/run/home-router.pid'],
                                   stdout=log, stderr=log)
    try:
        lab.wait_until('the router', lambda: ':5000 ' in lab.run('ss', '-Hltn', namespace=GATE))
        yield
    finally:
        process.terminate()
        process.wait(10)


def forwarded():
    """How many ports it forwards to the server."""
    rules = lab.run('nft', 'list', 'chain', 'inet', 'filter', 'prerouting_miniupnpd', namespace=GATE)
    return rules.count(f'to {SERVER}:{lab.PORT}')
