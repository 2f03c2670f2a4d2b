# SPDX-License-Identifier: GPL-2.0-or-later
"""The server's processes, as anyone sees them in /proc."""

import os
import re
import signal

import bus
import lab

BUS_NAME = 'org.sallyport.Sallyport1'
MAIN = 'sallyportd'
HOLDER = 'sallyport-holder'


def _executable(process):
    try:
        return os.path.basename(os.readlink(f'/proc/{process}/exe'))
    except OSError:
        return ''


def parent(process):
    """0 when it has just ended."""
    try:
        with open(f'/proc/{process}/stat', encoding='ascii', errors='replace') as file:
            return int(file.read().rpartition(')')[2].split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return 0


def _states(process):
    """Of its threads: no signal reaches all of them at once."""
    try:
        found = []
        for thread in os.listdir(f'/proc/{process}/task'):
            with open(f'/proc/{process}/task/{thread}/stat', encoding='ascii', errors='replace') as file:
                found.append(file.read().rpartition(')')[2].split()[0])
        return found
    except (FileNotFoundError, ProcessLookupError):
        return []


def is_over(process):
    """Buried or not: with its last thread its connections are closed, too."""
    return _states(process) in ([], ['Z'])


def hold_up(process):
    """Returns when no thread of it goes on."""
    os.kill(process, signal.SIGSTOP)
    lab.wait_until(f'{process} to stop', lambda: set(_states(process)) == {'T'})


def processes():
    """Every process of the server: {number: program}."""
    numbers = (int(name) for name in os.listdir('/proc') if name.isdigit())
    programs = {number: _executable(number).removesuffix(' (deleted)') for number in numbers}
    return {number: program for number, program in programs.items() if program.startswith('sallyport')}


def main():
    """The one process of the daemon itself, not one that it is about to make a room of."""
    running = processes()
    found = [number for number, program in running.items() if program == MAIN and running.get(parent(number)) in (None, HOLDER)]
    lab.equal(len(found), 1, 'main processes')
    return found[0]


def is_on():
    """Asked for without calling a name that nobody has: that would make the bus start another server."""
    return bus.has_owner(BUS_NAME) and '"on"' in lab.run('sallyportctl', 'status', '--json', check=False)


def room(name):
    """The process of a room that main started: door, nursery or keyholder."""
    started_by = main()
    found = [number for number, program in processes().items()
             if program == f'sallyport-{name}' and parent(number) == started_by and number not in workers()]
    return found[0] if len(found) == 1 else None


def workers():
    """Whoever holds a connection with a client: {process: (client's address, port)}."""
    found = {}
    for line in lab.run('ss', '-Htnp', 'state', 'established', f'( sport = :{lab.PORT} )', namespace=lab.SERVER).splitlines():
        peer = re.search(r'\[?(?:::ffff:)?([0-9a-f.:]+?)\]?:(\d+)\s+users:', line)
        for process in re.findall(r'pid=(\d+)', line):
            if peer and _executable(process) == 'sallyport-nursery':
                found[int(process)] = (peer.group(1), int(peer.group(2)))
    return found


def worker_of(address):
    def find():
        return next((process for process, peer in workers().items() if peer[0] == address), None)
    return lab.wait_until(f'a worker for {address}', find)


def kill(process, by=signal.SIGKILL):
    os.kill(process, by)
    lab.wait_until(f'the end of {process}', lambda: not os.path.exists(f'/proc/{process}'))


def kill_room(name):
    """Kill it, and wait for another in its place."""
    before = lab.wait_until(f'a {name}', lambda: room(name))
    kill(before)
    return lab.wait_until(f'a new {name}', lambda: room(name) not in (None, before) and room(name), 15)
