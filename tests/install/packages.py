# SPDX-License-Identifier: GPL-2.0-or-later
"""What lintian says of the Debian packages, what is written in them, and newer versions of them."""

import glob
import os
import re
import shutil

import runtime
from debian_packages import NAMES, TREE  # nocheck: TREE is here for others, too


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
