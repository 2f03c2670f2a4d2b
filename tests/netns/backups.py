# SPDX-License-Identifier: GPL-2.0-or-later
"""Stories of backups: another machine becomes this server, damage changes nothing, no moment of dying is a bad one."""

import contextlib
import os
import random
import shutil
import signal
import subprocess
import time

import lab
import records
import rooms
from client import Client

BACKUP, OTHER, PASSPHRASE = '/run/server.backup', '/run/other.backup', '/run/passphrase'
STATE, CONFIG = os.environ['LAB_STATE'], os.environ['LAB_CONFIG']
DEATHS = 40


def _passphrase(text='a passphrase for backups'):
    with open(PASSPHRASE, 'w', encoding='ascii') as file:
        file.write(text + '\n')
    return ('--passphrase-file', PASSPHRASE)


def _create(path=BACKUP):
    lab.control('backup', 'create', path, '--replace', *_passphrase())


def _restore(path=BACKUP, *options):
    return lab.control('backup', 'restore', path, '--yes', *_passphrase(), *options)


def _refused(*command, saying=''):
    done = subprocess.run(['sallyportctl', *command], check=False, capture_output=True, text=True, timeout=60)
    lab.holds(done.returncode != 0 and saying in done.stderr, f'{command}: {done}')


def _pin():
    return lab.control_json('status')['certificate-pin']


def _logins():
    return [user['login'] for user in lab.control_json('user', 'list')['users']]


def _end_server():
    process = rooms.main()
    os.kill(process, signal.SIGTERM)
    lab.wait_until('the end of all processes', lambda: not rooms.processes(), 20)


def _let_nobody_else_start_it():
    """The bus would start another one, with other folders, in the stead of one that was killed."""
    os.unlink('/usr/share/dbus-1/system-services/org.sallyport.Sallyport1.service')
    lab.run('gdbus', 'call', '--system', '--dest', 'org.freedesktop.DBus', '--object-path', '/org/freedesktop/DBus',
            '--method', 'org.freedesktop.DBus.ReloadConfig')


def _is_ready():
    return lab.succeeds('sallyportctl', 'status', '--wait', '5') and _pin() != ''


def _start_server():
    server = subprocess.Popen([os.environ['LAB_START_SERVER']])
    lab.wait_until('the server', lambda: _is_ready() and lab.control_json('status')['state'] == 'on', 20)
    return server


def another_machine_becomes_the_server_that_the_backup_was_made_of():
    old_pin = _pin()
    with open(CONFIG, 'a', encoding='ascii') as file:
        file.write('\n[tunnel]\nbanner = Restored\n')
    lab.control('user', 'change', os.environ['LAB_USER'], '--full-name', 'Alice of the old house')
    _create()
    _end_server()
    # A new machine knows nothing.
    _let_nobody_else_start_it()
    shutil.move(STATE, '/run/old-state')
    with open(CONFIG, encoding='ascii') as file:
        settings = file.read()
    with open(CONFIG, 'w', encoding='ascii') as file:
        file.write(settings.replace('banner = Restored', ''))
    server = _start_server()
    lab.equal(_logins(), [], 'users of a new machine')
    lab.holds(_pin() != old_pin, 'the new machine has the old key')
    lab.control('user', 'add', 'somebody', '--generate-password')
    lab.holds('is restored' in _restore(), 'the tool does not say so')
    lab.equal(_pin(), old_pin, 'pin')
    users = lab.control_json('user', 'list')['users']
    lab.equal([(user['login'], user['full-name']) for user in users], [(os.environ['LAB_USER'], 'Alice of the old house')], 'users')
    lab.equal(lab.control_json('status')['state'], 'on', 'state')
    # The old pin, the old password; and the settings came along.
    client = Client().wait_connected().wait_dtls()
    client.fetch('peer')
    with open(CONFIG, encoding='ascii') as file:
        lab.holds('banner = Restored' in file.read(), 'the settings were not restored')
    client.disconnect()
    server.terminate()
    server.wait(20)


def sessions_end_with_a_restore_and_their_cookies_do_not_come_back():
    tunnel = records.open_tunnel()
    cookie = tunnel.cookie
    records.open_tunnel(cookie=cookie)  # it is good
    client = Client().wait_connected()
    _create()
    _restore()
    lab.equal(client.wait_exit(30), 1, 'status of openconnect')
    lab.equal(lab.sessions(), [], 'sessions')
    answer = records.connect().ask_for_tunnel(cookie)
    lab.holds(answer.status != 200, f'an old cookie opened a tunnel: {answer}')
    Client().wait_connected().wait_dtls()
    lab.equal(len(lab.sessions()), 1, 'sessions')


def _files():
    found = {}
    for folder in (STATE, f'{STATE}/keyholder', os.path.dirname(CONFIG)):
        found[folder] = sorted(os.listdir(folder))
    return found


def a_damaged_or_foreign_backup_changes_nothing():
    _create()
    client = Client().wait_connected().wait_dtls()
    pin, logins, files = _pin(), _logins(), _files()
    with open(BACKUP, 'rb') as file:
        good = file.read()
    chance = random.Random(1)
    wrong = {'header': bytes([good[20] ^ 1]).join((good[:20], good[21:])), 'empty': b'', 'foreign': b'SQLite format 3\0' + good[16:],
             'newer': good[:9] + b'\x07' + good[10:], 'longer': good + b'x', 'cut': good[:len(good) // 2], 'cut by one': good[:-1]}
    for number in range(8):
        place = chance.randrange(124, len(good))
        wrong[f'bit at {place}'] = good[:place] + bytes([good[place] ^ (1 << number)]) + good[place + 1:]
    for name, content in wrong.items():
        with open(OTHER, 'wb') as file:
            file.write(content)
        for verb in (['check'], ['restore', '--yes']):
            _refused('backup', *verb, OTHER, *_passphrase(), saying='newer' if name == 'newer' else '')
        lab.equal((_pin(), _logins(), _files()), (pin, logins, files), f'after {name}')
    _refused('backup', 'restore', '--yes', BACKUP, *_passphrase('another passphrase'), saying='passphrase is not that')
    _refused('backup', 'create', OTHER, '--replace', *_passphrase('short'), saying='at least 8 bytes')
    lab.equal((_pin(), _logins(), _files()), (pin, logins, files), 'after wrong passphrases')
    # Nobody was disturbed, and the good one still is.
    client.fetch('peer')
    lab.equal(client.count('Established DTLS connection'), 1, 'DTLS connections')
    lab.control('backup', 'check', BACKUP, *_passphrase())


def settings_that_do_not_fit_are_refused_or_left_out():
    with open(CONFIG, encoding='ascii') as file:
        fitting = file.read()
    with open(CONFIG, 'w', encoding='ascii') as file:
        file.write(fitting + '\n[server]\nnonsense = 1\n')
    _create()
    with open(CONFIG, 'w', encoding='ascii') as file:
        file.write(fitting)
    lab.control('user', 'add', 'later', '--generate-password')
    before = _files()
    _refused('backup', 'restore', '--yes', BACKUP, *_passphrase(), saying='nonsense')
    lab.wait_until('nothing but the old files', lambda: _files() == before)
    lab.holds('later' in _logins(), 'a refused backup changed the users')
    _restore(BACKUP, '--keep-settings')
    lab.equal(_logins(), [os.environ['LAB_USER']], 'users')
    with open(CONFIG, encoding='ascii') as file:
        lab.equal(file.read(), fitting, 'settings')


def resetting_makes_a_new_server_and_a_backup_brings_the_old_one_back():
    pin = _pin()
    _create()
    lab.control('reset', '--yes')
    status = lab.control_json('status')
    lab.equal(status['state'], 'off', 'state')
    lab.holds(status['certificate-pin'] != pin, 'the key stayed')
    lab.equal((_logins(), lab.control_json('history')['history']), ([], []), 'users and history')
    _restore()
    lab.equal((_pin(), _logins()), (pin, [os.environ['LAB_USER']]), 'the old server')
    lab.control('start')
    Client().wait_connected()


def a_daemon_that_is_killed_during_a_restore_has_the_old_state_or_the_new_one():
    _let_nobody_else_start_it()
    _create(BACKUP)
    states = {_pin(): _logins()}
    lab.control('reset', '--yes')
    lab.control('user', 'add', 'bert', '--generate-password')
    lab.control('user', 'add', 'carl', '--generate-password')
    lab.control('start')
    _create(OTHER)
    states[_pin()] = _logins()
    lab.equal(len(states), 2, 'states')
    seen, chance = {}, random.Random(7)
    backups = {pin: path for pin, path in zip(states, (BACKUP, OTHER))}
    # How long one takes here and now; who kills at chance moments of it meets both outcomes.
    began = time.monotonic()
    _restore(BACKUP)
    whole = time.monotonic() - began
    current, server = _pin(), None
    for _ in range(DEATHS):
        wanted = next(pin for pin in states if pin != current)
        restoring = subprocess.Popen(['sallyportctl', 'backup', 'restore', '--yes', backups[wanted], *_passphrase()],
                                     stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            restoring.wait(chance.uniform(0.05, 1.3) * whole)
        except subprocess.TimeoutExpired:
            pass
        victim = chance.choice(('main', 'main', 'keyholder'))
        process = rooms.main() if victim == 'main' else rooms.room('keyholder')
        if process is not None:
            # It may have ended by itself since: the restore replaces it.
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        restoring.wait(60)
        if victim == 'main':
            if server is not None:
                server.wait(10)
            lab.wait_until('the end of its rooms', lambda: not rooms.processes(), 10)
            server = subprocess.Popen([os.environ['LAB_START_SERVER']])
        lab.wait_until('the server', _is_ready, 20)
        current = lab.wait_until('a key', _pin)  # a killed keyholder may be noticed only now
        lab.holds(current in states, f"a third key: {current} after {victim}, {states}")
        lab.equal(_logins(), states[current], f'users of {current}')
        lab.wait_until('nothing but the database', lambda: all(name.startswith('keyholder.db') for name in os.listdir(f'{STATE}/keyholder')))
        lab.holds(not os.path.exists(f'{STATE}/restore'), 'the folder of the restore stayed')
        seen[(victim, current == wanted)] = seen.get((victim, current == wanted), 0) + 1
    print('outcomes (victim, new state):', seen)
    lab.holds(any(new for _, new in seen) and not all(new for _, new in seen), f'only one outcome: {seen}')
    _restore(BACKUP)
    Client().wait_connected()


def weekly_backups_are_made_kept_and_restored_by_their_passphrase():
    folder = '/run/weekly'
    os.makedirs(folder)
    with open(f'{folder}/sallyport-note.backup', 'w', encoding='ascii') as file:
        file.write('not ours')
    lab.control('config', 'set', f'backup-folder={folder}', 'backup-keep=2')
    status = lab.wait_until('a failure without a passphrase', lambda: lab.control_json('status')['last-backup-error'] and lab.control_json('status'))
    lab.holds('passphrase' in status['last-backup-error'] and status['last-backup-at'] is None, status)
    lab.control('backup', 'passphrase', *_passphrase('weekly passphrase'))
    made = lab.wait_until('the first backup', lambda: _weekly(folder))
    lab.equal(len(made), 1, 'backups')
    lab.wait_until('the end of the failure', lambda: lab.control_json('status')['last-backup-error'] == '')
    lab.control('backup', 'check', f'{folder}/{made[0]}', *_passphrase('weekly passphrase'))
    _refused('backup', 'check', f'{folder}/{made[0]}', *_passphrase('another passphrase'), saying='passphrase')
    # Two that are older: another one is due, and one too many is there.  Then nothing is due.
    os.rename(f'{folder}/{made[0]}', f'{folder}/sallyport-20200110-000000.backup')
    shutil.copy(f'{folder}/sallyport-20200110-000000.backup', f'{folder}/sallyport-20200103-000000.backup')
    lab.control('user', 'add', 'bert', '--generate-password')
    lab.control('config', 'reload')
    lab.control('config', 'set', 'banner=Changed')
    made = lab.wait_until('the second backup', lambda: (names := _weekly(folder)) and '2020' not in names[-1] and len(names) == 2 and names)
    lab.equal(made[0], 'sallyport-20200110-000000.backup', 'the older one that is kept')
    lab.control('config', 'set', 'banner=Changed again')
    _create()
    lab.equal((_weekly(folder), sorted(os.listdir(folder))), (made, sorted([*made, 'sallyport-note.backup'])), 'backups')
    # The machine that was restored goes on with the same passphrase.
    lab.control('user', 'remove', 'bert')
    lab.control('backup', 'restore', '--yes', f'{folder}/{made[1]}', *_passphrase('weekly passphrase'))
    lab.equal(_logins(), [os.environ['LAB_USER'], 'bert'], 'users')
    os.unlink(f'{folder}/{made[1]}')
    lab.control('config', 'set', 'banner=Once more')
    made = lab.wait_until('a backup of the restored server', lambda: (names := _weekly(folder)) and len(names) == 2 and names)
    lab.control('backup', 'check', f'{folder}/{made[1]}', *_passphrase('weekly passphrase'))
    lab.control('backup', 'passphrase', '--forget')
    os.unlink(f'{folder}/{made[1]}')
    lab.control('config', 'set', 'banner=The last')
    lab.wait_until('a failure without a passphrase', lambda: lab.control_json('status')['last-backup-error'])


def _weekly(folder):
    return sorted(name for name in os.listdir(folder) if name.startswith('sallyport-2'))
