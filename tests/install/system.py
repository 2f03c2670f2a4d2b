# SPDX-License-Identifier: GPL-2.0-or-later
"""A small Debian of the machine's own release, as a tree: systemd, a bus, polkit, and what our packages and their own tests
want to be there, so that they are installed without a network.  Made once and kept below the user's cache."""

import contextlib
import fcntl
import hashlib
import os
import platform
import shutil

import packages
import runtime

NAMED = {'dbus', 'libpam-systemd', 'polkitd', 'systemd', 'systemd-sysv'}


def cache():
    return os.path.join(os.environ.get('XDG_CACHE_HOME', '/var/cache'), 'sallyport-tests', 'install')


def names(dependencies):
    """The first choice of each, without versions."""
    return {part.split('|')[0].split('(')[0].strip() for part in dependencies.split(',') if part.strip()}


def test_stanzas():
    """Of debian/tests/control, as dictionaries."""
    with open(f'{packages.TREE}/debian/tests/control', encoding='utf-8') as file:
        stanzas = file.read().strip().split('\n\n')
    return [dict(line.split(': ', 1) for line in stanza.splitlines()) for stanza in stanzas]


def included(built):
    wanted = NAMED.union(*(names(packages.field(path, 'Depends')) for path in built.values()),
                         *(names(stanza['Depends']) for stanza in test_stanzas()))
    return sorted(wanted - {'@', *packages.NAMES})


def key(wanted):
    """Changes with all that it is made of and how."""
    with open(__file__, 'rb') as file:
        how = file.read()
    return hashlib.sha256(how + platform.machine().encode() + runtime.sources().encode() + ' '.join(wanted).encode()).hexdigest()[:16]


def make(wanted, tree):
    with_all = f'{tree}.partial'
    for folder in (with_all, tree):
        shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(with_all)
    with open(f'{with_all}/sources', 'w', encoding='ascii') as file:
        file.write(runtime.sources())
    # With mounts and processes of its own, so that none is left when it is ended.
    runtime.must('packages of Debian cannot be fetched and installed (a network is needed, once)',
                 'setpriv', '--pdeathsig', 'KILL', 'unshare', '--mount', '--pid', '--fork', '--kill-child=KILL', '--mount-proc',
                 '--propagation', 'private', '--',
                 'mmdebstrap', '--mode=root', '--variant=minbase', '--aptopt=Acquire::Retries "3"', '--dpkgopt=force-unsafe-io',
                 *runtime.proxies(), f'--include={",".join(wanted)}', '--', runtime.release(), f'{with_all}/tree', f'{with_all}/sources')
    os.rename(f'{with_all}/tree', tree)
    shutil.rmtree(with_all)


def forget_others(mine):
    """What no run uses now and this one would make otherwise."""
    for name in os.listdir(cache()):
        other, ending = os.path.splitext(name)
        if ending != '.lock' or other == mine:
            continue
        with open(f'{cache()}/{name}', 'rb') as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            for folder in (other, f'{other}.partial'):
                shutil.rmtree(f'{cache()}/{folder}', ignore_errors=True)


@contextlib.contextmanager
def held(built):
    """The tree; it stays as long as it is held, and a second run waits while it is made."""
    wanted = included(built)
    mine = key(wanted)
    tree = f'{cache()}/{mine}'
    with open(f'{tree}.lock', 'ab') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.exists(tree):
            make(wanted, tree)
        forget_others(mine)
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield tree
