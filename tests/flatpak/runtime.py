# SPDX-License-Identifier: GPL-2.0-or-later
"""What stands for the runtime of GNOME: Debian packages of the machine's own release, in the form of a runtime, made
once and kept below the user's cache.  One tree is both the platform and what programs are built with."""

import contextlib
import fcntl
import hashlib
import os
import platform
import shutil
import subprocess

NAME, BRANCH = 'org.sallyport.TestPlatform', 'stable'
# Modules of the manifest, by the package with which they are in the tree.
HAS = {'libqrencode': 'libqrencode-dev', 'libndp': 'libnm-dev', 'libnm': 'libnm-dev'}
PACKAGES = sorted({
    'adwaita-icon-theme', 'appstream-util', 'ccache', 'fonts-cantarell', 'gcc', 'gettext', 'itstool', 'libadwaita-1-dev',
    'libc6-dev', 'libglib2.0-bin', 'libgtk-4-dev', 'librsvg2-common', 'meson', 'ninja-build', 'openssh-client', 'pkg-config',
    *HAS.values()})
LEFT_OUT = ('doc', 'man', 'info', 'locale', 'gir-1.0')
# No line end after the last line: it must be what the repository has of it, byte by byte.
METADATA = """[Runtime]
name={name}
runtime={name}/{machine}/{branch}
sdk={name}/{machine}/{branch}

[Environment]
XDG_DATA_DIRS=/app/share:/usr/share:/run/host/user-share:/run/host/share
LD_LIBRARY_PATH=/app/lib"""


class CannotBeMade(Exception):
    """Says why."""


def cache():
    return os.path.join(os.environ.get('XDG_CACHE_HOME', '/var/cache'), 'sallyport-tests', 'flatpak')


def output(*command, **options):
    return subprocess.run(command, check=True, capture_output=True, text=True, **options).stdout


def release():
    with open('/etc/os-release', encoding='utf-8') as file:
        return dict(line.rstrip('\n').replace('"', '').split('=', 1) for line in file if '=' in line)['VERSION_CODENAME']


def sources():
    """Lines of apt, for where this machine gets its own packages from."""
    lines = set()
    targets = output('apt-get', 'indextargets', '--format', '$(SITE) $(RELEASE) $(COMPONENT)', 'Created-By: Packages')
    for line in targets.splitlines():
        site, suite, component = line.split()
        if suite.split('-')[0] == release() and component == 'main':
            lines.add(f'deb {site} {suite} main\n')
    return ''.join(sorted(lines)) or f'deb http://deb.debian.org/debian {release()} main\n'


def proxies():
    for name in ('Acquire::http::Proxy', 'Acquire::https::Proxy'):
        value = output('apt-config', 'shell', 'value', name).partition('=')[2].strip().strip("'")
        if value:
            yield f'--aptopt={name} "{value}"'


def key():
    """Changes with all that it is made of and how."""
    with open(__file__, 'rb') as file:
        return hashlib.sha256(file.read() + platform.machine().encode() + sources().encode()).hexdigest()[:16]


def environment(installation):
    """Of programs of Flatpak: `installation` is where they install for "the user"."""
    home = os.path.join(installation, 'home')
    os.makedirs(home, exist_ok=True)
    kept = {name: os.environ[name] for name in ('PATH', 'http_proxy', 'https_proxy') if name in os.environ}
    return {**kept, 'HOME': home, 'XDG_RUNTIME_DIR': home, 'XDG_DATA_HOME': f'{home}/share',
            'XDG_CACHE_HOME': f'{home}/cache', 'FLATPAK_USER_DIR': installation,
            'FLATPAK_SYSTEM_DIR': f'{home}/none', 'LC_ALL': 'C.UTF-8'}


def must(what, *command, **options):
    done = subprocess.run(command, check=False, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, errors='replace', **options)
    if done.returncode:
        raise CannotBeMade(f'{what}: {command[0]} ended with status {done.returncode}\n{done.stdout[-4000:]}')
    return done.stdout


def flatpak(installation, *words):
    """It asks for a session bus, if only to find that nobody is there."""
    return must('flatpak', 'dbus-run-session', '--', 'flatpak', '--user', *words, env=environment(installation))


def install_packages(tree, folder):
    """With mounts and processes of its own, so that none is left when it is ended."""
    with open(f'{folder}/sources', 'w', encoding='ascii') as file:
        file.write(sources())
    excluded = [f'--dpkgopt=path-exclude=/usr/share/{name}/*' for name in LEFT_OUT]
    must('packages of Debian cannot be fetched and installed (a network is needed, once)',
         'setpriv', '--pdeathsig', 'KILL', 'unshare', '--mount', '--pid', '--fork', '--kill-child=KILL', '--mount-proc',
         '--propagation', 'private', '--',
         'mmdebstrap', '--mode=root', '--variant=apt', '--aptopt=Acquire::Retries "3"',
         '--dpkgopt=force-unsafe-io', *excluded, *proxies(), f'--include={",".join(PACKAGES)}', '--', release(), tree, f'{folder}/sources')


def shape(tree, into):
    """Flatpak shows `files` as /usr, and its etc as /etc."""
    os.makedirs(into)
    os.rename(f'{tree}/usr', f'{into}/files')
    os.rename(f'{tree}/etc', f'{into}/files/etc')
    for name in ('resolv.conf', 'hosts', 'hostname', 'localtime', 'machine-id', 'mtab', 'shadow', 'gshadow'):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(f'{into}/files/etc/{name}')
    with open(f'{into}/metadata', 'w', encoding='ascii') as file:
        file.write(metadata())
    shutil.rmtree(tree)


def metadata():
    return METADATA.format(name=NAME, branch=BRANCH, machine=platform.machine())


def commit(into, repository):
    """Moves the files there; what is installed from it are further names of the same files."""
    must('ostree', 'ostree', f'--repo={repository}', 'init', '--mode=bare-user-only')
    must('ostree', 'ostree', f'--repo={repository}', 'commit', f'--branch=runtime/{NAME}/{platform.machine()}/{BRANCH}',
         '--owner-uid=0', '--owner-gid=0', '--no-xattrs', '--canonical-permissions', '--consume',
         f'--add-metadata-string=xa.metadata={metadata()}', into)
    must('flatpak', 'flatpak', 'build-update-repo', repository)


def make(installation):
    with_all = f'{installation}.partial'
    shutil.rmtree(with_all, ignore_errors=True)
    shutil.rmtree(installation, ignore_errors=True)
    os.makedirs(with_all)
    try:
        install_packages(f'{with_all}/tree', with_all)
        shape(f'{with_all}/tree', f'{with_all}/runtime')
        commit(f'{with_all}/runtime', f'{with_all}/repository')
        os.makedirs(installation)
        flatpak(installation, 'remote-add', '--no-gpg-verify', 'local', f'file://{with_all}/repository')
        flatpak(installation, 'install', '--noninteractive', '-y', 'local', f'{NAME}//{BRANCH}')
        with open(f'{installation}/complete', 'w', encoding='ascii'):
            pass
    finally:
        shutil.rmtree(with_all, ignore_errors=True)


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
def held():
    """The installation that has the runtime; it stays as long as it is held, and a second run waits while it is made."""
    mine = key()
    installation = f'{cache()}/{mine}'
    os.makedirs(cache(), exist_ok=True)
    with open(f'{installation}.lock', 'ab') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.exists(f'{installation}/complete'):
            make(installation)
        forget_others(mine)
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield installation
