# SPDX-License-Identifier: GPL-2.0-or-later
"""Who reads a wall has a handler for every message that may come, and for no other."""

import re

# Dispatcher: the wall's header, and whose messages it takes.
DISPATCHERS = {
    "daemon/courier/from-main.c": ("main-courier", "MAIN"),
    "daemon/door/from-main.c": ("main-door", "MAIN"),
    "daemon/holder/from-main.c": ("main-holder", "MAIN"),
    "daemon/keyholder/from-main.c": ("main-keyholder", "MAIN"),
    "daemon/keyholder/from-worker.c": ("worker-keyholder", "WORKER"),
    "daemon/keyholder/pam-talk.c": ("keyholder-pam", "PAM"),
    "daemon/keyholder/token-key.c": ("keyholder-token", "TOKEN"),
    "daemon/token/from-keyholder.c": ("keyholder-token", "KEYHOLDER"),
    "daemon/main/courier-client.c": ("main-courier", "COURIER"),
    "daemon/main/door-client.c": ("main-door", "DOOR"),
    "daemon/main/from-keyholder.c": ("main-keyholder", "KEYHOLDER"),
    "daemon/main/from-worker.c": ("main-worker", "WORKER"),
    "daemon/main/holding.c": ("main-holder", "HOLDER"),
    "daemon/main/nursery-client.c": ("main-nursery", "NURSERY"),
    "daemon/pam/pam-room.c": ("keyholder-pam", "KEYHOLDER"),
    "daemon/worker/from-keyholder.c": ("worker-keyholder", "KEYHOLDER"),
    "daemon/worker/from-main.c": ("main-worker", "MAIN"),
    "daemon/worker/nursery.c": ("main-nursery", "MAIN"),
}


def messages_of(header, sender):
    return set(re.findall(r"MESSAGE \((\w+), +\w+, +FROM \(" + sender + r"\)", header))


def first_table(source):
    for number, line in enumerate(source.code, 1):
        if re.match(r"(static )?const (Handler|SpLinkTable)\b", line):
            return number
    return 1


def handler(source, sources):
    if source.path not in DISPATCHERS:
        return
    wall, sender = DISPATCHERS[source.path]
    header = sources.get(f"shared/walls/include/walls/{wall}.h")
    if header is None:
        yield 1, f"there is no wall {wall}"
        return
    wanted = messages_of(header.text, sender)
    there = {}
    for number, line in enumerate(source.code, 1):
        for name in re.findall(r"\[SP_MESSAGE_(\w+)\]\s*=", line):
            there[name] = number
    for name in sorted(wanted - set(there)):
        yield first_table(source), f"no handler for {name}"
    for name in sorted(set(there) - wanted):
        yield there[name], f"{name} never comes from {sender.lower()}"


RULES = {"handler": handler}
