# SPDX-License-Identifier: GPL-2.0-or-later
"""Follows one fuzzer: how long it had a core, and when it last reached an edge of the program that nothing before did.

What counts is the process's own processor time, so that figures of a busy machine mean the same as those of an idle
one.  libFuzzer also calls NEW what reaches known edges in another number; that is not counted.
"""

import os
import re
import selectors
import signal
import subprocess
import time

STATUS = re.compile(rb'#(\d+)\s+(\w+)\s+cov: (\d+)')
EXECUTED = re.compile(rb'stat::number_of_executed_units: *(\d+)')
LOOK_SECONDS = 0.5
COMPLAINT_MAX = 8000
TICKS = os.sysconf('SC_CLK_TCK')
TIME_FIELDS = slice(11, 13)  # utime and stime, behind the name in brackets; proc(5)


class Watch:
    """`seconds` of a core, `runs`, `edges` reached, `found` of them by this run, `quiet` seconds since the last.

    `complaint` is what was said since the last line of status.
    """

    def __init__(self, command, log, environment):
        self.seconds = self.quiet = 0.0
        self.runs = self.edges = self.found = 0
        self.complaint = ''
        self._loaded = False
        self._found_at = 0.0
        self._log = log
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment)
        os.set_blocking(self._process.stdout.fileno(), False)

    def _look_at_clock(self):
        try:
            with open(f'/proc/{self._process.pid}/stat', encoding='utf-8') as file:
                fields = file.read().rpartition(')')[2].split()
        except FileNotFoundError:
            return
        self.seconds = max(self.seconds, sum(map(int, fields[TIME_FIELDS])) / TICKS)

    def _hear(self, line):
        status = STATUS.match(line)
        self.complaint = '' if status else f'{self.complaint}{line.decode(errors="replace")}\n'[:COMPLAINT_MAX]
        if status:
            edges = int(status[3])
            self.runs = int(status[1])
            if self._loaded and edges > self.edges:
                self.found += edges - self.edges
                self._look_at_clock()
                self._found_at = self.seconds
            self.edges = max(edges, self.edges)
            if status[2] == b'INITED':
                self._loaded = True
                self._look_at_clock()
                self._found_at = self.seconds  # what it took to load counts for nothing
        executed = EXECUTED.match(line)
        if executed:
            self.runs = int(executed[1])

    def _read(self, rest, log):
        """What is left of an unfinished line, None at the end."""
        piece = self._process.stdout.read()
        if piece is None:
            return rest
        log.write(piece)
        *lines, rest = (rest + piece).split(b'\n')
        for line in lines:
            self._hear(line)
        return rest if piece else None

    def follow(self, quiet=None):
        """Until it ends; with `quiet`, it is told to when it has found nothing for so long.  Whether it broke."""
        rest, told = b'', False
        with selectors.DefaultSelector() as selector, open(self._log, 'wb') as log:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            while rest is not None:
                if selector.select(LOOK_SECONDS):
                    rest = self._read(rest, log)
                    time.sleep(LOOK_SECONDS / 10)  # in pieces of many lines
                self._look_at_clock()
                if quiet is not None and not told and self._loaded and self.seconds - self._found_at >= quiet:
                    self._process.send_signal(signal.SIGUSR1)
                    told = True
        _, status, usage = os.wait4(self._process.pid, 0)
        self._process.returncode = os.waitstatus_to_exitcode(status)
        self.seconds = usage.ru_utime + usage.ru_stime
        self.quiet = self.seconds - self._found_at
        return self._process.returncode != 0

    def told_new(self):
        if self.found == 0:
            return 'nothing new'
        return f'{self.found} new edges, the last {self.quiet:.0f} s before the end'
