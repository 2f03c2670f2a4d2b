# SPDX-License-Identifier: GPL-2.0-or-later
"""Programs of another kind of machine, emulated one at a time by qemu-user.  The kernel is this machine's."""

import os
import shutil
import subprocess

import building

# Mounts and processes of its own, so that none is left when it is ended.
APART = ('setpriv', '--pdeathsig', 'KILL', 'unshare', '--mount', '--pid', '--fork', '--kill-child=KILL', '--mount-proc',
         '--propagation', 'private', '--')
SCRIPT = """#!/bin/sh
exec {emulator} -L {tree} -0 {program} {copy} "$@"{options}
"""


def copy_of(folder, program):
    return f'{folder}/emulated/{os.path.relpath(program, folder)}'


def programs(folder):
    for path in building.targets(folder):
        with open(path, 'rb') as file:
            if file.read(4) == b'\x7fELF':
                yield path


def cover(machine, tree, options):
    """The kernel of this machine knows no programs of another, but it knows scripts.  So each program becomes one that has it
    emulated, also where a test starts it; in this mount namespace, and the build stays as it is.  `options` are by program."""
    folder = building.folder_of(machine)
    shutil.rmtree(f'{folder}/emulated', ignore_errors=True)
    for program in list(programs(folder)):
        copy = copy_of(folder, program)
        os.makedirs(os.path.dirname(copy), exist_ok=True)
        os.link(program, copy)
        with open(f'{copy}.sh', 'w', encoding='utf-8') as file:
            file.write(SCRIPT.format(emulator=shutil.which(machine.emulator), tree=tree, program=program, copy=copy,
                                     options=''.join(f' {word}' for word in options.get(program, []))))
        os.chmod(f'{copy}.sh', 0o755)
        subprocess.run(['mount', '--bind', f'{copy}.sh', program], check=True)
