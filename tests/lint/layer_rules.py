# SPDX-License-Identifier: GPL-2.0-or-later
"""Which part of the tree may know which other: the architecture, as a table."""

import os
import re

INCLUDE = re.compile(r"^\s*#\s*include\s*([<\"])([^>\"]+)[>\"]")

BASE = {"base"}
WALLS = {"base", "walls"}
ROOM = {"base", "walls", "link", "codec", "platform"}
GIO = re.compile(r"^(gio|polkit|libsoup|NetworkManager|adw|gtk)")

# Folder: the libraries whose headers it may include besides its own, and whether GIO may be there.
LAYERS = {
    "shared/base/": (BASE, False),
    "shared/walls/": (WALLS, False),
    "shared/codec/": (BASE | {"codec"}, False),
    "shared/link/": (WALLS | {"link"}, False),
    "shared/bus/": (BASE | {"bus"}, True),
    "shared/remote/": (BASE | {"bus", "remote"}, True),
    "shared/client/": (BASE | {"bus", "client"}, True),
    "daemon/platform/": (BASE | {"platform"}, True),
    "daemon/door/": (ROOM, False),
    "daemon/worker/": (ROOM | {"worker"}, False),
    "daemon/keyholder/": (ROOM | {"keyholder"}, False),
    "daemon/pam/": (WALLS | {"link"}, False),
    "daemon/token/": (ROOM | {"token"}, False),
    "daemon/courier/": (ROOM, True),
    "daemon/hook/": (BASE, False),
    "daemon/holder/": (WALLS | {"link", "platform"}, False),
    "daemon/main/": (ROOM | {"bus"}, True),
    "daemon/ctl/": (BASE | {"bus", "client", "remote"}, True),
    "gui/": (BASE | {"bus", "client", "remote"}, True),
}

# Confined rooms see of the system's interfaces only how to close themselves, and what the CPU can.
CONFINED = ("daemon/courier/", "daemon/door/", "daemon/worker/", "daemon/keyholder/", "daemon/token/")
CONFINED_PLATFORM = {"platform/cpu.h", "platform/lent-memory.h", "platform/sandbox.h"}

# Pure libraries turn bytes into structs and back: nothing that could wait, read or tell.
PURE = ("shared/walls/", "shared/codec/")
IMPURE = {"sys/socket.h", "unistd.h", "time.h", "sys/time.h", "fcntl.h", "poll.h", "sys/random.h",
          "stdio.h", "pthread.h", "base/log.h", "base/io.h"}


def find_layer(path):
    for folder, layer in LAYERS.items():
        if path.startswith(folder):
            return folder, layer
    return None, None


def find_includes(source):
    for number, line in enumerate(source.lines, 1):
        match = INCLUDE.match(line)
        if match:
            yield number, match.group(1) == "<", match.group(2)


def is_neighbour(source, name, paths):
    """A header beside the file, or in a folder of the same part."""
    return os.path.join(os.path.dirname(source.path), name) in paths


def layer(source, paths):
    folder, allowed = find_layer(source.path)
    if not source.is_c or folder is None:
        return
    libraries, gio = allowed
    for number, system, name in find_includes(source):
        if GIO.match(name) and not gio:
            yield number, f"{folder} must not know GIO ({name})"
        if system or is_neighbour(source, name, paths):
            continue
        library = name.split("/")[0] if "/" in name else None
        if library is None and name not in generated_names(folder):
            yield number, f"{name} is not beside {source.path}"
        if library is not None and library not in libraries:
            yield number, f"{folder} must not know {library}"


def generated_names(folder):
    """Headers that the build makes."""
    return {"sallyport-resources.h", "config.h"} if folder == "gui/" else set()


def confined(source, paths):
    if not source.is_c or not source.path.startswith(CONFINED):
        return
    for number, _, name in find_includes(source):
        if name.startswith("platform/") and name not in CONFINED_PLATFORM:
            yield number, f"a confined room must not know {name}"


def pure(source, paths):
    if not source.is_c or not source.path.startswith(PURE):
        return
    for number, _, name in find_includes(source):
        if name in IMPURE:
            yield number, f"pure code must not know {name}"


RULES = {
    "layer": layer,
    "confined-platform": confined,
    "pure": pure,
}
