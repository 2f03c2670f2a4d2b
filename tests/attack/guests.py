# SPDX-License-Identifier: GPL-2.0-or-later
"""Those who have a right to be there during a flood, by product: how somebody signs in, and a tunnel that stays."""

import os
import re
import signal
import subprocess
import time

import figures
import lab
from client import Client, read_password

PEOPLE = 20
PATIENCE = 20


def sign_in_by_openconnect(namespace, url=None):
    """How long it took; None: it was refused, or took for ever."""
    began = time.monotonic()
    try:
        words = lab.run('openconnect', '--authenticate', '--user', os.environ['LAB_USER'], '--passwd-on-stdin', '--servercert',
                        os.environ['LAB_PIN'], url or os.environ['LAB_URL'], namespace=namespace, check=False, timeout=PATIENCE,
                        input=read_password() + '\n')
    except subprocess.TimeoutExpired:
        return None
    return time.monotonic() - began if 'COOKIE=' in words else None


class Ours:
    """Strangers are those of swarm.c, each from an address that nobody had; who is known comes from where the tunnel does."""

    def __init__(self):
        import swarm
        self.swarm = swarm.Swarm(self._add_users())
        self.client = Client().wait_connected().wait_dtls()

    @staticmethod
    def _add_users():
        import swarm
        if figures.OURS:
            return swarm.add_users(PEOPLE)
        logins = [f'person{number}' for number in range(PEOPLE)]
        for login in logins:
            lab.run('ocpasswd', '-c', os.path.join(os.environ['LAB_STATE'], 'passwd'), login, input=2 * (read_password() + '\n'))
        return logins

    def sign_in(self):
        answer = self.swarm.ask('open', 1, 1, PATIENCE)
        self.swarm.ask('leave', 1)
        return answer['connected'][0] / 1e6 if answer['connected'] else None

    @staticmethod
    def sign_in_known():
        return sign_in_by_openconnect(lab.CLIENT)

    def disturbances(self):
        """How often the tunnel had to be made again."""
        is_gone = self.client.process.poll() is not None
        lab.holds(not is_gone or not figures.OURS, 'the client of the tunnel is gone')
        return is_gone + self.client.count('Attempt to connect|Reconnect|CSTP Dead Peer|SSL_write|Attempting')

    def tunnel_id(self):
        """As everybody on its way sees it."""
        return re.findall(r'X-DTLS-App-ID: ([0-9a-f]{64})', self.client.log())[-1]

    def end(self):
        if self.client.process.poll() is None:
            self.client.disconnect()
        self.swarm.end()


class Named(Ours):
    """They call the server by its name, as a gate on that wants it; all of them are stock clients."""

    NAMESPACE, NUMBER, URL = 'guest', 8, 'https://vpn.test'

    def __init__(self):  # pylint: disable=super-init-not-called
        lab.add_client_namespace(self.NAMESPACE, self.NUMBER)
        self.client = Client(url=self.URL).wait_connected().wait_dtls()

    def sign_in(self):
        return sign_in_by_openconnect(self.NAMESPACE, self.URL)

    def sign_in_known(self):
        return sign_in_by_openconnect(lab.CLIENT, self.URL)

    def end(self):
        self.client.disconnect()


class OpenVpn:
    """openvpn itself, once for the tunnel and again and again from another namespace."""

    NAMESPACE, NUMBER = 'guest', 8

    def __init__(self, over):
        import openvpn
        self.file = openvpn.client_file(protocol=over)
        lab.add_client_namespace(self.NAMESPACE, self.NUMBER)
        self.client = self._start(lab.CLIENT)
        lab.holds(self._wait(self.client, lab.CLIENT), 'no tunnel')

    def _log(self, namespace):
        return f'/run/{namespace}.log'

    def _start(self, namespace):
        log = self._log(namespace)
        with open(log, 'wb') as file:
            return subprocess.Popen(['ip', 'netns', 'exec', namespace, 'openvpn', '--config', self.file],
                                    stdout=file, stderr=file)

    def _is_up(self, namespace):
        with open(self._log(namespace), encoding='utf-8', errors='replace') as file:
            return 'Initialization Sequence Completed' in file.read()

    def _wait(self, process, namespace):
        deadline = time.monotonic() + PATIENCE
        while not self._is_up(namespace):
            if process.poll() is not None or time.monotonic() > deadline:
                return False
            time.sleep(0.005)
        return True

    def sign_in(self):
        began = time.monotonic()
        process = self._start(self.NAMESPACE)
        up = self._wait(process, self.NAMESPACE)
        took = time.monotonic() - began
        process.send_signal(signal.SIGINT)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        return took if up else None

    sign_in_known = None

    def disturbances(self):
        with open(self._log(lab.CLIENT), encoding='utf-8', errors='replace') as file:
            return file.read().count('SIGUSR1') + (self.client.poll() is not None)

    def end(self):
        self.client.kill()
        self.client.wait()


def guests(over):
    """over: udp or tcp, which are two servers of OpenVPN's; name: by that of the server."""
    if over == 'name':
        return Named()
    return OpenVpn(over) if figures.PRODUCT == 'openvpn' else Ours()
