# sample: tests/netns/names.py
# SPDX-License-Identifier: GPL-2.0-or-later
import json  # expect: python
import os
import re  # nocheck: others take it from here
import sys


def tell(word):
    print(f'{word} {os.getpid()}', file=sys.stderr)
    print(f'nothing to put in')  # expect: python
    return wrod  # expect: python
