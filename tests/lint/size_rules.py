# SPDX-License-Identifier: GPL-2.0-or-later
"""House numbers: what fits on a screen can be read."""

import re

FUNCTION_LINES = 60
FILE_LINES = 700
HEADER_LINES = 150
# A header that is one table, with a sentence for each row, is as long as its table.
TABLES = ("shared/walls/", "daemon/main/setting-table.h")

AGGREGATE = re.compile(r"^(typedef )?(struct|enum|union)\b")


def find_functions(source):
    """Yields (line of the name, line of the closing brace), counted from 1."""
    start = None
    for index, line in enumerate(source.code):
        if line.startswith("{"):
            start = find_name(source, index)
        elif line.startswith("}") and start is not None:
            yield start + 1, index + 1
            start = None


def find_name(source, brace):
    """The line before the brace on which the function's name and parameters begin, or None."""
    index = brace - 1
    while index >= 0 and source.code[index].startswith((" ", "\t")):
        index -= 1
    if index < 0 or AGGREGATE.match(source.code[index]) or "(" not in source.code[index]:
        return None
    return index


def function_length(source):
    if not source.is_c:
        return
    for first, last in find_functions(source):
        if last - first + 1 > FUNCTION_LINES:
            yield first, f"function of {last - first + 1} lines, at most {FUNCTION_LINES}"


def file_length(source):
    length = len(source.lines) - 1
    if (source.is_c or source.is_script) and length > FILE_LINES:
        yield FILE_LINES + 1, f"{length} lines, at most {FILE_LINES}"


def header_length(source):
    length = len(source.lines) - 1
    if source.is_header and not any(table in source.path for table in TABLES) and length > HEADER_LINES:
        yield HEADER_LINES + 1, f"header of {length} lines, at most {HEADER_LINES}"


RULES = {
    "function-length": function_length,
    "file-length": file_length,
    "header-length": header_length,
}
