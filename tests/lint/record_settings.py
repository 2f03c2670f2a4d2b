#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""record_settings.py INTERFACE PROGRAM [--write]: the bus has a property for each setting, as the table says.

INTERFACE is the introspection of the settings, PROGRAM write-document, which knows the table.  --write writes what is
missing; then the new properties have to be recorded, too."""

import subprocess
import sys

BEGIN = '    <!-- From the table of settings: tests/lint/record_settings.py -->\n'
END = '    <!-- End of the table -->\n'


def main(path, program, *flags):
    with open(path, encoding='utf-8') as file:
        text = file.read()
    head, rest = text.split(BEGIN)
    tail = rest.split(END)[1]
    table = subprocess.run([program, 'interface'], check=True, stdout=subprocess.PIPE, encoding='utf-8').stdout
    wanted = f'{head}{BEGIN}{table}\n{END}{tail}'
    if text == wanted:
        return 0
    if '--write' in flags:
        with open(path, 'w', encoding='utf-8') as file:
            file.write(wanted)
        return 0
    print(f'{path} is not what the table of settings says; run: {sys.argv[0]} {path} {program} --write')
    return 1


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
