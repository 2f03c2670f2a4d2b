#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""debian_packages.py FOLDER

Builds the Debian packages of the tree as it lies here, in a copy of it that has nothing else in it, and leaves them in FOLDER."""

import glob
import os
import shutil
import subprocess
import sys
import tempfile

TREE = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
NAMES = ('sallyport', 'sallyport-server')
COMPILERS = '/usr/lib/ccache'


class CannotBeBuilt(Exception):
    """Says why."""


def copy_tree(into):
    """What git has, and what it would take."""
    asked = subprocess.run(['git', '-c', 'safe.directory=*', 'ls-files', '-z', '--cached', '--others', '--exclude-standard'],
                           cwd=TREE, check=False, capture_output=True)
    if asked.returncode:
        raise CannotBeBuilt(f'git does not say what belongs to them: {os.fsdecode(asked.stderr).strip()}')
    for name in sorted(os.fsdecode(name) for name in asked.stdout.split(b'\0') if name):
        if not os.path.lexists(f'{TREE}/{name}'):
            continue  # deleted, and not yet from git
        os.makedirs(os.path.dirname(f'{into}/{name}'), exist_ok=True)
        shutil.copy2(f'{TREE}/{name}', f'{into}/{name}', follow_symlinks=False)


def environment(folder):
    """The compilers that remember, where they are; debhelper hides the home folder from them."""
    return {**os.environ, 'LC_ALL': 'C.UTF-8', 'DEB_BUILD_OPTIONS': f'nocheck noautodbgsym parallel={os.cpu_count()}',
            'PATH': f'{COMPILERS}:{os.environ["PATH"]}',
            'CCACHE_DIR': os.environ.get('CCACHE_DIR', f'{folder}/ccache')}


def build(folder):
    """Always at the same place, since compilers that remember look at paths.  Returns the packages by their names."""
    tree, results = f'{folder}/build/sallyport', f'{folder}/build'
    shutil.rmtree(results, ignore_errors=True)
    os.makedirs(tree)
    copy_tree(tree)
    done = subprocess.run(['dpkg-buildpackage', '--build=binary', '--no-sign'], check=False, cwd=tree, env=environment(folder),
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors='replace')
    if done.returncode:
        raise CannotBeBuilt(f'the packages do not build (status {done.returncode}):\n{done.stdout[-4000:]}')
    shutil.rmtree(tree)
    return {name: glob.glob(f'{results}/{name}_*.deb')[0] for name in NAMES}


def hand_over(path):
    """To whoever asked sudo for it."""
    os.chown(path, int(os.environ.get('SUDO_UID', '-1')), int(os.environ.get('SUDO_GID', '-1')))


def main(into):
    if not os.path.isdir(into):
        os.makedirs(into)
        hand_over(into)
    print('Building two packages; this takes some minutes.', flush=True)
    with tempfile.TemporaryDirectory() as folder:
        try:
            built = build(folder)
        except CannotBeBuilt as failure:
            sys.exit(f'run: {failure}')
        kept = [shutil.copy(path, into) for path in built.values()]
    for path in kept:
        hand_over(path)
    print(f'To install them:\n  sudo apt install {" ".join(map(os.path.realpath, kept))}')


if __name__ == '__main__':
    main(sys.argv[1])
