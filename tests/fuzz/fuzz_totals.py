# SPDX-License-Identifier: GPL-2.0-or-later
"""How long each target was fuzzed and when that last found anything.

What ran is noted in the build folder; `record` adds it to the table in the tree, which it reads and writes again.
"""

import datetime
import fcntl
import json

from fuzz_coverage import REACHED

NOTES = 'ran.json'
HEAD = """# How long the fuzzers ran

Written by `./run fuzz --record`. Seconds are those of one core, with AddressSanitizer and UBSan. *Quiet* are those
since the target last reached an edge of the program that neither its corpus nor an earlier run had; *edges* is how many
it reached in its last run.

| target | seconds | runs | edges | quiet | last run |
|---|--:|--:|--:|--:|---|
"""


class Notes(dict):
    """The file of the build folder, held by one process at a time."""

    def __init__(self, build):
        super().__init__()
        self._file = open(build / NOTES, 'a+', encoding='utf-8')

    def __enter__(self):
        fcntl.flock(self._file, fcntl.LOCK_EX)
        self._file.seek(0)
        self.update(json.loads(self._file.read() or '{}'))
        return self

    def __exit__(self, *_):
        self._file.truncate(0)
        self._file.write(json.dumps(dict(self), indent=1))
        self._file.close()


def add(one, other):
    """Two runs after each other as one."""
    quiet = other['quiet'] if other['found'] else one['quiet'] + other['seconds']
    return {'seconds': one['seconds'] + other['seconds'], 'runs': one['runs'] + other['runs'],
            'edges': other['edges'], 'found': one['found'] + other['found'], 'quiet': quiet, 'day': other['day']}


def note(build, target, watch):
    ran = {'seconds': watch.seconds, 'runs': watch.runs, 'edges': watch.edges, 'found': watch.found,
           'quiet': watch.quiet, 'day': datetime.datetime.now(datetime.timezone.utc).date().isoformat()}
    with Notes(build) as notes:
        notes[target] = add(notes[target], ran) if target in notes else ran


def read_table(text):
    rows = {}
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip('|').split('|')]
        if line.startswith('|') and len(cells) == 6 and cells[1].isdigit():
            seconds, runs, edges, quiet = map(int, cells[1:5])
            rows[cells[0]] = {'seconds': seconds, 'runs': runs, 'edges': edges, 'found': 0, 'quiet': quiet,
                              'day': cells[5]}
    return rows


def read_coverage(build, text):
    """What was measured here last, else what was recorded before."""
    reached = build / REACHED
    if reached.exists():
        return '\n' + reached.read_text()
    return ''.join('\n' + line + '\n' for line in text.splitlines() if line.startswith('The corpora reach'))


def write_table(rows):
    return HEAD + ''.join(
        f'| {target} | {row["seconds"]:.0f} | {row["runs"]} | {row["edges"]} | {row["quiet"]:.0f} | {row["day"]} |\n'
        for target, row in sorted(rows.items()))


def record(build, table):
    text = table.read_text() if table.exists() else ''
    rows = read_table(text)
    with Notes(build) as notes:
        for target, ran in notes.items():
            rows[target] = add(rows[target], ran) if target in rows else ran
        table.write_text(write_table(rows) + read_coverage(build, text))
        notes.clear()
    print(table.read_text(), end='')
    return 0
