# SPDX-License-Identifier: GPL-2.0-or-later
"""What C code in this house does not do."""

import re

FORBIDDEN_CALLS = {
    "system": "start a program by its own argument list",
    "popen": "start a program by its own argument list",
    "strcpy": "use g_strlcpy or g_strdup",
    "strcat": "use GString",
    "strncpy": "use g_strlcpy",
    "sprintf": "use g_snprintf or g_strdup_printf",
    "vsprintf": "use g_vsnprintf",
    "gets": "read with a bound",
    "strtok": "use g_strsplit",
    "atoi": "use g_ascii_string_to_unsigned",
    "tmpnam": "use g_mkstemp",
    "mktemp": "use g_mkstemp",
    "alloca": "use g_autofree",
    "rand": "use sp_random_bytes",
    "random": "use sp_random_bytes",
}
CALL = re.compile(r"(?<![\w.>])(" + "|".join(FORBIDDEN_CALLS) + r")\s*\(")


# They open files, or ask other processes, behind a closed room's back: the sandbox would end it.
OPENING_CALL = re.compile(r"\b(g_strerror|strerror|strerror_r|perror|localtime|localtime_r|mktime|"
                          r"g_date_time_new_now_local|g_date_time_to_local|g_time_zone_new_local|"
                          r"getpwnam|getpwnam_r|getgrnam|getaddrinfo|setlocale|syslog|"
                          r"g_get_host_name|g_get_user_name|g_get_charset)\s*\(")
CONFINED = ("daemon/door/", "daemon/worker/", "daemon/keyholder/", "shared/base/", "shared/walls/",
            "shared/link/", "shared/codec/")


def opening_call(source):
    if not source.is_c or not source.path.startswith(CONFINED):
        return
    for number, line in enumerate(source.code, 1):
        for match in OPENING_CALL.finditer(line):
            yield number, f"{match.group(1)} opens files, which ends a closed room"


def jump(source):
    for number, line in enumerate(source.code if source.is_c else [], 1):
        if re.search(r"\bgoto\b", line):
            yield number, "goto: let g_autoptr clean up, or make it a function"


def conditional(source):
    if not source.is_c or source.path.startswith("daemon/platform/") or \
            source.path == "gui/compat.h":
        return
    for number, line in enumerate(source.code, 1):
        if re.match(r"\s*#\s*(if|ifdef|ifndef|elif|else)\b", line):
            yield number, "conditional compilation belongs into daemon/platform or gui/compat.h"


def once(source):
    if source.is_header and (len(source.lines) < 2 or source.lines[1] != "#pragma once"):
        yield 2, "a header's second line is #pragma once"


def call(source):
    for number, line in enumerate(source.code if source.is_c else [], 1):
        for match in CALL.finditer(line):
            yield number, f"{match.group(1)}: {FORBIDDEN_CALLS[match.group(1)]}"


# A declaration up to its name, array and initializer: "static const char *const names[] = {".
VARIABLE = re.compile(r"^(\s*)(static|extern)?\s*((?:struct\s+|const\s+|volatile\s+|unsigned\s+)*"
                      r"[A-Za-z_]\w*(?:\s+const|\s+int|\s+long)*[\s*]+(?:const\s+|restrict\s+)*)"
                      r"([A-Za-z_]\w*)\s*((?:\[[^\]]*\])*)\s*(=|;)")
KEYWORDS = ("return", "typedef", "else", "case", "struct", "enum", "union", "goto", "extern")


def is_constant(declarator):
    """Of a pointer it is the pointer that must not change."""
    behind_star = declarator.rsplit("*", 1)[-1]
    return re.search(r"\bconst\b", behind_star) is not None


def global_state(source):
    """Variables that outlive a call, in what is installed."""
    if not source.is_c or source.is_test:
        return
    for number, line in enumerate(source.code, 1):
        if re.match(r"^\}\s*\w+\s*(=.*)?;?$", line):
            yield from find_static_struct(source, number)
        match = VARIABLE.match(line)
        if match is None:
            continue
        indent, storage, declarator, name = match.group(1, 2, 3, 4)
        if declarator.split()[0] in KEYWORDS or storage is None and indent != "":
            continue
        if not is_constant(declarator):
            yield number, f"{name}: mutable state outside of a struct that is passed down"


def find_static_struct(source, last):
    """The beginning of `static struct { … } name`, whose braces close on line `last`."""
    for number in range(last - 1, 0, -1):
        line = source.code[number - 1]
        if re.match(r"^static (struct|union)\b", line):
            yield number, "mutable state outside of a struct that is passed down"
            return
        if line.startswith("}") or re.match(r"^(typedef|enum|struct|union|static)\b", line):
            return


def promise(source):
    """Each permission of a sandbox stands beside its reason."""
    if source.is_test or not source.path.endswith("-sandbox.c"):
        return
    for number, line in enumerate(source.lines, 1):
        if re.match(r"\s*(/\*.*|\*.*)$", line) or "SP_PROMISE_" not in line:
            continue
        row = " ".join(source.lines[number - 1:number + 2])
        if not re.search(r"SP_PROMISE_\w+,\s*\"[^\"]{8,}", row):
            yield number, "a promise without its reason"


RULES = {
    "goto": jump,
    "conditional": conditional,
    "pragma-once": once,
    "forbidden-call": call,
    "opening-call": opening_call,
    "global-state": global_state,
    "promise-reason": promise,
}
