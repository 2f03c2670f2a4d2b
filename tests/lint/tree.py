# SPDX-License-Identifier: GPL-2.0-or-later
"""The files of the tree, as the rules look at them."""

import os
import re

C_ENDINGS = (".c", ".h")
SCRIPT_ENDINGS = (".py", ".sh")
SAMPLES = "tests/lint/samples/"
CORPORA = "tests/fuzz/corpus/"

# Comments, texts and characters, each as a whole.
TOKENS = re.compile(r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'", re.S)


class Source:
    """One file: `lines` as they are, `code` without comments and texts, line by line alike."""

    def __init__(self, path, text):
        self.path = path
        self.text = text
        self.lines = text.split("\n")
        self.is_c = path.endswith(C_ENDINGS)
        self.is_header = path.endswith(".h")
        self.is_script = path.endswith(SCRIPT_ENDINGS) or text.startswith("#!")
        self.is_test = path.startswith("tests/")
        self.code = blank(text).split("\n") if self.is_c else self.lines

    def is_excused(self, number):
        """A visible `nocheck: reason` on the line or in the comment right above it."""
        around = [self.lines[number - 1]] if number <= len(self.lines) else []
        return any(re.search(r"nocheck: \S+", line) for line in around + self.comment_above(number))

    def comment_above(self, number):
        index = number - 2
        lines = []
        while index >= 0 and self.is_comment(index, bool(lines)):
            lines.append(self.lines[index])
            if self.is_c and self.lines[index].lstrip().startswith("/*"):
                break
            index -= 1
        return lines

    def is_comment(self, index, inside):
        line = self.lines[index].strip()
        if self.is_c:
            return inside or line.endswith("*/") and self.code[index].strip() == ""
        return line.startswith("#")


def blank(text):
    """Replaces comments and the insides of texts by blanks, so that columns and lines stay."""

    def replace(match):
        found = match.group(0)
        if found[0] in "\"'":
            return found[0] + re.sub(r"[^\n]", " ", found[1:-1]) + found[-1]
        return re.sub(r"[^\n]", " ", found)

    return TOKENS.sub(replace, text)


def is_build_folder(path):
    return os.path.isdir(os.path.join(path, "meson-private"))


def load(top, with_samples=False):
    sources = []
    for folder, folders, names in os.walk(top):
        folders[:] = [name for name in folders
                      if (not name.startswith(".") or name == ".ci") and name != "__pycache__"
                      and not is_build_folder(os.path.join(folder, name))]
        for name in names:
            path = os.path.relpath(os.path.join(folder, name), top)
            if name.startswith(".git") or path.startswith(SAMPLES) and not with_samples:
                continue
            source = read(top, path)
            if source is not None:
                sources.append(source)
    return sorted(sources, key=lambda source: source.path)


def read(top, path):
    """None for what is not a text (corpora, icons)."""
    full = os.path.join(top, path)
    if path.startswith(CORPORA) or os.path.islink(full) or not os.path.isfile(full):
        return None
    with open(full, "rb") as file:
        content = file.read()
    if b"\0" in content:
        return None
    try:
        return Source(path, content.decode())
    except UnicodeDecodeError:
        return None
