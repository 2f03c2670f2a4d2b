# SPDX-License-Identifier: GPL-2.0-or-later
"""Who asks a person for her password, here on a terminal of its own, and is given it."""

import os
import pty
import re
import select
import signal
import termios
import threading

import people

PROMPT = re.compile(rb'assword[^:\n]*: ')


class Agent:
    """For one process, until end().  asked counts the questions, words has what they said."""

    def __init__(self, person, process, password):
        self.asked, self.words, self.password = 0, b'', password
        with open(f'/proc/{process}/stat', encoding='ascii') as file:
            started = file.read().rsplit(') ', 1)[1].split()[19]
        read, write = os.pipe()
        command = people.command(person, 'pkttyagent', '--process', f'{process},{started}', '--notify-fd', str(write))
        self.process, self.terminal = pty.fork()
        if self.process == 0:
            os.set_inheritable(write, True)
            os.execvp(command[0], command)
        os.close(write)
        # It closes this when it is registered.
        os.read(read, 1)
        os.close(read)
        threading.Thread(target=self._answer, daemon=True).start()

    def _answer(self):
        while True:
            if len(PROMPT.findall(self.words)) > self.asked and not termios.tcgetattr(self.terminal)[3] & termios.ECHO:
                self.asked += 1
                os.write(self.terminal, self.password.encode() + b'\n')
            if select.select([self.terminal], [], [], .02)[0]:
                try:
                    self.words += os.read(self.terminal, 4096)
                except OSError:
                    return

    def end(self):
        os.kill(self.process, signal.SIGTERM)
        os.waitpid(self.process, 0)
