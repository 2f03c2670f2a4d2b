# SPDX-License-Identifier: GPL-2.0-or-later
"""The computer in the lab's `server`: a Debian that systemd boots, with namespaces and cgroups of its own.  What is written
there outlives a reboot, and nothing the lab."""

import contextlib
import os
import secrets
import subprocess

import lab
import machine
import world

HERE = os.path.dirname(os.path.abspath(__file__))
FOLDER, GROUPS = f'{machine.RUN}/computer', f'{machine.RUN}/cgroups'
LOG = f'{machine.RUN}/computer.log'
# Of the cgroups that all labs of this machine share.
MARK = 'sallyport-install-'
UNSHARE = ['unshare', '--mount', '--pid', '--ipc', '--uts', '--cgroup', '--fork', '--kill-child=KILL', '--propagation', 'private', '--']
ENVIRONMENT = ['env', '-i', 'PATH=/usr/sbin:/usr/bin:/sbin:/bin', 'LC_ALL=C.UTF-8', 'DEBIAN_FRONTEND=noninteractive']
BOOT_SECONDS, END_SECONDS = 120, 60


def remove_group(path):
    """With those below it, if nobody is in them.  Returns whether it is gone: processes leave after they have ended."""
    for folder, _, _ in os.walk(path, topdown=False):
        with contextlib.suppress(OSError):
            os.rmdir(folder)
    return not os.path.exists(path)


class Computer:
    def __init__(self, tree):
        self.tree = tree
        self.process = self.init = None
        for name in ('upper', 'work', 'root'):
            os.makedirs(f'{FOLDER}/{name}')
        os.makedirs(GROUPS)
        lab.run('mount', '-t', 'cgroup2', 'cgroup2', GROUPS)
        for name in os.listdir(GROUPS):
            if name.startswith(MARK):
                remove_group(f'{GROUPS}/{name}')  # of a run that was killed
        self.group = f'{GROUPS}/{MARK}{secrets.token_hex(4)}'

    def boot(self):
        os.makedirs(self.group)
        self.process = machine.start([*UNSHARE, f'{HERE}/boot', self.tree, FOLDER], LOG, lab.SERVER, preexec_fn=self._join)
        self.init = lab.wait_until('its first process', self._first_process, BOOT_SECONDS)
        lab.wait_until('the end of its start', lambda: self._state() in ('running', 'degraded'), BOOT_SECONDS)
        lab.equal(self._state(), 'running', self.run('systemctl', '--failed', '--no-legend', check=False))

    def _join(self):
        with open(f'{self.group}/cgroup.procs', 'w', encoding='ascii') as file:
            file.write('0')

    def _first_process(self):
        """Once it is systemd: until then it has the mounts of the lab."""
        lab.holds(self.process.poll() is None, 'it does not boot')
        with open(f'/proc/{self.process.pid}/task/{self.process.pid}/children', encoding='ascii') as file:
            children = file.read().split()
        if len(children) == 1:
            with open(f'/proc/{children[0]}/comm', encoding='ascii') as file:
                return file.read() == 'systemd\n' and children[0]
        return None

    def _state(self):
        return self.run('systemctl', 'is-system-running', check=False).strip()

    def _command(self, words):
        return ['nsenter', '--target', self.init, '--all', '--', *ENVIRONMENT, *words]

    def run(self, *words, **options):
        """As its root; see lab.run()."""
        return lab.run(*self._command(words), **{'timeout': 300, **options})

    def succeeds(self, *words):
        return subprocess.run(self._command(words), check=False, stdin=subprocess.DEVNULL, capture_output=True, timeout=300).returncode == 0

    def receive(self, path, folder):
        """A copy of a file, in a folder of its own tree."""
        place = f'{folder}/{os.path.basename(path)}'
        self.run('mkdir', '-p', folder)
        with open(path, 'rb') as file:
            self.run('sh', '-c', f'cat > {place}', stdin=file)
        return place

    def reboot(self):
        """Its kernel has forgotten everything, as kernels do; its disk has not."""
        self.run('systemctl', 'reboot', check=False)
        self.process.wait(END_SECONDS)
        self._forget_group()
        world.renew(lab.SERVER)
        self.boot()

    def end(self):
        if self.process and self.process.poll() is None:
            with open(f'{self.group}/cgroup.kill', 'w', encoding='ascii') as file:
                file.write('1')
            self.process.wait(END_SECONDS)
        self._forget_group()

    def _forget_group(self):
        lab.wait_until('the end of its cgroups', lambda: remove_group(self.group), END_SECONDS)

    def files(self):
        """All that lies on its disk and would lie there tomorrow."""
        left_out = [word for path in ('/proc', '/sys', '/dev', '/run', '/tmp', '/var/tmp', '/var/log', '/var/cache', '/var/lib/dpkg',
                                      '/var/lib/apt') for word in ('-o', '-path', path)][1:]
        return set(self.run('find', '/', '-xdev', '(', *left_out, ')', '-prune', '-o', '-print').splitlines())
