# SPDX-License-Identifier: GPL-2.0-or-later
"""Stories of a server whose packet filter is firewalld's, really running beside it."""

import contextlib
import os
import signal
import socket
import subprocess
import threading
import time

import filters
import lab
import rooms
from client import Client
from story import Skipped

PROGRAM = '/usr/sbin/firewalld'
OTHER_PORT = 8080  # a service of the computer that firewalld knows nothing of


# The lab has no list of protocols, and firewalld's own services name these.
PROTOCOLS = {'icmp': 1, 'igmp': 2, 'ipip': 4, 'tcp': 6, 'udp': 17, 'ipv6': 41, 'gre': 47, 'esp': 50, 'ah': 51,
             'ipv6-icmp': 58, 'vrrp': 112, 'sctp': 132}


class Firewalld:
    def __init__(self):
        if not os.path.exists(PROGRAM):
            raise Skipped('firewalld is not installed')
        with open('/etc/protocols', 'w', encoding='ascii') as file:
            file.writelines(f'{name} {number} {name.upper()}\n' for name, number in PROTOCOLS.items())
        with open('/run/client.log', 'ab') as log:
            self.process = subprocess.Popen(['ip', 'netns', 'exec', lab.SERVER, PROGRAM, '--nofork', '--nopid'],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        lab.wait_until('firewalld', lambda: lab.succeeds('firewall-cmd', '--state'), 60)

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)


def ask(*options):
    return lab.run('firewall-cmd', *options, check=False).strip()


def state():
    """(zone of the devices, ports that are open for the server)"""
    return (ask('--get-zone-of-interface=sally+'), sorted(ask('--policy=sallyport-port', '--list-ports').split()))


OPEN = ('sallyport', [f'{lab.PORT}/tcp', f'{lab.PORT}/udp'])
CLOSED = ('', [])  # no zone


def wait_until_let_in():
    lab.wait_until('the devices and the port in firewalld', lambda: state() == OPEN, 30)
    filters.wait_for_entries()
    lab.wait_until('home', filters.reaches_home, 15)


def _other_service_is_reached():
    return lab.succeeds('curl', '--silent', '--max-time', '2', f'http://{lab.SERVER_ADDRESS}:{OTHER_PORT}/', namespace=lab.CLIENT)


def firewalld_lets_through_what_the_server_decides_about():
    with open('/run/other.log', 'wb') as log:
        subprocess.Popen(['ip', 'netns', 'exec', lab.SERVER, '/usr/bin/python3', '-m', 'http.server', str(OTHER_PORT),
                          '--directory', os.environ['LAB_WWW']], stdout=log, stderr=log)
    lab.wait_until('the other service', _other_service_is_reached)
    first = Client().wait_connected()
    # It starts when the server is on already.
    Firewalld()
    wait_until_let_in()
    lab.holds(not _other_service_is_reached(), 'firewalld does not filter')
    first.disconnect()
    Client().wait_connected().wait_dtls()
    lab.holds(filters.reaches_home(), 'home is out of reach for who comes later')
    # What an administrator takes away is told; when all is loaded anew it is as it should be.
    lab.run('firewall-cmd', '--zone=sallyport', '--remove-interface=sally+')
    found = filters.wait_for_entries('forwarding-blocked')['forwarding-blocked']
    lab.equal(found['program'], 'firewalld', 'whose rules')
    lab.holds(not filters.reaches_home(), 'the zone is not needed')
    lab.run('firewall-cmd', '--reload')
    wait_until_let_in()


def _shake_hands_slowly(listener):
    connection, _address = listener.accept()
    with contextlib.suppress(OSError):  # the courier was recalled
        connection.sendall(b'\x16\x03\x03\x40\x00')  # a record of TLS, of 16 KiB
        while True:
            connection.sendall(b'\0')
            time.sleep(1)


def firewalld_closes_again_what_a_server_that_is_off_does_not_need():
    firewalld = Firewalld()
    lab.wait_until('the devices and the port in firewalld', lambda: state() == OPEN, 30)
    files = lab.run('firewall-cmd', '--permanent', '--list-all-zones') + lab.run('firewall-cmd', '--permanent', '--list-all-policies')
    lab.control('stop')
    lab.wait_until('an empty zone and a closed port', lambda: state() == CLOSED, 30)
    lab.control('start')
    lab.wait_until('the devices and the port in firewalld', lambda: state() == OPEN, 30)
    # An authority is let in, too, while there is an order that it may look for: to this one it takes minutes.
    with lab.inside(lab.SERVER):
        authority = socket.create_server(('127.0.0.1', 0))
    threading.Thread(target=_shake_hands_slowly, args=(authority,), daemon=True).start()
    lab.control('config', 'set', 'name=vpn.test', f'acme-directory=https://127.0.0.1:{authority.getsockname()[1]}/')
    lab.wait_until('port 80 in firewalld', lambda: '80/tcp' in state()[1], 60)
    lab.control('config', 'set', 'acme-directory=')
    lab.wait_until('the server’s own ports alone', lambda: state() == OPEN, 30)
    # A daemon that is told to end takes it back, too; one that is killed leaves it to the next.
    process = int(os.environ['LAB_SERVER_PID'])
    os.kill(process, signal.SIGTERM)
    lab.wait_until('an empty zone and a closed port', lambda: state() == CLOSED, 30)
    lab.equal(lab.run('firewall-cmd', '--permanent', '--list-all-zones')
              + lab.run('firewall-cmd', '--permanent', '--list-all-policies'), files, 'what is stored')
    # Without firewalld our own table is all there is.
    firewalld.end()
    lab.wait_until('the end of the daemon', lambda: not os.path.exists(f'/proc/{process}'), 20)
    with open(os.environ['LAB_LOG'], 'ab') as log:
        subprocess.Popen([os.environ['LAB_START_SERVER']], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    lab.wait_until('the server', rooms.is_on, 20)
    Client().wait_connected()
    lab.wait_until('home', filters.reaches_home, 15)
