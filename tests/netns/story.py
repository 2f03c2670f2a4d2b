#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""story.py FILE NAME: tell one story of FILE.py in the lab that this runs in.

FILE is a path without ".py"; what lies beside it, beside this and in ../lab can be imported.  A story is a
function whose name is a sentence.  It runs as the lab's CMD, with its own lab, and fails by an exception.
Raising Skipped, with a reason, says that this machine cannot tell it.
"""

import importlib
import os
import sys
import traceback

sys.dont_write_bytecode = True
SKIPPED_STATUS = 77


class Skipped(Exception):
    """This machine lacks what the story needs; the text says what."""


def show_log(title, path):
    if os.path.exists(path):
        with open(path, encoding='utf-8', errors='replace') as file:
            print(f'--- {title}', *file.read().splitlines()[-60:], sep='\n')


def main(file, name):
    # One module of this name, for the stories as for us.
    sys.modules['story'] = sys.modules['__main__']
    here = os.path.dirname(os.path.abspath(__file__))
    folder, module = os.path.split(os.path.abspath(file))
    sys.path[:0] = [folder, here, os.path.join(here, '../lab')]
    told = getattr(importlib.import_module(module), name)
    try:
        told()
    except Skipped as reason:
        print(f'skipped: {reason}')
        return SKIPPED_STATUS
    except Exception:  # pylint: disable=broad-except
        # Last, where whoever reads only the end of it finds it.
        show_log('client', '/run/client.log')
        show_log('server', os.environ['LAB_LOG'])
        traceback.print_exc(file=sys.stdout)
        return 1
    print('as it should be')
    return 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
