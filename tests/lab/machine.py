# SPDX-License-Identifier: GPL-2.0-or-later
"""The throw-away machine: what /etc, /usr, /var and /run look like inside, and its first process."""

import os
import shutil
import subprocess
import sys

RUN = '/run/lab'
OVERLAID = ('etc', 'usr', 'var')
SYSTEM_PATH = ('/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin')


def _mount(*arguments):
    subprocess.run(['mount', *arguments], check=True)


def _overlay(name):
    upper, work = f'{RUN}/overlay/{name}.upper', f'{RUN}/overlay/{name}.work'
    os.makedirs(upper)
    os.makedirs(work)
    _mount('-t', 'overlay', 'overlay', '-o', f'lowerdir=/{name},upperdir={upper},workdir={work}', f'/{name}')


def _own_resolver_file():
    """A file of its own, where many systems have a link into /run."""
    try:
        os.unlink('/etc/resolv.conf')
    except FileNotFoundError:
        pass
    with open('/etc/resolv.conf', 'w', encoding='ascii') as file:
        file.write('# the lab has no resolver outside its namespaces\n')


def _forget_names_of_protocols():
    """Small systems do not have these files, so nothing here may need them."""
    for name in ('/etc/protocols', '/etc/services'):
        if os.path.exists(name):
            os.unlink(name)


def _forget_the_server_here():
    """A server that serves on this computer is none of the lab's; through the overlays, so it loses nothing."""
    for folder in ('/var/lib/sallyport', '/etc/sallyport'):
        shutil.rmtree(folder, ignore_errors=True)


def _tun_device():
    if not os.path.exists('/dev/net/tun'):
        os.makedirs('/dev/net', exist_ok=True)
        os.mknod('/dev/net/tun', 0o600 | 0o020000, os.makedev(10, 200))


def prepare():
    """Writes below /etc, /usr, /var and /run vanish with the machine.  /tmp and the rest stay shared."""
    working_folder = os.getcwd()
    _mount('-t', 'tmpfs', '-o', 'mode=755', 'tmpfs', '/run')
    for folder in ('dbus', 'lock', 'netns', 'user'):
        os.makedirs(f'/run/{folder}')
    os.makedirs(RUN)
    for name in OVERLAID:
        _overlay(name)
    _mount('-t', 'tmpfs', '-o', 'mode=1777', 'tmpfs', '/dev/shm')
    # Read-only, and of this network namespace.
    _mount('-t', 'sysfs', '-o', 'ro', 'sysfs', '/sys')
    _own_resolver_file()
    _forget_the_server_here()
    _forget_names_of_protocols()
    _tun_device()
    subprocess.run(['hostname', 'lab'], check=True)
    subprocess.run(['ip', 'link', 'set', 'lo', 'up'], check=True)
    with open('/proc/sys/net/ipv4/ip_forward', 'w', encoding='ascii') as file:
        file.write('0')
    # Again, through the mounts that now lie above it.
    os.chdir(working_folder)


def search_path():
    """The caller's search path, completed with the folders that root needs."""
    path = [folder for folder in os.environ.get('PATH', '').split(':') if folder]
    return ':'.join(path + [folder for folder in SYSTEM_PATH if folder not in path])


def environment():
    """The caller's, but a bus outside the machine is no bus of the machine's."""
    kept = {name: value for name, value in os.environ.items() if name != 'DBUS_SYSTEM_BUS_ADDRESS'}
    return {**kept, 'PATH': search_path()}


def run(command, environment):
    """Run CMD to its end.  As the first process of the machine this one also buries orphans, so that
    a killed server leaves no zombies that look like processes."""
    try:
        child = subprocess.Popen(command, env=environment)
    except OSError as error:
        print(f'lab: {command[0]}: {error.strerror}', file=sys.stderr)
        return 127 if isinstance(error, FileNotFoundError) else 126
    while True:
        try:
            process, status = os.waitpid(-1, 0)
        except InterruptedError:
            continue
        if process == child.pid:
            code = os.waitstatus_to_exitcode(status)
            return code if code >= 0 else 128 - code


def start(command, log, namespace=None, **options):
    """Start a server of the lab: no terminal, its words in a file."""
    if namespace:
        command = ['ip', 'netns', 'exec', namespace, *command]
    with open(log, 'ab') as file:
        return subprocess.Popen(command, **{'stdin': subprocess.DEVNULL, 'stdout': file, 'stderr': file,
                                            'start_new_session': True, **options})
