# SPDX-License-Identifier: GPL-2.0-or-later
"""A person's computer in the internet: network, files, processes and bus of its own, run by NetworkManager."""

import os
import re
import subprocess

import lab
from story import Skipped

# /sys is read-only, so that NetworkManager does not wait for a udev that is not there, and of this network
# namespace; /etc a copy, since overlays do not lie on one another everywhere; /run its own, and with it the bus.
# What runs in here ends with the first process, a shell that also buries the dead, and that with unshare.
PREPARE = """
set -e
mount -o remount,bind,ro /sys
mkdir /run/laptop
mount -t tmpfs -o mode=755 tmpfs /run/laptop
cp -a /etc/. /run/laptop
mount --bind /run/laptop /etc
mount -t tmpfs -o mode=755 tmpfs /run
mount -t tmpfs -o mode=700 tmpfs /var/lib/NetworkManager
mkdir -p /run/dbus /run/NetworkManager
echo '# nobody has written here yet' >/etc/resolv.conf
rm -rf /etc/NetworkManager
mkdir -p -m 700 /etc/NetworkManager/system-connections
cat >/etc/NetworkManager/NetworkManager.conf <<END
[main]
plugins=keyfile
dns=default
rc-manager=file
no-auto-default=*
[logging]
level=INFO
END
dbus-daemon --system --nopidfile
NetworkManager --no-daemon &
wait
"""
OWN_NAMESPACES = ['unshare', '--mount', '--pid', '--uts', '--fork', '--kill-child=KILL', '--mount-proc', '--propagation', 'private']
PACKAGES = {'/usr/sbin/NetworkManager': 'network-manager',
            '/usr/lib/NetworkManager/nm-openconnect-service': 'network-manager-openconnect'}


class Laptop:
    """`address` is what NetworkManager gives it in the internet; `number` is that of its network there."""

    def __init__(self, name='laptop', number=5):
        for file, package in PACKAGES.items():
            if not os.path.exists(file):
                raise Skipped(f'{package} is not installed')
        self.name, self.address, self.gateway = name, f'192.0.{number}.10', f'192.0.{number}.1'
        self.log_path = '/run/client.log'
        lab.add_client_namespace(name, number)
        # What the cable is good for is NetworkManager's to find out.
        lab.run('ip', '-n', name, 'addr', 'flush', 'dev', 'eth0')
        self._start()
        lab.wait_until('NetworkManager', lambda: self.succeeds('nmcli', '--terse', 'general', 'status'))

    def _start(self):
        with open(self.log_path, 'ab') as log:
            environment = {key: value for key, value in os.environ.items() if key != 'DBUS_SYSTEM_BUS_ADDRESS'}
            self.machine = subprocess.Popen(['ip', 'netns', 'exec', self.name, *OWN_NAMESPACES, 'sh', '-c', PREPARE],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment)
        self.first_process = lab.wait_until('the laptop', self._find_first_process)

    def _find_first_process(self):
        """unshare's only child."""
        lab.holds(self.machine.poll() is None, f'the laptop ended with {self.machine.returncode}')
        with open(f'/proc/{self.machine.pid}/task/{self.machine.pid}/children', encoding='ascii') as file:
            children = file.read().split()
        return children[0] if children else None

    def _enter(self, command):
        return ('nsenter', f'--target={self.first_process}', '--mount', '--pid', '--net', '--uts', '--', *command)

    def run(self, *command, **options):
        return lab.run(*self._enter(command), **options)

    def succeeds(self, *command):
        return lab.succeeds(*self._enter(command))

    def fetch(self, path, host=lab.HOME_ADDRESS):
        return self.run('curl', '--silent', '--show-error', '--fail', '--max-time', '10', f'http://{host}/{path}').strip()

    def resolver(self):
        """(name servers, domains to search) of its resolv.conf."""
        words = self.run('cat', '/etc/resolv.conf')
        return re.findall(r'^nameserver (\S+)', words, re.MULTILINE), re.findall(r'^search (.*)$', words, re.MULTILINE)

    def way_to(self, address):
        """The device that leads there."""
        found = re.search(r' dev (\S+)', self.run('ip', 'route', 'get', address, check=False))
        return found.group(1) if found else None

    def addresses(self):
        """{device: its addresses in the world}"""
        found = {}
        for line in self.run('ip', '-o', 'addr', 'show', 'scope', 'global').splitlines():
            found.setdefault(line.split()[1], []).append(line.split()[3])
        return found

    def routes(self):
        return sorted(line.strip() for line in self.run('ip', 'route').splitlines())

    def state_of(self, connection):
        return self.run('nmcli', '--get-values', 'GENERAL.STATE', 'connection', 'show', connection).strip()

    def openconnect(self):
        """The client that NetworkManager runs, as (process number outside, user)."""
        for name in filter(str.isdigit, os.listdir('/proc')):
            try:
                with open(f'/proc/{name}/comm', encoding='ascii', errors='replace') as file:
                    if file.read().strip() == 'openconnect':
                        return int(name), os.stat(f'/proc/{name}').st_uid
            except OSError:
                continue
        return None
