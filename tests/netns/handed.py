# SPDX-License-Identifier: GPL-2.0-or-later
"""Sockets that a service manager opened before the server, as systemd does for a socket unit."""

import os
import signal
import socket
import subprocess

import lab
from client import Client

PORT = 8443


def _open(kind):
    with lab.inside(lab.SERVER):
        opened = socket.socket(socket.AF_INET6, kind)
    opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    if kind == socket.SOCK_DGRAM:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    opened.bind(('::', PORT))
    if kind == socket.SOCK_STREAM:
        opened.listen(100)
    return opened


def _start_with(sockets):
    """As the lab starts it, with these from descriptor 3 on; the shell's number becomes the server's."""
    def place():
        copies = [os.dup2(one, 100 + i) for i, one in enumerate(numbers)]
        for i, copy in enumerate(copies):
            os.dup2(copy, 3 + i)
            os.close(copy)
    numbers = [one.fileno() for one in sockets]
    names = ':'.join(['clients'] * len(sockets))
    script = f'LISTEN_PID=$$ LISTEN_FDS={len(sockets)} LISTEN_FDNAMES={names} exec {os.environ["LAB_START_SERVER"]}'
    return subprocess.Popen(['sh', '-c', script], preexec_fn=place, pass_fds=range(3, 3 + len(sockets)))


def the_server_takes_sockets_that_were_opened_for_it():
    os.kill(int(os.environ['LAB_SERVER_PID']), signal.SIGTERM)
    lab.wait_until('the end of the server', lambda: not lab.succeeds('kill', '-0', os.environ['LAB_SERVER_PID']))
    sockets = [_open(socket.SOCK_STREAM), _open(socket.SOCK_DGRAM)]
    _start_with(sockets)
    url = f'https://{lab.SERVER_ADDRESS}:{PORT}'
    lab.wait_until('the server', lambda: lab.succeeds('curl', '-sk', '--max-time', '2', url, namespace=lab.CLIENT), 20)
    for _ in range(2):
        client = Client(url=url).wait_connected().wait_dtls()
        client.fetch('peer')
        lab.holds(not lab.succeeds('curl', '-sk', '--max-time', '5', f'https://{lab.SERVER_ADDRESS}', namespace=lab.CLIENT),
                  'the port of the settings is open, too')
        client.disconnect()
        lab.control('stop')
        lab.control('start')
