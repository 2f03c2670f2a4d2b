#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""make_reference.py CODEGEN FOLDER XML...: a manual page (section 5) for each interface, from the XML's own words."""

import glob
import os
import re
import subprocess
import sys
import tempfile

from docutils.core import publish_string

SETTINGS = {'report_level': 2, 'halt_level': 2}  # a page with a mistake is none


def split(text, interface):
    """The generator's page without its head, and the interface's one line."""
    body = text.split('.. _' + interface + ' Description:', 1)[1].lstrip('\n')
    line, rest = body.split('\n', 1)
    return line.strip(), rest


def manual(text, interface):
    line, rest = split(text, interface)
    bar, wave = '=' * len(interface), '~' * len(line)
    head = f'{bar}\n{interface}\n{bar}\n\n{wave}\n{line}\n{wave}\n\n:Manual section: 5\n:Manual group: Sallyport\n\n'
    # Each member has the interface's name before its own, which says nothing on this page.
    rest = re.sub(r'^' + re.escape(interface) + r'[.:]+(\w+(?:\(\))?)\n(\^+|~+)$', lambda found: found.group(1) + '\n' + '^' * len(found.group(1)),
                  rest, flags=re.M)
    see = '--------\nSee also\n--------\n\nsallyportctl(1), sallyportd(8)\n'
    return publish_string(f'{head}-----------\nDescription\n-----------\n\n{rest}\n\n{see}', writer_name='manpage', settings_overrides=SETTINGS)


def join_lines(text):
    """What is said of an argument, on one line each: the generator reads no more of it.  A star is one, and no emphasis."""
    text = text.replace('*', r'\*')
    return re.sub(r'^( *@\w+:[^\n]*(?:\n +(?![@\s])[^\n]*)*)', lambda found: ' '.join(found.group(1).split()), text, flags=re.M)


def main():
    codegen, folder, *documents = sys.argv[1:]
    with tempfile.TemporaryDirectory() as place:
        joined = []
        for path in documents:
            joined.append(f'{place}/{os.path.basename(path)}')
            with open(path, encoding='utf-8') as file, open(joined[-1], 'w', encoding='utf-8') as copy:
                copy.write(join_lines(file.read()))
        subprocess.run([codegen, '--generate-rst', f'{place}/page', *joined], check=True)
        for path in glob.glob(f'{place}/page-*.rst'):
            interface = os.path.basename(path)[len('page-'):-len('.rst')]
            with open(path, encoding='utf-8') as file:
                page = manual(file.read(), interface)
            with open(f'{folder}/{interface}.5', 'wb') as file:
                file.write(page)


if __name__ == '__main__':
    main()
