# SPDX-License-Identifier: GPL-2.0-or-later
"""First import of what measures in a lab: where its modules are, how it tells what it found."""

import json
import os
import sys

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
for folder in ('../lab', '../netns'):
    sys.path.insert(0, os.path.join(HERE, folder))

CALM_SECONDS = 12  # until nothing of what was before is under way any more


def tell(found):
    """{figure: number}, for bench.py"""
    print(json.dumps(found), flush=True)


def percentile(values, part):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]
