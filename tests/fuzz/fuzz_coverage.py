# SPDX-License-Identifier: GPL-2.0-or-later
"""Which lines of shared/codec the corpora reach: the programs that replay them, built by clang to count lines.

The summary of each file is printed, and for each that is not complete the lines that nothing reached.
"""

import os
import shutil
import subprocess
import sys

GOAL_PERCENT = 95
FOLDER = 'shared/codec/'
REACHED = 'reached.txt'  # in the build folder; recorded with the totals
FLAGS = '-fprofile-instr-generate -fcoverage-mapping'


def compile_replays(top, build):
    """A build of its own inside the fuzzers'."""
    folder = build / 'coverage'
    environment = {'CC': 'clang'} | os.environ | {'LLVM_PROFILE_FILE': str(build / 'ignored')}  # of the build's own tools
    commands = [['ninja', '-C', folder, 'fuzzers']]
    if not (folder / 'build.ninja').exists():
        commands.insert(0, ['meson', 'setup', folder, top, '-Dfuzzing=false', f'-Dc_args={FLAGS}',
                            f'-Dc_link_args={FLAGS}'])
    for command in commands:
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              check=False)
        if done.returncode != 0:
            sys.exit(f'{done.stdout}\nrun-fuzzers: {command[0]} failed')
    return folder


def replay(corpora, folder):
    """The programs that ran, and the file with what they counted."""
    counts = folder / 'counts'
    shutil.rmtree(counts, ignore_errors=True)
    counts.mkdir()
    programs = []
    for corpus in sorted(corpora.iterdir()):
        program = folder / 'tests' / 'fuzz' / f'fuzz-{corpus.name}'
        subprocess.run([program, corpus], env=os.environ | {'LLVM_PROFILE_FILE': str(counts / corpus.name)},
                       stdout=subprocess.DEVNULL, check=True)
        programs.append(program)
    merged = counts / 'all'
    subprocess.run(['llvm-profdata', 'merge', '-o', merged, *(counts / corpus.name for corpus in corpora.iterdir())],
                   check=True)
    return programs, merged


def count_lines(programs, merged, top):
    """{file of FOLDER: {line with code: how often it ran}}."""
    first, *others = programs
    command = ['llvm-cov', 'export', '-format=lcov', f'-instr-profile={merged}', first,
               *(f'-object={program}' for program in others)]
    told = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    files, lines = {}, {}
    for line in told.splitlines():
        kind, _, value = line.partition(':')
        if kind == 'SF':
            lines = files.setdefault(os.path.relpath(value, top), {})
        if kind == 'DA':
            number, times = map(int, value.split(',')[:2])
            lines[number] = times
    return {file: lines for file, lines in sorted(files.items()) if file.startswith(FOLDER)}


def measure(top, build):
    """0 if the goal is met."""
    if not all(map(shutil.which, ('llvm-profdata', 'llvm-cov'))):
        sys.exit('run-fuzzers: llvm-profdata and llvm-cov are missing (package llvm)')
    files = count_lines(*replay(top / 'tests' / 'fuzz' / 'corpus', compile_replays(top, build)), top)
    for source in sorted((top / FOLDER).glob('*.c')):
        if str(source.relative_to(top)) not in files:
            sys.exit(f'run-fuzzers: no target has {source.name} in it')
    reached = total = 0
    for file, lines in files.items():
        missing = [number for number, times in lines.items() if times == 0]
        reached, total = reached + len(lines) - len(missing), total + len(lines)
        print(f'{len(lines) - len(missing):5} of {len(lines):5}  {file}' + (f'  not {missing}' if missing else ''))
    percent = 100 * reached / total
    told = f'{reached} of {total} lines of shared/codec: {percent:.2f} % (goal: {GOAL_PERCENT} %)'
    print(told)
    (build / REACHED).write_text(f'The corpora reach {told}.\n')
    return 0 if percent >= GOAL_PERCENT else 1
