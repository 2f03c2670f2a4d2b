# SPDX-License-Identifier: GPL-2.0-or-later
"""Hours of people who come, move, sleep, renew their keys, vanish and go, by a clock that runs 48 times as fast: nothing is left
of them, and what was counted adds up."""

import collections
import json
import os
import re
import shutil
import signal
import subprocess

import figures
import lab
import rooms
import swarm
from client import read_password

LONG_SECONDS = 1500
ATTACK = 'hours of coming and going'
HURRY = 48
GUESTS = figures.by_length(30, 200)
WARM_UP_HOURS = figures.by_length(0.1, 0.4)
HOURS = figures.by_length(0.25, 8)
BUILT = os.path.join(os.environ['LAB_BUILD'], 'tests/attack')
PLACES = ('/usr/sbin/sallyportd', *(f'/usr/libexec/sallyport/sallyport-{room}' for room in ('door', 'nursery', 'keyholder')))


def _hurry():
    """The same server again, by the other clock, with a new state: nothing in it is of the future."""
    rooms.kill(rooms.main())
    lab.wait_until('the end of its rooms', lambda: not rooms.processes(), 20)
    for place in PLACES:
        shutil.copy(f'{BUILT}/{os.path.basename(place)}.hurried', place + '.new')
        os.replace(place + '.new', place)
    shutil.rmtree(os.environ['LAB_STATE'])
    server = subprocess.Popen([os.environ['LAB_START_SERVER']])
    # Whoever asks the bus before has it start another one.
    lab.wait_until('the server', lambda: lab.server_log().count('starting → on') == 2, 60)
    return server


def _guests(logins, hours, seed):
    """What they did."""
    words = lab.run(f'{BUILT}/endurance', '--guests', str(GUESTS), '--hours', str(hours), '--seed', str(seed), lab.SERVER_ADDRESS,
                    str(lab.PORT), lab.HOME_ADDRESS, swarm.SOURCES.partition('/')[0], *logins, namespace=swarm.NAMESPACE,
                    input=read_password() + '\n', timeout=LONG_SECONDS)
    print(words.strip())
    return json.loads(words)


def _descriptors(process):
    """What they are: {kind: how many}, sockets by their protocol."""
    found = collections.Counter()
    for name in os.listdir(f'/proc/{process}/fd'):
        try:
            what = os.readlink(f'/proc/{process}/fd/{name}')
            kind = os.getxattr(f'/proc/{process}/fd/{name}', 'system.sockprotoname').decode().strip('\0') if 'socket:' in what else what
        except OSError:  # closed meanwhile
            continue
        found[re.sub(r'\d+', 'N', kind)] += 1
    return dict(found)


def _resident_megabytes(process):
    with open(f'/proc/{process}/smaps_rollup', encoding='ascii') as file:
        return sum(int(line.split()[1]) for line in file if line.startswith('Private_')) / 1024


def _elements():
    """Of the firewall's sets and maps, and its chains."""
    table = json.loads(lab.run('nft', '--json', 'list', 'table', 'inet', 'sallyport', namespace=lab.SERVER))['nftables']
    counted = collections.Counter()
    for each in table:
        (kind, what), = each.items()
        counted[kind] += 1
        counted[f'elements of {what.get("name", "")}'] += len(what.get('elem', [])) if isinstance(what, dict) else 0
    return +counted


def _belongings():
    """What the server has of the machine, and of whom."""
    devices = lab.run('ip', '-o', 'link', namespace=lab.SERVER).count('sally')
    found = {'processes': sorted(rooms.processes().values()), 'TUN devices': devices, 'firewall': _elements(),
             'routes': len(lab.run('ip', 'route', 'show', 'table', 'all', namespace=lab.SERVER).splitlines())}
    found['descriptors of main'] = _descriptors(rooms.main())
    for room in ('door', 'keyholder', 'nursery'):
        process = rooms.room(room)
        found[f'descriptors of the {room}'] = process and _descriptors(process)
    return found


def _calm():
    """Everybody is gone, and the last cookie is dead."""
    lab.wait_until('the end of the last session', lambda: not lab.sessions(), 90)
    seen = {}

    def is_steady():
        """Sockets linger, workers are started ahead, and so is a device: until two looks in a row see the same, and it is gone."""
        before = dict(seen)
        seen.update(_belongings())
        return before == seen and not rooms.workers() and seen['TUN devices'] == 0

    def look():
        signal.sigtimedwait([], 1)
        return is_steady()

    lab.wait_until('the server to come to rest', look, 90)
    return seen


def _megabytes():
    return sum(_resident_megabytes(process) for process in (rooms.main(), rooms.room('door'), rooms.room('keyholder')))


def _rows():
    return [json.loads(line) for line in lab.control('history', '--lines').splitlines()]


def _judge_counters(did, rows):
    """What the server counted lies between what the guests sent and what they heard."""
    opened = did['signed_in']
    lab.holds(opened <= len(rows) <= opened + sum(did['ends'].values()), f'{len(rows)} sessions in the history, {opened} sign-ins')
    lab.holds(all(row['ended-at-usec'] >= row['started-at-usec'] and row['reason'] for row in rows), 'ends of sessions')
    received, sent = (sum(row[f'{way}-bytes'] for row in rows) for way in ('rx', 'tx'))
    lab.equal((received % did['packet'], sent % did['packet']), (0, 0), 'bytes that are no whole packets')
    received, sent = received // did['packet'], sent // did['packet']
    print(f'packets: guests sent {did["pinged"]}, the server received {received} and sent {sent}, guests heard {did["heard"]}')
    lab.holds(did['pinged'] >= received >= sent >= did['heard'], 'packets that nobody sent')
    return received


def _judge(before, after, did, rows, grown):
    stayed = [f'{what}: {had} became {after[what]}' for what, had in before.items() if after[what] != had]
    print(*stayed, sep='\n')
    for deed in ('signed_in', 'returned', 'heard', 'roamed', 'renewed_stream', 'renewed_datagrams', 'vanished', 'signed_out'):
        lab.holds(did[deed] > 0, f'nobody {deed}')
    received = _judge_counters(did, rows)
    tell = figures.tell
    tell(ATTACK, 'hours of model time', HOURS, None, 'h')
    tell(ATTACK, 'clients', GUESTS, None, 'clients')
    tell(ATTACK, 'tunnels', did['signed_in'] + did['returned'], None, 'tunnels')
    tell(ATTACK, 'new addresses in the middle', did['roamed'], None, 'times')
    tell(ATTACK, 'renewals of keys by clients', did['renewed_stream'] + did['renewed_datagrams'], None, 'times')
    tell(ATTACK, 'kinds of belongings (processes, descriptors, devices, firewall, routes) of which something stayed', len(stayed), '== 0', 'kinds')
    tell(ATTACK, 'clients that could not sign out', did['left'], '== 0', 'clients')
    tell(ATTACK, 'memory that main, door and keyholder gained', round(grown, 2), '< 8', 'MB')
    tell(ATTACK, 'packets of clients that did not arrive', round(100 * (1 - received / did['pinged']), 2), None, '%')


def hours_of_coming_and_going_leave_nothing_behind():
    server = _hurry()
    logins = swarm.add_users(20)
    swarm.add_namespace()
    _guests(logins, WARM_UP_HOURS, 1)
    # SQLite keeps a descriptor of who read, for who reads next.
    known, before = len(_rows()), _calm()
    memory = _megabytes()
    did = _guests(logins, HOURS, 2)
    after = _calm()
    _judge(before, after, did, _rows()[:-known or None], _megabytes() - memory)
    server.terminate()
    server.wait(20)
