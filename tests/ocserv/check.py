#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""check.py SALLYPORTCTL [--write]: what is said of each configuration beside this file is what stands there.

NAME.conf is read without anything being done, and NAME.json has the answer; --write writes it anew, to be looked at.
The sample that Debian's ocserv brings along is read, too, where it is installed: each of its lines must be known."""

import json
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
SAMPLE = pathlib.Path('/etc/ocserv/ocserv.conf')
PASSWORDS = 'passwd'
SECRETS = ('mGSuMtU2', '89jpYaIp', 'YJqXjWI8', '3lAexc9z')


def read(program, path, *options):
    done = subprocess.run([program, '--json', 'import-ocserv', '--dry-run', path.name, *options], cwd=path.parent, text=True,
                          capture_output=True, check=False, env={**os.environ, 'DBUS_SYSTEM_BUS_ADDRESS': 'unix:path=/nowhere'})
    assert done.returncode == 0, f'{path.name}: {done}'
    assert not any(secret in done.stdout + done.stderr for secret in SECRETS), f'{path.name}: a hash was printed'
    return json.loads(done.stdout)


def differ(name, seen, wanted):
    for part in wanted.keys() | seen.keys():
        if seen.get(part) != wanted.get(part):
            print(f'{name}: {part}:\n  is     {seen.get(part)}\n  wanted {wanted.get(part)}')


def main(program, *flags):
    program = os.path.realpath(program)
    wrong = 0
    for path in sorted(HERE.glob('*.conf')):
        told = read(program, path, '--password-file', PASSWORDS)
        answer = path.with_suffix('.json')
        if '--write' in flags:
            answer.write_text(json.dumps(told, indent=1, ensure_ascii=False, sort_keys=True) + '\n', encoding='utf-8')
        wanted = json.loads(answer.read_text(encoding='utf-8'))
        if told != wanted:
            differ(path.name, told, wanted)
            wrong += 1
    if SAMPLE.exists():
        told = read(program, SAMPLE, '--password-file', HERE / PASSWORDS)
        assert len(told['lines']) > 30 and told['settings']['ipv4-range'] == '192.168.1.0/24', told
        for line in told['lines']:
            assert line['words'] != 'this line is not known', line
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
