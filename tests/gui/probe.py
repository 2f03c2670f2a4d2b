# SPDX-License-Identifier: GPL-2.0-or-later
"""What a window tells that probe.c was loaded into."""

import dataclasses
import os
import shutil
import signal

from window import wait_for

FACTS = 'facts'


@dataclasses.dataclass
class Facts:
    live: dict   # class: how many objects
    cut: list    # texts of labels on the screen that show an ellipsis
    turns: list  # (µs of CPU time in a turn of the main loop, those in it spent on drawing), since the last question


class Probe:
    def __init__(self, build, desktop):
        self.path = f'{desktop.folder}/{FACTS}'
        # The build may lie in a folder that only its owner can look into.
        self.module = shutil.copy(f'{build}/tests/gui/probe.so', '/run/probe.so')
        os.chmod(self.module, 0o755)

    def command(self, command):
        """The same, with the probe in it, and in nothing that leads to it."""
        return ['env', f'LD_PRELOAD={self.module}', f'SALLYPORT_PROBE={self.path}', *command]

    def ask(self, process):
        if os.path.exists(self.path):
            os.unlink(self.path)
        process.send_signal(signal.SIGUSR2)
        wait_for('the probe to tell', lambda: os.path.exists(self.path))
        facts = Facts({}, [], [])
        with open(self.path, encoding='utf-8') as file:
            for line in file:
                kind, value = line.rstrip('\n').split(' ', 1)
                if kind == 'live':
                    name, count = value.split()
                    facts.live[name] = int(count)
                elif kind == 'cut':
                    facts.cut.append(value)
                else:
                    facts.turns.append(tuple(map(int, value.split())))
        return facts
