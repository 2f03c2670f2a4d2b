#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Proves a model with spin, sees each of its broken variants refuted, and hands the transitions that it
took to a program that drives the daemon's own code through them.

check.py MODEL DRIVER     MODEL is the name of a .pml file beside this one
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
FOLDERS = [HERE, os.path.join(TOP, "daemon/main"), os.path.join(TOP, "daemon/worker/include/worker")]
SKIPPED = 77
DEPTH_MAX = 20000

# Of each model: what spin is told, what the compiler is told, what the verifier is told.
SAFETY = (["-DWITH_STRANGERS"], ["-DSAFETY", "-DNOCLAIM"], ["-E"])
FAIR = (["-DNFAIR=5"], ["-a", "-f"]) # nobody who can act all the time is kept from it for ever
PROOFS = {
    "loan": {"safety": SAFETY, "liveness": ([], [], ["-a"])},
    "channel": {"safety": SAFETY,
                "liveness, hellos are repeated": (["-DWITHOUT_STRAYS"], *FAIR),
                "liveness, the client moves": (["-DWITHOUT_REPEATER"], *FAIR)},
}
INCOMPLETE = re.compile(r"search depth too small|search not completed|max\. depth|out of memory|resize", re.I)
FIGURES = re.compile(r"depth reached (\d+), errors: (\d+)\s+(\d+) states, stored.*?(\d+) transitions", re.S)
# A rule of a table that the model is made of, and a deed that a variant does wrongly.
RULE = re.compile(r"^\s*RULE \((\w+),\s*(\w+),\s*(\w+),\s*(\w+)\)", re.M)
BROKEN = re.compile(r"^#define BROKEN_(\w+) (\d+)", re.M)
TOOK = re.compile(r"^took (.*)", re.M)


def fail(words):
    sys.exit(f"model: {words}")


def build(model, proof, folder):
    """The verifier of one proof: spin writes it in C."""
    spin, compiler, _ = PROOFS[model][proof]
    folder = os.path.join(folder, proof)
    os.mkdir(folder)
    includes = ["-E-I" + place for place in FOLDERS]
    subprocess.run(["spin", "-a", *includes, *spin, os.path.join(HERE, model + ".pml")],
                   cwd=folder, check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["cc", "-w", "-O1", *compiler, "-o", "pan", "pan.c"], cwd=folder, check=True)
    return folder


def search(model, proof, folder, variant=0):
    """Every state that can be reached, or the first error; never a part of them."""
    done = subprocess.run(["./pan", f"-m{DEPTH_MAX}", "-w21", *PROOFS[model][proof][2]], cwd=folder, check=False,
                          env=dict(os.environ, VARIANT=str(variant)), capture_output=True, text=True)
    found = FIGURES.search(done.stdout)
    if done.returncode != 0 or found is None:
        fail(f"{proof}, variant {variant}: {done.stdout[-2000:]}{done.stderr}")
    depth, errors, states, transitions = map(int, found.groups())
    if errors == 0 and INCOMPLETE.search(done.stdout):
        fail(f"{proof}, variant {variant}: not every state was looked at")
    return {"depth": depth, "errors": errors, "states": states, "transitions": transitions, "text": done.stdout}


def tell_trail(model, proof, folder):
    """How it came to an error, for whoever has to understand it."""
    done = subprocess.run(["./pan", "-r", *PROOFS[model][proof][2]], cwd=folder, check=False, capture_output=True, text=True)
    return done.stdout[-6000:]


def prove(model, folders):
    taken = set()
    for proof, folder in folders.items():
        result = search(model, proof, folder)
        if result["errors"]:
            fail(f"{model} is not proved ({proof}):\n{result['text'][-1500:]}\n{tell_trail(model, proof, folder)}")
        print(f"{model}, {proof}: {result['states']} states, {result['transitions']} transitions, "
              f"depth {result['depth']}")
        taken |= set(TOOK.findall(result["text"]))
    return taken


def refute(model, folders, variants):
    """A model that cannot fail proves nothing."""
    survived = [f"{name} ({number})" for number, name in variants
                if not any(search(model, proof, folder, number)["errors"] for proof, folder in folders.items())]
    if survived:
        fail(f"{model}: nobody notices {', '.join(survived)}")
    print(f"{model}: {len(variants)} broken variants, each refuted")


def read(name):
    with open(os.path.join(HERE, name), encoding="utf-8") as file:
        return file.read()


def list_rules(model, text):
    """What the tables say that the model is made of: “loan FREE REQUESTED MINTING MINT”."""
    rules = set()
    for table, noun in re.findall(r'^#include "((\w+)-table\.h)"', text, re.M):
        path = next(os.path.join(place, table) for place in FOLDERS if os.path.exists(os.path.join(place, table)))
        with open(path, encoding="utf-8") as file:
            rules |= {" ".join((noun, *rule)) for rule in RULE.findall(file.read())}
    return rules


def number_rules(text, rules):
    """The variants in which one rule is left out; not those that change nothing."""
    lists = {name: re.findall(r"^#define " + name + r"_(\w+) (\d+)", text, re.M) for name in ("P", "E")}
    phases, events = ({word: int(number) for word, number in lists[name]} for name in ("P", "E"))
    for rule in sorted(rules):
        _, phase, event, following, action = rule.split()
        if phase != following or action != "NOTHING" and action != "REFUSE":
            yield 1 + phases[phase] * len(events) + events[event], rule


def main():
    model, driver = sys.argv[1:]
    if shutil.which("spin") is None:
        print("spin is not installed")
        sys.exit(SKIPPED)
    text = read(model + ".pml")
    rules = list_rules(model, text)
    variants = [(int(number), name) for name, number in BROKEN.findall(text)] + list(number_rules(text, rules))
    with tempfile.TemporaryDirectory() as folder:
        folders = {proof: build(model, proof, folder) for proof in PROOFS[model]}
        taken = prove(model, folders)
        if taken != rules:
            fail(f"the table and the model differ: {sorted(taken ^ rules)}")
        refute(model, folders, variants)
    done = subprocess.run([driver], input="".join(rule + "\n" for rule in sorted(taken)), check=False, text=True)
    if done.returncode != 0:
        fail(f"the daemon does not do what the model does: {driver} ended with {done.returncode}")


main()
