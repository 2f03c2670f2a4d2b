#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""stage.py list [sanitized] | stage.py BUILD MODULE FUNCTION

Tells one story about the window, in a lab of its own.  See README.md."""

import ast
import importlib
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
LAB = os.path.join(HERE, '../lab')
sys.dont_write_bytecode = True
sys.path[:0] = [HERE, LAB, os.path.join(HERE, '../netns'), os.path.join(HERE, '../bench')]

MODULES = (
    'activity',
    'gallery',
    'harness',
    'notifications',
    'first_run',
    'settings',
    'trusted',
    'following',
    'reached',
    'states',
    'keys',
    'users',
    'overview',
    'remote',
    'replay',
)
# Told where the window is built with sanitizers, and only there.
SANITIZED_MODULES = (
    'leaks',
)
INSIDE = '--inside'
IN_THE_LAB = [f'LAB_{name}' for name in (
    'CLIENT', 'ROUTER', 'SERVER', 'HOME', 'PORT', 'CLIENT_ADDRESS', 'CLIENT_ADDRESS6', 'SERVER_ADDRESS', 'SERVER_ADDRESS6',
    'HOME_ADDRESS', 'HOME_ADDRESS6', 'INTERNET_ADDRESS', 'INTERNET_ADDRESS6', 'STATE', 'CONFIG', 'LOG', 'WWW')]
SKIPPED = 77


def stories(modules):
    """Read, not imported: meson asks for them on machines that cannot tell them."""
    for module in modules:
        with open(f'{HERE}/{module}.py', encoding='utf-8') as file:
            for node in ast.parse(file.read()).body:
                if isinstance(node, ast.FunctionDef) and node.name.startswith('story_'):
                    yield module, node.name, ast.get_docstring(node).splitlines()[0].rstrip('.')


def play(build, module, function):
    import story
    import house

    told = getattr(importlib.import_module(module), function)
    place = house.House(build, function, told)
    try:
        told(place)
        place.end()
    except story.Skipped as reason:
        print(f'skipped: {reason}')
        return SKIPPED
    except BaseException:
        place.show()
        raise
    return 0


def scene_of(module, function):
    """Asked for before the lab is there, whose names modules may use."""
    import scenes

    for name in IN_THE_LAB:
        os.environ.setdefault(name, '0')
    return scenes.of(getattr(importlib.import_module(module), function))


def main(arguments):
    if arguments[0] == 'list':
        for words in stories(SANITIZED_MODULES if arguments[1:] else MODULES):
            print('|'.join(words))
        return 0
    if os.geteuid() != 0:
        print('a story needs a machine of its own, and that needs root')
        return SKIPPED
    if arguments[0] == INSIDE:
        return play(*arguments[1:])
    build, module, function = arguments
    environment = scene_of(module, function).lab_environment(build)
    return subprocess.run([f'{LAB}/lab', sys.executable, os.path.abspath(__file__), INSIDE, *arguments], check=False,
                          env={**os.environ, **environment}).returncode


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
