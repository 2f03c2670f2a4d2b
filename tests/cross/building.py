# SPDX-License-Identifier: GPL-2.0-or-later
"""A build for another kind of machine, and what of it tests need."""

import json
import os
import shutil
import subprocess

TREE = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), '../..'))
SUITES = {'unit', 'walls', 'fuzz'}
COMPILERS = '/usr/lib/ccache'
# Rooms stay open, since the emulator has no seccomp(2): as they do under the sanitizers.
CROSS_FILE = """[binaries]
c = ['{machine.triplet}-gcc']
ar = '{machine.triplet}-gcc-ar'
strip = '{machine.triplet}-strip'
pkgconfig = 'pkg-config'
exe_wrapper = ['{folder}/start']
[built-in options]
c_args = ['--sysroot={tree}', '-DSP_HAS_SANITIZER=1']
c_link_args = ['--sysroot={tree}']
[properties]
sys_root = '{tree}'
pkg_config_libdir = ['{tree}/usr/lib/{machine.triplet}/pkgconfig', '{tree}/usr/share/pkgconfig']
[host_machine]
system = 'linux'
cpu_family = '{machine.family}'
cpu = '{machine.family}'
endian = '{machine.order}'
"""
# Meson starts programs with it while it configures, and tests: those are scripts by then (emulation.py).
STARTER = """#!/bin/sh
[ "$(head -c 2 "$1")" != '#!' ] || exec "$@"
exec {machine.emulator} -L {tree} "$@"
"""


def text_of(path):
    with open(path, encoding='utf-8') as file:
        return file.read()


def folder_of(machine):
    return f'{TREE}/build-{machine.name}'


def read(folder, what):
    return json.loads(text_of(f'{folder}/meson-info/intro-{what}.json'))


def tests(folder):
    """As meson describes them, by their names."""
    return {test['name']: test for test in read(folder, 'tests')
            if {suite.partition(':')[2] for suite in test['suite']} & SUITES}


def targets(folder):
    """The files that those tests are and start."""
    wanted = {depended for test in tests(folder).values() for depended in test['depends']}
    return [name for target in read(folder, 'targets') if target['id'] in wanted for name in target['filename']]


def prepare(machine, tree, folder):
    """Meson takes up a cross file once: a build with another one is made anew."""
    files = {f'{folder}/machine.cross': CROSS_FILE, f'{folder}/start': STARTER}
    files = {path: text.format(machine=machine, tree=tree, folder=folder) for path, text in files.items()}
    if all(os.path.exists(path) and text_of(path) == text for path, text in files.items()):
        return
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    for path, text in files.items():
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text)
    os.chmod(f'{folder}/start', 0o755)


def configure(folder, environment):
    if not os.path.exists(f'{folder}/build.ninja'):
        subprocess.run(['meson', 'setup', folder, TREE, '--cross-file', f'{folder}/machine.cross', '--prefix=/usr',
                        '--sysconfdir=/etc', '--localstatedir=/var', '-Dgui=false', '--buildtype=plain'],
                       check=True, env=environment)
    # What it tells of itself is otherwise that of an older tree.
    subprocess.run(['ninja', '-C', folder, 'build.ninja'], check=True, env=environment)


def build(machine, tree):
    """What is looked for shows without optimization, which takes half of the time.  Raises where it does not build."""
    folder = folder_of(machine)
    environment = {**os.environ, 'PATH': f'{COMPILERS}:{os.environ["PATH"]}'}
    prepare(machine, tree, folder)
    configure(folder, environment)
    names = [os.path.relpath(name, folder) for name in targets(folder)]
    subprocess.run(['ninja', '-C', folder, *names], check=True, env=environment)
