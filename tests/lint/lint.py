#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Checks the house rules on all files of the tree.

lint.py TOP RULE    one rule, on the tree below TOP; prints "file:line: rule: what is wrong"
lint.py TOP samples every rule on tests/lint/samples: it must find what is marked there, and only that
lint.py TOP rules   the names of the rules

A line that has a reason to break a rule says so, on it or above it: nocheck: the reason
"""

import inspect
import os
import re
import sys

import code_rules
import layer_rules
import script_rules
import size_rules
import text_rules
import tree
import wall_rules

RULES = {**size_rules.RULES, **code_rules.RULES, **layer_rules.RULES, **text_rules.RULES,
         **script_rules.RULES, **wall_rules.RULES}


def complaints(name, source, knows):
    """Yields (line, message) of one rule on one file, without the excused."""
    rule = RULES[name]
    wants = [word for word in inspect.signature(rule).parameters if word != "source"]
    for number, message in rule(source, **{word: knows[word] for word in wants}):
        if not source.is_excused(number):
            yield number, message


def what_rules_know(sources, paths):
    """Besides the file itself: what some rules ask for by the name of their parameter."""
    by_path = {source.path: source for source in sources}
    potfiles = by_path["po/POTFILES.in"].lines if "po/POTFILES.in" in by_path else []
    return {"paths": paths, "potfiles": set(potfiles), "sources": by_path}


def check_tree(top, name):
    sources = tree.load(top)
    paths = {source.path for source in tree.load(top, with_samples=True)}
    knows = what_rules_know(sources, paths)
    found = 0
    for source in sources:
        for number, message in complaints(name, source, knows):
            print(f"{source.path}:{number}: {name}: {message}")
            found += 1
    print(f"{name}: {len(sources)} files, {found} complaints")
    return found == 0


def load_sample(top, name):
    """A sample's first line says under which path it is to be seen; that line is taken away."""
    source = tree.read(top, os.path.join(tree.SAMPLES, name))
    first, rest = source.text.split("\n", 1)
    return tree.Source(re.search(r"sample: (\S+)", first).group(1), rest)


def expected_complaints(sample):
    """Lines marked with `expect: rule`, for each rule."""
    return {(name, number) for number, line in enumerate(sample.lines, 1)
            for name in re.findall(r"expect: ([\w-]+)", line)}


def check_samples(top):
    names = sorted(os.listdir(os.path.join(top, tree.SAMPLES)))
    samples = [load_sample(top, name) for name in names]
    paths = {sample.path for sample in samples} | {"shared/base/log.h"}
    knows = what_rules_know(samples, paths)
    unproven = set(RULES)
    good = True
    for sample in samples:
        found = {(name, number) for name in RULES
                 for number, _ in complaints(name, sample, knows)}
        expected = expected_complaints(sample)
        unproven -= {name for name, _ in expected}
        for name, number in sorted(found ^ expected):
            verb = "wrongly complained about" if (name, number) in found else "missed"
            print(f"sample {sample.path}:{number}: {name}: {verb}")
            good = False
    for name in sorted(unproven):
        print(f"{name}: no sample breaks this rule")
    print(f"{len(samples)} samples, {len(RULES)} rules")
    return good and not unproven


def main():
    top, name = sys.argv[1:3]
    if name == "rules":
        print("\n".join(RULES))
        return 0
    good = check_samples(top) if name == "samples" else check_tree(top, name)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
