# SPDX-License-Identifier: GPL-2.0-or-later
"""What programs for another kind of machine are built with and find when they run: Debian's packages for it, of the release
of this machine.  They are unpacked and nothing of them is run.  Made once and kept below the user's cache."""

import contextlib
import fcntl
import hashlib
import os
import shutil

import runtime

HERE = os.path.dirname(os.path.abspath(__file__))
# Of the window, which is not built; and what nobody reads there.
WINDOW = {'libadwaita-1-dev', 'libgtk-4-dev', 'libnm-dev'}
# Opened by programs and libraries while they run.
LOADED = {'glib-networking', 'softhsm2'}
UNUSED = ('bin', 'games', 'sbin', 'share/doc', 'share/gir-1.0', 'share/icons', 'share/info', 'share/locale', 'share/man')


def cache():
    return os.path.join(os.environ.get('XDG_CACHE_HOME', '/var/cache'), 'sallyport-tests', 'cross')


def included():
    """What a server without a window is built with, as tools/packages.txt says."""
    with open(f'{HERE}/../../tools/packages.txt', encoding='utf-8') as file:
        rows = [line.split(None, 2) for line in file if line.strip() and line[0] != '#']
    needed = {name for name, purpose, _ in rows if purpose == 'run' and name.endswith('-dev')}
    return sorted(needed - WINDOW | LOADED)


def source():
    """Of what this machine is installed from the archive of the whole release: others come later for some machines, and the
    packages of two kinds of machines would not be of one version."""
    lines = runtime.sources().splitlines()
    return next((line for line in lines if line.split()[2] == runtime.release()), lines[0])


def key():
    """Changes with all that it is made of and how."""
    with open(__file__, 'rb') as file:
        return hashlib.sha256(file.read() + source().encode() + ' '.join(included()).encode()).hexdigest()[:16]


def make(machine, tree):
    """With mounts and processes of its own, so that none is left when it is ended."""
    partial = f'{tree}.partial'
    for folder in (partial, tree):
        shutil.rmtree(folder, ignore_errors=True)
    runtime.must(f'packages of Debian for {machine} cannot be fetched (a network is needed, once)',
                 'setpriv', '--pdeathsig', 'KILL', 'unshare', '--mount', '--pid', '--fork', '--kill-child=KILL', '--mount-proc',
                 '--propagation', 'private', '--',
                 'mmdebstrap', '--mode=root', '--variant=extract', f'--architectures={machine}', '--aptopt=Acquire::Retries "3"',
                 *runtime.proxies(), f'--include={",".join(included())}', '--', runtime.release(), partial, source())
    for name in UNUSED:
        shutil.rmtree(f'{partial}/usr/{name}', ignore_errors=True)
    os.rename(partial, tree)


def forget_others(machine, mine):
    """What was made for this kind of machine of other packages."""
    for name in os.listdir(cache()):
        if name.startswith(f'{machine}-') and not name.startswith(mine):
            shutil.rmtree(f'{cache()}/{name}')


@contextlib.contextmanager
def held(machine):
    """The tree; it stays as long as it is held, and a second run waits while it is made."""
    mine = f'{machine}-{key()}'
    tree = f'{cache()}/{mine}'
    os.makedirs(cache(), exist_ok=True)
    with open(f'{cache()}/{machine}.lock', 'ab') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.exists(tree):
            make(machine, tree)
        forget_others(machine, mine)
        yield tree
