# SPDX-License-Identifier: GPL-2.0-or-later
"""The Flatpak as its manifest says, but on our runtime and without a network, as one file that can be installed."""

import fcntl
import json
import os

import runtime

TREE = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), '../..'))
MANIFEST = os.path.join(TREE, 'flatpak/org.sallyport.Sallyport.json')
APPLICATION = 'org.sallyport.Sallyport'
# What the compiler is remembered by; the window needs a tenth of it.
REMEMBERED = 'max_size = 200M\n'


def manifest():
    with open(MANIFEST, encoding='utf-8') as file:
        return json.load(file)


def derive(original):
    """The runtime is ours, what it has is not built, paths stay those of the manifest; the rest is untouched."""
    modules = [module for module in original['modules'] if module['name'] not in runtime.HAS]
    for source in (source for module in modules for source in module['sources']):
        if source['type'] not in ('dir', 'file'):
            raise AssertionError(f'{source["url"]} would have to be fetched: which package of the runtime has it?')
        source['path'] = os.path.join(os.path.dirname(MANIFEST), source['path'])
    return {**original, 'runtime': runtime.NAME, 'sdk': runtime.NAME, 'runtime-version': runtime.BRANCH, 'modules': modules}


def build(installation, folder):
    """Returns the file.  What the builder keeps is in the folder, which may be there from the last time."""
    os.makedirs(f'{folder}/state/ccache', exist_ok=True)
    with open(f'{folder}/manifest.json', 'w', encoding='utf-8') as file:
        json.dump(derive(manifest()), file, indent=2)
    with open(f'{folder}/state/ccache/ccache.conf', 'w', encoding='ascii') as file:
        file.write(REMEMBERED)
    environment = runtime.environment(installation)
    runtime.must('flatpak-builder', 'dbus-run-session', '--', 'flatpak-builder', '--user', '--force-clean',
                 '--disable-rofiles-fuse', '--disable-cache', '--disable-download', '--delete-build-dirs', '--ccache',
                 '--state-dir=state', '--repo=repository', 'built', 'manifest.json', env=environment, cwd=folder)
    path = f'{folder}/sallyport.flatpak'
    runtime.must('flatpak', 'flatpak', 'build-bundle', f'{folder}/repository', f'{path}.new', APPLICATION, env=environment)
    # Another run may be installing the old one.
    os.replace(f'{path}.new', path)
    runtime.must('ostree', 'ostree', f'--repo={folder}/repository', 'prune', '--refs-only', '--depth=0')
    return path


def built(installation, folder):
    """One at a time in a folder."""
    os.makedirs(folder, exist_ok=True)
    with open(f'{folder}/lock', 'ab') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return build(installation, folder)
