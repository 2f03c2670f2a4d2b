# SPDX-License-Identifier: GPL-2.0-or-later
"""The Debian packages of the tree as it lies here, built in a copy of it that has nothing else in it."""

import glob
import os
import re
import shutil
import subprocess

import runtime

TREE = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), '../..'))
NAMES = ('sallyport', 'sallyport-server')
COMPILERS = '/usr/lib/ccache'


def copy_tree(into):
    """What git has, and what it would take."""
    names = subprocess.run(['git', '-c', 'safe.directory=*', 'ls-files', '-z', '--cached', '--others', '--exclude-standard'],
                           cwd=TREE, check=True, capture_output=True).stdout.split(b'\0')
    for name in sorted(os.fsdecode(name) for name in names if name):
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
    runtime.must('the packages do not build', 'dpkg-buildpackage', '--build=binary', '--no-sign', cwd=tree, env=environment(folder))
    shutil.rmtree(tree)
    return {name: glob.glob(f'{results}/{name}_*.deb')[0] for name in NAMES}


def examine(packages):
    """Raises with what lintian has to say, but for what the packages' own files explain."""
    changes = glob.glob(f'{os.path.dirname(packages[NAMES[0]])}/*.changes')[0]
    words = runtime.must('lintian finds something', 'lintian', '--allow-root', '--fail-on=error,warning', '--tag-display-limit=0',
                         changes, env={**os.environ, 'LC_ALL': 'C.UTF-8'})
    if words.strip():
        raise AssertionError(words)


def field(package, name):
    return runtime.output('dpkg-deb', '--field', package, name).strip()


def raised(package, folder):
    """The same as a newer version, whose scripts run as in any upgrade."""
    version = field(package, 'Version')
    newer = f'{version}+newer'
    shutil.rmtree(f'{folder}/content', ignore_errors=True)
    runtime.must('dpkg-deb', 'dpkg-deb', '--raw-extract', package, f'{folder}/content')
    control = f'{folder}/content/DEBIAN/control'
    with open(control, encoding='utf-8') as file:
        text = file.read()
    with open(control, 'w', encoding='utf-8') as file:
        file.write(re.sub(rf'(^Version: |\(= ){re.escape(version)}(?=\n|\))', rf'\g<1>{newer}', text, flags=re.MULTILINE))
    path = f'{folder}/{field(package, "Package")}_{newer}.deb'
    runtime.must('dpkg-deb', 'dpkg-deb', '--build', '-Znone', f'{folder}/content', path)
    shutil.rmtree(f'{folder}/content')
    return path


def with_newer(packages, folder):
    """All there are, the newer ones behind: as NAMES, twice."""
    return [*(packages[name] for name in NAMES), *(raised(packages[name], f'{folder}/build') for name in NAMES)]
