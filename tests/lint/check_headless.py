#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""check_headless.py TOP: a server without the window is configured where nothing of a desktop is installed, is made of
nothing of the window, and installs nothing of it."""

import json
import os
import re
import subprocess
import sys
import tempfile

WINDOW = re.compile(r"/(bin/sallyport|sallyport-notifier|sallyport\.1|applications/.*|metainfo/.*|icons/.*|help/.*|dbus-1/services/.*)$")
NEEDED = ("/usr/sbin/sallyportd", "/usr/bin/sallyportctl")
# pkg-config of a machine without a desktop; it writes down what it was asked for.  NetworkManager a server asks where it can.
BLIND = """#!/bin/sh
for word in "$@"; do
    case "$word" in
        libnm) exit 1 ;;
        gtk*|gdk*|libadwaita*|libnm-*) echo "$word" >> '{asked}'; exit 1 ;;
    esac
done
exec pkg-config "$@"
"""


def introspect(build, what):
    return json.loads(subprocess.run(["meson", "introspect", build, what], stdout=subprocess.PIPE, check=True).stdout)


def configure(top, folder):
    """Returns the build folder, and what of a desktop was asked for."""
    build, asked, blind = (os.path.join(folder, name) for name in ("build", "asked", "pkg-config"))
    with open(blind, "w", encoding="ascii") as file:
        file.write(BLIND.format(asked=asked))
    os.chmod(blind, 0o755)
    done = subprocess.run(["meson", "setup", build, top, "--prefix=/usr", "-Dgui=false"], env={**os.environ, "PKG_CONFIG": blind},
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        sys.exit(f"headless: is not configured without a desktop\n{done.stdout[-2000:]}")
    if not os.path.exists(asked):
        return build, []
    with open(asked, encoding="ascii") as file:
        return build, sorted(set(file.read().split()))


def judge_installed(paths):
    yield from (f"{path}: headless: is installed without the window" for path in paths if WINDOW.search(path))
    yield from (f"{path}: headless: is not installed" for path in NEEDED if path not in paths)


def judge_sources(top, targets):
    for target in targets:
        sources = [path for part in target["target_sources"] for path in part.get("sources", [])]
        for path in sources if target.get("installed") else []:
            if os.path.relpath(path, top).startswith("gui/"):
                yield f"{target['name']}: headless: is made of {os.path.relpath(path, top)}"


def main():
    top = os.path.realpath(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        build, asked = configure(top, folder)
        found = [f"{name}: headless: is asked for" for name in asked]
        found += judge_installed(list(introspect(build, "--installed").values()))
        found += judge_sources(top, introspect(build, "--targets"))
    print("\n".join(found))
    print(f"headless: {len(found)} complaints")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
