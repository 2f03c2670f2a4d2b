# SPDX-License-Identifier: GPL-2.0-or-later
"""What the service does when its disk is full, read-only or damaged."""

import contextlib
import ctypes
import os
import sqlite3
import struct
import subprocess
import time

import whole
from theatre import NAME, SERVER, Skipped, expect, read, wait_for

STATE = '/var/lib/sallyport'
FILLER = f'{STATE}/filler'


def small_disk():
    """The state folder on a disk of its own, that can be filled."""
    os.makedirs(STATE, exist_ok=True)
    subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=3M,mode=755', 'tmpfs', STATE], check=True)


def fill():
    with open(FILLER, 'wb', buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            pass


def add(stage, login):
    return stage.call('root', SERVER, f'{NAME}.Server', 'AddUser', f"({{'Login': <'{login}'>}}, @a{{sv}} {{}})")


def logins(stage):
    return [user['login'] for user in stage.control('root', 'user', 'list', '--json').must().json['users']]


def refused_by_the_disk(stage, login):
    refused = add(stage, login).must(1)
    expect(refused.out.startswith('Failed\n') and 'full' in refused.out, refused)
    expect(login not in logins(stage))


def keyholder(stage):
    return stage.run('root', 'pgrep', '-x', 'sallyport-keyho').must().out.split()


def story_full(stage):
    """On a full disk changes fail with a name, tunnels go on, and with room again changes are made."""
    small_disk()
    pin = whole.start(stage)['certificate-pin']
    passwords = {login: whole.add(stage, login) for login in ('anna', 'bert')}
    clients = [whole.Client(stage, pin, *pair).connected() for pair in passwords.items()]
    secrets = keyholder(stage)
    fill()
    # What was reserved before takes a few changes.
    wait_for('the end of the room', lambda: add(stage, f'u{len(logins(stage))}').status == 1)
    before = logins(stage)
    refused_by_the_disk(stage, 'carla')
    # That a client went away is to be written, too.
    clients[1].process.kill()
    wait_for('the loss', lambda: [session for session in whole.sessions(stage) if session['state'] == 'reconnecting'])
    refused_by_the_disk(stage, 'carla')
    expect(clients[0].process.poll() is None, read(clients[0].log))
    os.unlink(FILLER)
    add(stage, 'carla').must()
    expect(logins(stage) == sorted([*before, 'carla']), logins(stage))
    expect(clients[0].process.poll() is None, read(clients[0].log))
    expect(keyholder(stage) == secrets, 'the keyholder is another')
    whole.Client(stage, pin, 'bert', passwords['bert']).connected()


def damage(path):
    with open(path, 'r+b') as file:
        size = os.fstat(file.fileno()).st_size
        for offset in range(0, size, 256):
            file.seek(offset)
            file.write(b'damage' * 8)


def fold_log(path):
    """The database alone has everything then."""
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute('PRAGMA wal_checkpoint (TRUNCATE)')


def running():
    """Nobody buries the dead here, but they have no command line."""
    return [pid for pid in filter(str.isdigit, os.listdir('/proc')) if '/sallyport' in read(f'/proc/{pid}/cmdline').split('\0')[0]]


def stop_the_service(stage):
    stage.control('root', 'stop').must()
    end_the_service(stage)


def end_the_service(stage):
    stage.run('root', 'pkill', '-TERM', '-x', 'sallyportd').must()
    wait_for('the end', lambda: not running())


def bytes_of(path):
    with open(path, 'rb') as file:
        return file.read()


def is_synchronised():
    """Whether the kernel was told that the clock is kept by somebody who knows; nothing can be wrong then."""
    asked = (ctypes.c_long * 64)()  # struct timex, whose first member says that nothing is set
    return ctypes.CDLL(None).adjtimex(asked) not in (-1, 5)


def it_has_been(moment):
    with contextlib.closing(sqlite3.connect(f'{STATE}/sallyport.db')) as database:
        database.execute("INSERT OR REPLACE INTO remembered VALUES ('latest-time', ?)", (struct.pack('<q', int(moment * 1e6)),))
        database.commit()


def story_clock(stage):
    """A clock that is behind what it has been is told, and no more when it has caught up."""
    if is_synchronised():
        raise Skipped('the clock of this computer is kept by others')
    whole.start(stage)
    expect('clock-wrong' not in health(stage), health(stage))
    stop_the_service(stage)
    it_has_been(time.time() + 86400)
    expect('clock-wrong' in health(stage), health(stage))
    expect('it says' in stage.control('root', 'check').must(1).out)
    end_the_service(stage)
    it_has_been(time.time() + 605)
    expect('clock-wrong' in health(stage), health(stage))
    wait_for('the time', lambda: 'clock-wrong' not in health(stage), 30)


def health(stage):
    return [entry['id'] for entry in stage.control('root', 'check', '--json').json['health']]


def story_damaged(stage):
    """A damaged database of either kind is told as such and left as it is; mended, it serves again."""
    whole.start(stage)
    whole.add(stage, 'anna')
    stop_the_service(stage)
    for path in (f'{STATE}/keyholder/keyholder.db', f'{STATE}/sallyport.db'):
        fold_log(path)
        undamaged = bytes_of(path)
        damage(path)
        damaged = bytes_of(path)
        for _ in range(2):
            refused = stage.control('root', 'start').must(1)
            expect('database' in refused.err, refused)
        status = stage.control('root', 'status', '--json').must().json
        expect(status['state'] == 'failed' and 'database' in str(status['last-error']), status)
        refused = add(stage, 'bert').must(1)
        expect(refused.out.startswith(('Failed\n', 'Busy\n')), refused)
        expect(bytes_of(path) == damaged, path, 'was changed')
        stage.run('root', 'pkill', '-TERM', '-x', 'sallyportd').must()
        wait_for('the end', lambda: not running())
        with open(path, 'wb') as file:
            file.write(undamaged)
        for ending in ('-wal', '-shm'):
            if os.path.exists(path + ending):
                os.unlink(path + ending)
        stage.control('root', 'start').must()
        expect(logins(stage) == ['anna'], logins(stage))
        stop_the_service(stage)
