# SPDX-License-Identifier: GPL-2.0-or-later
"""When, of which commit and on which machine something was measured."""

import datetime
import os
import platform
import subprocess

# What is measured is written there, and no source.
WRITTEN = ('results', 'RESULTS.md', 'REPORT.md')


def output(*command):
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


def commit(folder):
    """Of the sources around the folder, with a plus sign where they were changed since."""
    git = ('git', '-C', folder)
    changed = output(*git, 'status', '--porcelain', '--untracked-files=no', '--', ':/', *(f':(exclude){name}' for name in WRITTEN))
    return (output(*git, 'rev-parse', '--short', 'HEAD') or 'unknown') + ('+' if changed else '')


def processor():
    with open('/proc/cpuinfo', encoding='utf-8') as file:
        names = [line.partition(':')[2].strip() for line in file if line.startswith('model name')]
    return f', {names[0]}' if names else ''


def version_of(package):
    return output('dpkg-query', '-W', '-f=${Version}', package) or 'none'


def find(folder, packages):
    return {'date': datetime.date.today().isoformat(), 'commit': commit(folder), 'cpus': os.cpu_count(), 'machine': platform.machine(),
            'processor': processor(), 'kernel': platform.release(), 'load': round(os.getloadavg()[1], 1),
            'versions': {name: version_of(name) for name in packages}}


def words(known):
    """But for the load, which is another each time."""
    versions = ', '.join(f'{name} {version}' for name, version in sorted(known['versions'].items()))
    return (f'{known["date"]}, commit {known["commit"]}; {known["cpus"]} CPUs ({known["machine"]}{known.get("processor", "")}), '
            f'Linux {known["kernel"]}; {versions}')
