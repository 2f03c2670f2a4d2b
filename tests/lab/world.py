# SPDX-License-Identifier: GPL-2.0-or-later
"""What stands in the lab: four namespaces, a bus, a server, a home host; and what CMD is told of it."""

import os
import shutil
import subprocess
import time

import machine

CLIENT, ROUTER, SERVER, HOME = NAMESPACES = 'client', 'router', 'server', 'home'

CLIENT_ADDRESS, CLIENT_ADDRESS6 = '192.0.2.10', '2001:db8:1::10'
ROUTER_CLIENT_ADDRESS, ROUTER_CLIENT_ADDRESS6 = '192.0.2.1', '2001:db8:1::1'
ROUTER_SERVER_ADDRESS, ROUTER_SERVER_ADDRESS6 = '198.51.100.1', '2001:db8:2::1'
SERVER_ADDRESS, SERVER_ADDRESS6 = '198.51.100.20', '2001:db8:2::20'
INTERNET_ADDRESS, INTERNET_ADDRESS6 = '203.0.113.80', '2001:db8:3::80'
GATE_ADDRESS, GATE_ADDRESS6 = '192.168.50.1', '2001:db8:50::1'
HOME_ADDRESS, HOME_ADDRESS6 = '192.168.50.20', '2001:db8:50::20'
HOME_NETWORK, HOME_NETWORK6 = '192.168.50.0/24', '2001:db8:50::/64'
SERVER_NAME = 'vpn.test'

LINKS = (  # namespace and interface at each end, each with its addresses
    ((CLIENT, 'eth0', CLIENT_ADDRESS, CLIENT_ADDRESS6), (ROUTER, 'clients', ROUTER_CLIENT_ADDRESS, ROUTER_CLIENT_ADDRESS6)),
    ((SERVER, 'wan', SERVER_ADDRESS, SERVER_ADDRESS6), (ROUTER, 'servers', ROUTER_SERVER_ADDRESS, ROUTER_SERVER_ADDRESS6)),
    ((SERVER, 'lan', GATE_ADDRESS, GATE_ADDRESS6), (HOME, 'eth0', HOME_ADDRESS, HOME_ADDRESS6)),
)
DEFAULT_ROUTES = (  # the home host has none: an answer from it proves the masquerade
    (CLIENT, ROUTER_CLIENT_ADDRESS, ROUTER_CLIENT_ADDRESS6),
    (SERVER, ROUTER_SERVER_ADDRESS, ROUTER_SERVER_ADDRESS6),
)
# Set before there are interfaces, which take over what is the default then.  IPv4 values come from
# the machine outside, on which nothing here may depend; without duplicate detection IPv6 works at once.
SYSCTLS = {'net/ipv4/ip_forward': '0', 'net/ipv6/conf/all/forwarding': '0', 'net/ipv6/conf/default/accept_dad': '0',
           'net/ipv4/ping_group_range': '0 2147483647'}
ROUTER_TABLE = 'add table inet lab; add chain inet lab forward { type filter hook forward priority filter; }'

WWW = f'{machine.RUN}/www'
LOGS = {'home': f'{machine.RUN}/home.log', 'internet': f'{machine.RUN}/internet.log', 'iperf3': f'{machine.RUN}/iperf3.log',
        'bus': f'{machine.RUN}/bus.log', 'server': f'{machine.RUN}/server.log'}


class LabError(Exception):
    """The lab cannot be brought up; the text says why."""


def wait_for(what, seconds, ready):
    """Poll until ready() is true.  Every wait of the lab has an end."""
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline:
            raise LabError(f'{what} did not come within {seconds} s')
        time.sleep(0.005)


def execute(command, **options):
    done = subprocess.run(command, text=True, capture_output=True, check=False, **options)
    if done.returncode:
        raise LabError(f'{" ".join(command)}: {done.stderr.strip() or done.stdout.strip()}')
    return done.stdout


def _links(links=LINKS):
    """The two ends get different numbers: when they happen to be equal, Linux takes its time (up to a
    second) to notice that a cable is plugged in."""
    for near, far in links:
        index = LINKS.index((near, far))
        yield (f'link add {near[1]} index {10 + index} netns {near[0]} type veth '
               f'peer name {far[1]} index {20 + index} netns {far[0]}')


def _plug(_namespace, interface, address, address6):
    yield f'addr add {address}/24 dev {interface}'
    yield f'addr add {address6}/64 dev {interface} nodad'
    yield f'link set {interface} up'


def _addresses_of(namespace):
    yield 'link set lo up'
    for end in (end for link in LINKS for end in link):
        if end[0] == namespace:
            yield from _plug(*end)
    if namespace == ROUTER:
        yield f'addr add {INTERNET_ADDRESS}/32 dev lo'
        yield f'addr add {INTERNET_ADDRESS6}/128 dev lo'
    for name, gateway, gateway6 in DEFAULT_ROUTES:
        if name == namespace:
            yield f'route add default via {gateway}'
            yield f'route add ::/0 via {gateway6}'


def set_sysctls(namespace, values):
    script = '; '.join(f"echo '{value}' > /proc/sys/{key}" for key, value in values.items())
    execute(['ip', 'netns', 'exec', namespace, 'sh', '-ec', script])


def _batch(lines, namespace=None):
    command = ['ip', *(['-n', namespace] if namespace else []), '-batch', '-']
    execute(command, input='\n'.join(lines) + '\n')


def _make_network():
    _batch(f'netns add {name}' for name in NAMESPACES)
    for namespace in NAMESPACES:
        set_sysctls(namespace, SYSCTLS)
    _batch(_links())
    for namespace in NAMESPACES:
        _batch(_addresses_of(namespace), namespace)
    set_sysctls(ROUTER, {'net/ipv4/ip_forward': '1', 'net/ipv6/conf/all/forwarding': '1'})
    execute(['ip', 'netns', 'exec', ROUTER, 'nft', ROUTER_TABLE])
    os.makedirs(f'/etc/netns/{CLIENT}', exist_ok=True)
    with open(f'/etc/netns/{CLIENT}/resolv.conf', 'w', encoding='ascii') as file:
        file.write(f'nameserver {INTERNET_ADDRESS}\n')
    with open('/etc/hosts', 'a', encoding='ascii') as file:
        file.write(f'{SERVER_ADDRESS} {SERVER_NAME}\n{HOME_ADDRESS} nas.home.test\n')


def renew(namespace):
    """As after its computer was turned off: the kernel there knows nothing but the ends of its cables."""
    cables = [link for link in LINKS if namespace in (link[0][0], link[1][0])]
    others = [end for link in cables for end in link if end[0] != namespace]
    for name, interface, _, _ in others:
        _batch([f'link del {interface}'], name)
    _batch([f'netns del {namespace}', f'netns add {namespace}'])
    set_sysctls(namespace, SYSCTLS)
    _batch(_links(cables))
    _batch(_addresses_of(namespace), namespace)
    for end in others:
        _batch(_plug(*end), end[0])


def listens(process, port, protocol='tcp'):
    """Does anything in this process's network namespace listen on the port?"""
    listening = {'tcp': '0A', 'udp': '07'}[protocol]
    for suffix in ('', '6'):
        try:
            with open(f'/proc/{process}/net/{protocol}{suffix}', encoding='ascii') as file:
                rows = [line.split() for line in file][1:]
        except FileNotFoundError:
            continue
        if any(row[1].endswith(f':{port:04X}') and row[3] == listening for row in rows):
            return True
    return False


def _start_hosts():
    """The home host's and the internet's web server, and iperf3 at home.  Returns what to wait for."""
    os.makedirs(WWW)
    web = ['/usr/bin/python3', os.path.join(os.path.dirname(__file__), 'web_server.py'), WWW]
    home = machine.start(web, LOGS['home'], HOME)
    internet = machine.start(web, LOGS['internet'], ROUTER)
    iperf = machine.start(['iperf3', '--server'], LOGS['iperf3'], HOME)
    return ((home, 80), (internet, 80), (iperf, 5201))


def bring_up():
    import products

    product = products.chosen()
    _make_network()
    hosts = _start_hosts()
    facts = product.bring_up()
    for process, port in hosts:
        wait_for(f'port {port} of a lab host', 10, lambda p=process, n=port: listens(p.pid, n))
    return {**machine.environment(), **_facts(), **facts}


def _facts():
    return {
        'LAB_CLIENT': CLIENT, 'LAB_ROUTER': ROUTER, 'LAB_SERVER': SERVER, 'LAB_HOME': HOME,
        'LAB_CLIENT_ADDRESS': CLIENT_ADDRESS, 'LAB_CLIENT_ADDRESS6': CLIENT_ADDRESS6,
        'LAB_SERVER_ADDRESS': SERVER_ADDRESS, 'LAB_SERVER_ADDRESS6': SERVER_ADDRESS6,
        'LAB_HOME_ADDRESS': HOME_ADDRESS, 'LAB_HOME_ADDRESS6': HOME_ADDRESS6,
        'LAB_INTERNET_ADDRESS': INTERNET_ADDRESS, 'LAB_INTERNET_ADDRESS6': INTERNET_ADDRESS6,
        'LAB_WWW': WWW, 'LAB_LOG': LOGS['server'],
    }


def keep_logs():
    """LAB_KEEP=folder: copies of all logs of the lab, for a look afterwards."""
    folder = os.environ.get('LAB_KEEP')
    if not folder:
        return
    os.makedirs(folder, exist_ok=True)
    for log in LOGS.values():
        if os.path.exists(log):
            shutil.copy(log, folder)
