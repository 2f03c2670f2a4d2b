#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""format: every C file is as clang-format leaves it.  check_format.py TOP"""

import shutil
import subprocess
import sys

import tree

SKIPPED = 77  # as meson understands it


def main():
    top = sys.argv[1]
    paths = [source.path for source in tree.load(top) if source.is_c]
    if shutil.which("clang-format") is None:
        print("format: clang-format is not installed")
        return SKIPPED
    result = subprocess.run(["clang-format", "--dry-run", "-Werror", *paths], cwd=top,
                            stderr=subprocess.PIPE, text=True, check=False)
    bad = set()
    for line in result.stderr.splitlines():
        if ": error: " in line:
            bad.add(line.split(":")[0])
            print(line.partition(": error: ")[0] + ": format: run clang-format -i")
    print(f"format: {len(paths)} files, {len(bad)} of them not formatted")
    return result.returncode


if __name__ == "__main__":
    sys.exit(main())
