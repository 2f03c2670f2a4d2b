# SPDX-License-Identifier: GPL-2.0-or-later
"""What every text in the tree holds to."""

import os
import re

LICENCE = "SPDX-License-Identifier: GPL-2.0-or-later"
TOPS = ("daemon/", "shared/", "tests/", "gui/", "data/", "po/", "tools/", "flatpak/")
# Written apart, or this file would break its own rule.
PRIVATE = re.compile(r"(?<![\w/.-])/(?:home/\w+|root|" + "wor" + "k|tmp/" + "w" + r")(?:/|\b)")
TRANSLATED = re.compile(r"(?<!\w)(?:_|N_|C_|NC_|ngettext|Q_)\s*\(\s*\"|translatable=\"yes\"")
# A literal within C's marks, or an element's text.
TYPED_QUOTE = re.compile(r"\"[^\"]*\w'\w[^\"]*\"|>[^<]*\w'\w[^<]*<")


def licence(source):
    if not source.text or not source.is_c and not source.is_script:
        return
    first = source.lines[1 if source.text.startswith("#!") else 0]
    wanted = f"/* {LICENCE} */" if source.is_c else f"# {LICENCE}"
    if first != wanted:
        yield 1, f"begins with: {wanted}"


def private_path(source):
    for number, line in enumerate(source.lines, 1):
        if PRIVATE.search(line):
            yield number, "a path of somebody's machine"


def ending(source):
    if source.text and not source.text.endswith("\n"):
        yield len(source.lines), "no line end at the end of the file"
    for number, line in enumerate(source.lines, 1):
        if (source.is_c or source.is_script or source.path.endswith((".build", ".md"))) and \
                re.search(r"[ \t\r]$", line):
            yield number, "blanks at the end of the line"


def document(source, paths):
    """A file that a document names is there."""
    if not source.path.endswith(".md"):
        return
    folders = {os.path.dirname(path) for path in paths}
    folders |= {parent for folder in list(folders) for parent in parents(folder)}
    for number, line in enumerate(source.lines, 1):
        for name in re.findall(r"`([\w./-]+)`", line):
            if name.startswith(TOPS) and name.rstrip("/") not in paths | folders:
                yield number, f"{name}: there is no such file"


def parents(folder):
    while folder:
        yield folder
        folder = os.path.dirname(folder)


def translation(source, paths, potfiles):
    """POTFILES.in lists what has texts to translate, and nothing that is gone."""
    if source.path == "po/POTFILES.in":
        for number, line in enumerate(source.lines, 1):
            if line and not line.startswith("#") and line not in paths:
                yield number, f"{line}: there is no such file"
    elif source.path.startswith(("gui/", "daemon/", "shared/", "data/")):
        for number, line in enumerate(source.lines, 1):
            if TRANSLATED.search(line) and source.path not in potfiles:
                yield number, "has a text to translate, but is not in po/POTFILES.in"
                return


def apostrophe(source):
    """What people read has the apostrophe of printed text."""
    if not source.path.startswith(("gui/", "daemon/", "data/")):
        return
    for number, line in enumerate(source.lines, 1):
        if TRANSLATED.search(line) and TYPED_QUOTE.search(line):
            yield number, "write ’ in a text that people read"


RULES = {
    "licence": licence,
    "private-path": private_path,
    "ending": ending,
    "document": document,
    "translation": translation,
    "apostrophe": apostrophe,
}
