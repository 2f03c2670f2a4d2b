#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Checks on what was built.  check_build.py TOP BUILD RULE

fake        nothing that is installed is made of a fake
libraries   what faces the network or holds the keys loads no GIO, whatever pulls it in
includes    no part is compiled with another part's headers in reach
"""

import json
import os
import re
import shlex
import subprocess
import sys

import layer_rules

# Program: the folder that it is made in.
CONFINED = {
    "sallyport-door": "daemon/door",
    "sallyport-nursery": "daemon/worker",
    "sallyport-keyholder": "daemon/keyholder",
    "sallyport-token": "daemon/token",
    "sallyport-hook": "daemon/hook",
}
OPTIONAL = {"sallyport-token"}  # where there is no p11-kit
# Not GIO alone: what would make threads, resolve names or talk to the bus behind a room's back.
UNWANTED = re.compile(r"lib(gio|gobject|dbus|systemd|polkit|nm|soup)[-.]")


def run(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout


def installed_programs(build):
    """Paths of executables, within the build folder."""
    targets = json.loads(run("meson", "introspect", build, "--targets"))
    return [os.path.relpath(target["filename"][0], build) for target in targets
            if target["type"] == "executable" and target.get("installed")]


def fakes_among(paths):
    return [path for path in paths if re.search(r"(^|[-/])fakes?[-.]", path)]


def fake(top, build):
    for program in installed_programs(build):
        inputs = run("ninja", "-C", build, "-t", "inputs", program).splitlines()
        for path in fakes_among(inputs):
            yield f"{program}: fake: is made of {path}"


def unwanted_among(ldd_lines):
    return [line.split()[0] for line in ldd_lines if UNWANTED.search(line)]


def libraries(top, build):
    programs = installed_programs(build)
    for name, folder in CONFINED.items():
        paths = [path for path in programs if os.path.basename(path) == name]
        if not paths and name not in OPTIONAL and os.path.isdir(os.path.join(top, folder)):
            yield f"{name}: libraries: is not installed by this build"
        for path in paths:
            for library in unwanted_among(run("ldd", os.path.join(build, path)).splitlines()):
                yield f"{path}: libraries: loads {library}"


def folders_in_reach(command, directory, top):
    """The tree's own folders among a compilation's -I, as 'daemon/door'."""
    for word in shlex.split(command):
        path = os.path.relpath(os.path.join(directory, word[2:]), top)
        if word.startswith("-I") and not path.startswith(".."):
            yield "/".join(path.split("/")[:2])


def judge_compilation(source, command, directory, top):
    """Yields what this source has in reach and must not know."""
    folder, allowed = layer_rules.find_layer(source)
    if folder is None:
        return
    libraries_known, gio = allowed
    for part in sorted(set(folders_in_reach(command, directory, top))):
        name = part.rpartition("/")[2]
        if part.startswith(("daemon/", "shared/", "gui")) and part + "/" != folder \
                and name not in libraries_known:
            yield f"{source}: includes: is compiled with the headers of {part} in reach"
    if not gio and "gio-unix-2.0" in command:
        yield f"{source}: includes: is compiled with GIO's headers in reach"


def includes(top, build):
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as file:
        entries = json.load(file)
    for entry in entries:
        source = os.path.relpath(os.path.join(entry["directory"], entry["file"]), top)
        yield from judge_compilation(source, entry["command"], entry["directory"], top)


RULES = {"fake": fake, "libraries": libraries, "includes": includes}


def main():
    top, build, name = sys.argv[1:4]
    found = sorted(set(RULES[name](os.path.realpath(top), os.path.realpath(build))))
    print("\n".join(found))
    print(f"{name}: {len(found)} complaints")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
