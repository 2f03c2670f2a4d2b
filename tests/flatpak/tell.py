#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""tell.py BUILD [FUNCTION…]

Builds the Flatpak offline on a runtime of Debian packages, installs it as a person does, and tells the stories of
stories.py about it, or only these, each in a lab of its own (tests/gui/README.md).  Speaks TAP."""

import ast
import importlib
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
LAB = os.path.join(HERE, '../lab')
sys.dont_write_bytecode = True
sys.path[:0] = [HERE, os.path.join(HERE, '../gui'), LAB, os.path.join(HERE, '../netns')]

INSIDE = '--inside'
TOOLS = ('flatpak', 'flatpak-builder', 'mmdebstrap', 'ostree')
FIRST = 'The Flatpak is built without a network, as its manifest says'


def stories():
    with open(f'{HERE}/stories.py', encoding='utf-8') as file:
        for node in ast.parse(file.read()).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith('story_'):
                yield node.name, ast.get_docstring(node).splitlines()[0].rstrip('.')


def play(build, function):
    """In the lab."""
    import sandbox

    told = getattr(importlib.import_module('stories'), function)
    place = sandbox.Sandbox(build, function, told)
    try:
        told(place)
        place.end()
    except BaseException:
        place.show()
        raise


def tell(build, function, more):
    import stage

    environment = stage.scene_of('stories', function).lab_environment(build)
    return subprocess.run([f'{LAB}/lab', sys.executable, os.path.abspath(__file__), INSIDE, build, function], check=False,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors='replace', env={**os.environ, **environment, **more})


def report(number, sentence, is_good, words=''):
    print(f'{"ok" if is_good else "not ok"} {number} - {sentence}')
    for line in words.splitlines() if not is_good else ():
        print(f'# {line}')
    sys.stdout.flush()
    return is_good


def tell_all(build, wanted):
    import bundle
    import runtime

    told = [(name, sentence) for name, sentence in stories() if not wanted or name in wanted]
    print(f'1..{len(told) + 1}', flush=True)
    try:
        with runtime.held() as installation:
            path = bundle.built(installation, f'{build}/tests/flatpak/work')
            is_good = report(1, FIRST, True)
            more = {'SALLYPORT_RUNTIME': installation, 'SALLYPORT_BUNDLE': path}
            for number, (function, sentence) in enumerate(told, 2):
                done = tell(build, function, more)
                is_good &= report(number, sentence, done.returncode == 0, done.stdout)
    except runtime.CannotBeMade as error:
        report(1, FIRST, False, str(error))
        print('Bail out! there is nothing to tell stories about')
        return 1
    return 0 if is_good else 1


def main(arguments):
    if arguments[0] == INSIDE:
        return play(*arguments[1:])
    missing = [tool for tool in TOOLS if not shutil.which(tool)]
    if os.geteuid() != 0 or missing:
        reason = f'{missing[0]} is not installed' if missing else 'a story needs a machine of its own, and that needs root'
        print(f'1..0 # SKIP {reason}')
        return 0
    return tell_all(arguments[0], arguments[1:])


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
