#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""attack.py [NOUN…]: the long forms of the attacks, against our server and those it is compared with.

Without a noun, all.  Writes results/NOUN.json, where what was not measured now stays as it was, and REPORT.md from
all of these.  The status is 1 when something of ours failed or missed a goal."""

import argparse
import ast
import json
import os
import signal
import subprocess
import sys
import time

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '../lab'))

import circumstances  # noqa: E402
import figures  # noqa: E402
import report  # noqa: E402

RESULTS, REPORT = os.path.join(HERE, 'results'), os.path.join(HERE, 'REPORT.md')
PACKAGES = ('ocserv', 'openvpn', 'openconnect', 'libgnutls30')
SKIPPED_STATUS = 77
DEFAULTS = {'PRODUCTS': ('sallyport',), 'LONG_SECONDS': 600, 'OTHERS_SETTINGS': {}}


def declarations(noun):
    """What the module says of itself at its top level; it can be imported in a lab only."""
    with open(os.path.join(HERE, noun + '.py'), encoding='utf-8') as file:
        body = ast.parse(file.read()).body
    said = {name.id: node.value for node in body if isinstance(node, ast.Assign)
            for name in node.targets if isinstance(name, ast.Name)}
    return {name: ast.literal_eval(said[name]) if name in said else value for name, value in DEFAULTS.items()}


def registered(build):
    """The stories that meson.build lists: (noun, story, command, environment)."""
    told = subprocess.run(['meson', 'introspect', '--tests', build], check=True, capture_output=True, text=True).stdout
    for test in json.loads(told):
        if any(suite.endswith(':attack') or suite == 'attack' for suite in test['suite']) and 'story.py' in ' '.join(test['cmd']):
            yield os.path.basename(test['cmd'][-2]), test['cmd'][-1], test['cmd'], test['env']


def output_of(command, environment, seconds):
    """(status, standard output); the status is None when it did not end in time."""
    # A lab ends with everything in it when its first process is told to.
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True) as process:
        try:
            output = process.communicate(timeout=seconds)[0]
            return process.returncode, output
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGTERM)
            return None, process.communicate()[0]


def reason_of(output):
    """The last line of the exception, with which what story.py writes ends."""
    lines = output.strip().splitlines()
    return lines[-1][:300] if lines else 'no word'


def tell(command, environment, product, said):
    """One story in its long form: its entry in the results."""
    known, seconds = circumstances.find(HERE, PACKAGES), said['LONG_SECONDS']
    told = {**os.environ, **environment, 'LAB_PRODUCT': product, 'ATTACK_LONG': '1'}
    if product in said['OTHERS_SETTINGS']:
        told['LAB_OTHERS_SETTINGS'] = said['OTHERS_SETTINGS'][product]
    begun = time.monotonic()
    status, output = output_of(command, told, seconds)
    lines = output.splitlines()
    seen = [json.loads(line[len(figures.MARK):]) for line in lines if line.startswith(figures.MARK)]
    entry = {'figures': seen, 'seconds': round(time.monotonic() - begun), 'circumstances': known, 'failure': None}
    if status is None:
        entry['failure'] = f'did not end within {seconds} s'
    elif status == SKIPPED_STATUS:
        entry['failure'] = lines[-1] if lines else 'skipped'
    elif status:
        entry['failure'] = reason_of(output)
        print(output, file=sys.stderr)
    return entry


def load_results():
    """{noun: {story: {product: entry}}}"""
    os.makedirs(RESULTS, exist_ok=True)
    results = {}
    for name in sorted(os.listdir(RESULTS)):
        with open(os.path.join(RESULTS, name), encoding='utf-8') as file:
            results[name.removesuffix('.json')] = json.load(file)
    return results


def write(results, nouns):
    for noun in nouns:
        with open(os.path.join(RESULTS, noun + '.json'), 'w', encoding='utf-8') as file:
            json.dump(results[noun], file, indent=1, sort_keys=True, ensure_ascii=False)
            file.write('\n')
    with open(REPORT, 'w', encoding='utf-8') as file:
        file.write(report.text(results))


def measure(results, nouns, build, only_product, words):
    for noun, story, command, environment in registered(build):
        if noun not in nouns or words not in story.replace('_', ' '):
            continue
        said = declarations(noun)
        for product in said['PRODUCTS']:
            if only_product not in (None, product):
                continue
            print(f'{noun}: {" ".join(story.split("_"))}: {product}', file=sys.stderr)
            entry = tell(command, environment, product, said)
            print(f'  {entry["seconds"]} s, {len(entry["figures"])} figures{": " + entry["failure"] if entry["failure"] else ""}',
                  file=sys.stderr)
            results.setdefault(noun, {}).setdefault(story, {})[product] = entry
            write(results, [noun])


def told_still(results, build):
    """Without the stories that are gone."""
    known = {(noun, story) for noun, story, *_ in registered(build)}
    kept = {noun: {story: entries for story, entries in stories.items() if (noun, story) in known} for noun, stories in results.items()}
    return {noun: stories for noun, stories in kept.items() if stories}


def main():
    build = os.path.normpath(os.environ.get('LAB_BUILD', os.path.join(HERE, '../../build')))
    if not os.path.exists(os.path.join(build, 'build.ninja')):
        sys.exit(f'attack.py: {build} is no build folder; “./run attack” builds one, or set LAB_BUILD')
    known = sorted({noun for noun, *_ in registered(build)})
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('nouns', nargs='*', metavar='NOUN', help=', '.join(known))
    parser.add_argument('--product', help='measure this one alone')
    parser.add_argument('--story', default='', metavar='WORDS', help='only those with these words in their names')
    parser.add_argument('--report', action='store_true', help='measure nothing, write REPORT.md from what is there')
    arguments = parser.parse_args()
    unknown = sorted(set(arguments.nouns) - set(known))
    if unknown:
        parser.error(f'there is no attack {", ".join(unknown)}; there are {", ".join(known)}')
    results = told_still(load_results(), build)
    nouns = [] if arguments.report else arguments.nouns or known
    measure(results, nouns, build, arguments.product, arguments.story)
    write(results, [])
    return 0 if report.is_ours({noun: results[noun] for noun in nouns if noun in results}) else 1


if __name__ == '__main__':
    sys.exit(main())
