# SPDX-License-Identifier: GPL-2.0-or-later
"""Backups on the bus: who may, with which descriptors, and what the control tool makes of them."""

import os

from authorisation import give_password, type_password
from theatre import FOLDER, NAME, SERVER, expect

IFACE = f'{NAME}.Server'
METHODS = ('ExportBackup', 'CheckBackup', 'ImportBackup')
WITH_FILES = '(handle 0, handle 1, @a{sv} {})'
RESTORE = ('backup', 'restore', '--yes')


def story_who_may(stage):
    """Backups and resetting are for who may have the secrets, and membership of a group is not enough."""
    for method in METHODS:
        for user, error in (('bob', 'NotAuthorized'), ('dave', 'NotAuthorizedCanObtain'), ('carol', 'NotAuthorizedCanObtain')):
            refused = stage.call(user, SERVER, IFACE, method, '(handle 0, handle 0, @a{sv} {})', '--fd', 'sealed', 'x').must(1)
            expect(refused.out.startswith(f'{error}\n'), method, user, refused)
    for user in ('bob', 'dave'):
        stage.control(user, 'reset', '--yes', '--no-ask-password').must(5)
    for user, error in (('bob', 'NotAuthorized'), ('dave', 'NotAuthorizedCanObtain')):
        refused = stage.call(user, SERVER, IFACE, 'SetBackupPassphrase', '(handle 0, @a{sv} {})', '--fd', 'sealed', 'a passphrase').must(1)
        expect(refused.out.startswith(f'{error}\n'), user, refused)
        stage.control(user, 'backup', 'passphrase', '--forget', '--no-ask-password').must(5)
    stage.control('root', 'backup', 'passphrase', text=stage.secret('weekly-secret-9') + '\n').must()
    stage.control('root', 'backup', 'passphrase', '--forget').must()
    stage.control('root', 'reset', '--yes').must()
    stage.call('alice', SERVER, IFACE, 'Reset', '(@a{sv} {},)').must()


def story_asked_each_time(stage):
    """Who authenticated for one backup is asked again for the next."""
    right = give_password(stage, 'carol')
    os.chmod(FOLDER, 0o755)
    for _ in range(2):
        status, said = type_password(stage, 'carol', ['sallyportctl', 'reset', '--yes'], [right, right])
        expect(status == 0 and 'Authentication is required to erase the VPN server, its users and keys' in said, status, said)


def story_descriptors(stage):
    """A backup goes to a regular file only, a passphrase comes from a sealed memory file only."""
    for kind, content in (('sealed', ''), ('pipe', 'x'), ('half-sealed', 'x'), ('file', 'x')):
        refused = stage.call('root', SERVER, IFACE, 'CheckBackup', '(handle 0, handle 0, @a{sv} {})', '--fd', kind, content).must(1)
        expect(refused.out.startswith('InvalidArgs\n') and ('passphrase' in refused.out or 'file' in refused.out), kind, refused)
    refused = stage.call('root', SERVER, IFACE, 'CheckBackup', WITH_FILES, '--fd', 'sealed', 'x').must(1)
    expect('passphrase' in refused.out, refused)
    refused = stage.call('root', SERVER, IFACE, 'ImportBackup', "(handle 0, handle 0, {'settings': <1>})", '--fd', 'sealed', 'x').must(1)
    expect(refused.out.startswith('InvalidArgs\n') and 'settings' in refused.out, refused)


def story_tool(stage):
    """The control tool writes, checks and restores; the passphrase is neither seen nor said."""
    passphrase = stage.secret('a-passphrase-for-backups')
    backup = f'{FOLDER}/test.backup'
    made = stage.control('root', 'backup', 'create', backup, '--json', text=passphrase + '\n').must().json
    expect(made['file'] == backup and made['program'] == '0.1' and made['created-at-usec'] == 1700000000000000, made)
    expect(os.stat(backup).st_mode & 0o777 == 0o600 and not os.path.exists(backup + '.unfinished'))
    stage.control('root', 'backup', 'create', backup, text=passphrase + '\n').must(1)
    stage.control('root', 'backup', 'create', backup, '--replace', text=passphrase + '\n').must()
    expect('is sound' in stage.control('root', 'backup', 'check', backup, text=passphrase + '\n').must().out)
    stage.control('root', 'backup', 'check', backup, text='another one\n').must(4)
    stage.control('root', *RESTORE, backup, text='another one\n').must(4)
    expect('is restored' in stage.control('root', *RESTORE, backup, text=passphrase + '\n').must().out)
    stage.control('root', *RESTORE, '--keep-settings', backup, text=passphrase + '\n').must()
    stage.control('root', 'backup', 'check', f'{FOLDER}/none', text=passphrase + '\n').must(1)


def story_confirmation(stage):
    """What cannot be undone is asked for first, and refused where nobody can be asked."""
    stage.control('root', 'reset').must(4)
    stage.control('root', 'backup', 'restore', f'{FOLDER}/any', text='x\n').must(4)
    for answer, expected in ((b'no\n', 1), (b'yes\n', 0)):
        status, said = answer_on_terminal(['sallyportctl', 'reset'], answer)
        expect(status == expected and 'Only a backup' in said, answer, status, said)


def answer_on_terminal(command, answer):
    import pty
    process, terminal = pty.fork()
    if process == 0:
        os.execvp(command[0], command)
    said = b''
    try:
        while piece := os.read(terminal, 4096):
            said += piece
            if said.endswith(b': '):
                os.write(terminal, answer)
    except OSError:
        pass
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), said.decode()
