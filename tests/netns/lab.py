# SPDX-License-Identifier: GPL-2.0-or-later
"""What stories do with the lab: run things in its namespaces, wait with an end, look at the server."""

import contextlib
import ctypes
import fcntl
import json
import os
import subprocess
import termios
import time

CLIENT, ROUTER, SERVER, HOME = (os.environ[f'LAB_{name}'] for name in ('CLIENT', 'ROUTER', 'SERVER', 'HOME'))
SERVER_ADDRESS, SERVER_ADDRESS6 = os.environ['LAB_SERVER_ADDRESS'], os.environ['LAB_SERVER_ADDRESS6']
HOME_ADDRESS, HOME_ADDRESS6 = os.environ['LAB_HOME_ADDRESS'], os.environ['LAB_HOME_ADDRESS6']
PORT = int(os.environ['LAB_PORT'])
CLONE_NEWNET = 0x40000000
libc = ctypes.CDLL(None, use_errno=True)


def run(*command, namespace=None, check=True, **options):
    """Run to the end; returns what it wrote.  With check, failure is the story's failure."""
    if namespace:
        command = ('ip', 'netns', 'exec', namespace, *command)
    options = {'timeout': 60, 'text': True, 'capture_output': True, **options}
    done = subprocess.run(command, check=False, **options)
    if check and done.returncode:
        raise AssertionError(f'{" ".join(command)}: status {done.returncode}\n{done.stdout}{done.stderr}')
    return done.stdout


def succeeds(*command, namespace=None):
    if namespace:
        command = ('ip', 'netns', 'exec', namespace, *command)
    return subprocess.run(command, check=False, capture_output=True, timeout=60).returncode == 0


def wait_until(what, ready, seconds=10.0):
    """Poll; returns the first true answer.  `what` names what did not come."""
    deadline = time.monotonic() + seconds
    while True:
        answer = ready()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f'{what}: not within {seconds} s')
        time.sleep(0.02)


def equal(seen, expected, what):
    if seen != expected:
        raise AssertionError(f'{what}: {seen!r}, not {expected!r}')


def holds(truth, what):
    if not truth:
        raise AssertionError(what)


@contextlib.contextmanager
def inside(namespace):
    """Sockets made by this thread meanwhile belong to the namespace."""
    with open('/proc/thread-self/ns/net', 'rb') as before, open(f'/run/netns/{namespace}', 'rb') as there:
        if libc.setns(there.fileno(), CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), 'setns')
        try:
            yield
        finally:
            libc.setns(before.fileno(), CLONE_NEWNET)


def control(*arguments, **options):
    return run('sallyportctl', *arguments, **options)


def control_json(*arguments):
    return json.loads(control(*arguments, '--json'))


def sessions():
    return control_json('session', 'list')['sessions']


def _is_read(place):
    """Of one of main's descriptors: whether nothing waits in it."""
    try:
        if not os.readlink(place).startswith('pipe:'):
            return True
        pipe = os.open(place, os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return True  # closed meanwhile
    try:
        return not any(fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)))
    finally:
        os.close(pipe)


def _rooms_are_read():
    """Whether main has copied what its rooms said, and rests."""
    folder = f'/proc/{os.environ["LAB_SERVER_PID"]}'
    try:
        unread = [name for name in os.listdir(f'{folder}/fd') if not _is_read(f'{folder}/fd/{name}')]
        with open(f'{folder}/stat', encoding='ascii', errors='replace') as file:
            return not unread and file.read().rpartition(')')[2].split()[0] != 'R'
    except OSError:
        return True  # it has ended


def server_log():
    """With what the rooms have said by now, if they said no more than they may."""
    deadline = time.monotonic() + 2
    while os.environ.get('LAB_PRODUCT', 'sallyport') == 'sallyport' and not _rooms_are_read() and time.monotonic() < deadline:
        time.sleep(0.01)
    with open(os.environ['LAB_LOG'], encoding='utf-8', errors='replace') as file:
        return file.read()


def router_rules(rules):
    """Rules of the internet from here on, instead of those before."""
    commands = ['flush chain inet lab forward', *(f'add rule inet lab forward {rule}' for rule in rules)]
    run('nft', '-f', '-', namespace=ROUTER, input='\n'.join(commands) + '\n')


def add_client_namespace(name, number):
    """One more customer of the internet: 192.0.NUMBER.10."""
    with open(f'/run/{name}.ip', 'w', encoding='ascii') as file:
        file.write(f'netns add {name}\n'
                   f'link add {name} index {30 + number} netns {ROUTER} type veth '
                   f'peer name eth0 index {40 + number} netns {name}\n')
    run('ip', '-batch', f'/run/{name}.ip')
    run('ip', '-n', ROUTER, 'addr', 'add', f'192.0.{number}.1/24', 'dev', name)
    run('ip', '-n', ROUTER, 'link', 'set', name, 'up')
    for command in (f'addr add 192.0.{number}.10/24 dev eth0', 'link set lo up', 'link set eth0 up',
                    f'route add default via 192.0.{number}.1'):
        run('ip', '-n', name, *command.split())
    os.makedirs(f'/etc/netns/{name}')
    with open(f'/etc/netns/{name}/resolv.conf', 'w', encoding='ascii') as file:
        file.write('nameserver 203.0.113.80\n')
    return name
