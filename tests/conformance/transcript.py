# SPDX-License-Identifier: GPL-2.0-or-later
"""Conversations written down: what a client sends, and every header and byte that the server has to answer.

A transcript (transcripts/*.txt) is read line by line:

    # words                 nothing
    = agent                 from here on this connection, made when it is first named; = agent! makes it anew
    > text                  a line of a request; after the first empty one, its body
    < text                  a line of the answer; after the first empty one, its body
    <+ text                 such a header must be in the answer, among others
    <- Name                 and none of this name
    ! 5 b0 text             a frame of this type, with this byte (or -) and text behind it
    ? 4 - text              the next frame must be this
    closed                  the server ends the connection
    close                   the client does, without a word

{user}, {password} and {sha1} (of the certificate) stand for what they say.  Any other {name} in an answer takes what
is there, and means the same from then on.  What is sent has no Content-Length: it is added.  Line ends in bodies
mean nothing, on either side.  An answer without <+ has exactly these headers, in this order, besides those of every
answer (STANDARD) and its length.
"""

import hashlib
import os
import re

import lab
import records
from client import read_password
from record_client import DATA, Tunnel

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'transcripts')
STANDARD = {'X-Transcend-Version': '1', 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff',
            'X-Frame-Options': 'DENY'}
NAME = re.compile(r'\{(\w+)\}')


def read_steps(name):
    """[(mark, [lines])] of a transcript; lines of one mark that follow each other are one step."""
    steps = []
    with open(os.path.join(FOLDER, name + '.txt'), encoding='utf-8') as file:
        for line in file.read().splitlines():
            mark, _, text = line.partition(' ')
            if mark in ('#', ''):
                continue
            kind = '<' if mark in ('<+', '<-') else mark
            if steps and steps[-1][0] == kind and kind in '<>':
                steps[-1][1].append((mark, text))
            else:
                steps.append((kind, [(mark, text)]))
    return steps


class Transcript:
    """One conversation.  known: what the names stand for; tunnels: those that are open, by connection."""

    def __init__(self, **known):
        self.known = {'user': os.environ['LAB_USER'], 'password': read_password(), **known}
        self.connections, self.tunnels, self.current, self.method = {}, {}, None, ''

    # Names.

    def fill_in(self, text):
        return NAME.sub(lambda match: self.known[match.group(1)], text)

    def matches(self, expected, seen):
        """Is `seen` what is expected?  Learns the names that were new."""
        pattern, at, new = '', 0, []
        for match in NAME.finditer(expected):
            pattern += re.escape(expected[at:match.start()])
            name, at = match.group(1), match.end()
            pattern += re.escape(self.known[name]) if name in self.known else r'([^;"<\s]+)'
            new += [] if name in self.known else [name]
        found = re.fullmatch(pattern + re.escape(expected[at:]), seen)
        if found:
            self.known.update(zip(new, found.groups()))
        return bool(found)

    def expect(self, expected, seen, what):
        lab.holds(self.matches(expected, seen), f'{self.current}, {what}: {seen!r}, not {self.known_words(expected)!r}')

    def known_words(self, text):
        return NAME.sub(lambda match: self.known.get(match.group(1), match.group(0)), text)

    # Steps.

    def switch(self, name):
        self.current = name.rstrip('!')
        if name.endswith('!') or name not in self.connections:
            connection = self.connections[self.current] = records.connect()
            self.tunnels.pop(self.current, None)
            self.known['sha1'] = hashlib.sha1(connection.tls.certificates()[0]).hexdigest().upper()

    def send(self, lines):
        texts = [self.fill_in(text) for _, text in lines]
        end = texts.index('') if '' in texts else len(texts)
        head, body = texts[:end], ''.join(texts[end + 1:]).encode()
        if body:
            head.append(f'Content-Length: {len(body)}')
        self.method = head[0].split()[0]
        self.connections[self.current].send('\r\n'.join([*head, '', '']).encode() + body)

    def receive(self, lines):
        status, rest = lines[0][1], lines[1:]
        end = next((i for i, (mark, text) in enumerate(rest) if mark == '<' and text == ''), len(rest))
        answer = self.connections[self.current].receive_answer(has_body=self.method != 'CONNECT')
        self.expect(status, f'{answer.status} {answer.reason}', 'status')
        self.check_headers(rest[:end], answer)
        self.expect(''.join(text for _, text in rest[end + 1:]), answer.body.decode().replace('\n', ''), 'body')
        if self.method == 'CONNECT' and answer.status == 200:
            self.tunnels[self.current] = Tunnel(self.connections[self.current], answer)

    def check_headers(self, lines, answer):
        headers = [f'{name}: {value}' for name, value in answer.headers]
        if any(mark != '<' for mark, _ in lines):
            for mark, text in lines:
                seen = any(line.startswith(text + ':') if mark == '<-' else self.matches(text, line) for line in headers)
                lab.equal(seen, mark != '<-', f'{self.current}: is {self.known_words(text)!r} among {headers}')
            return
        for name, value in {**STANDARD, 'Content-Length': str(len(answer.body))}.items():
            lab.equal(answer.values(name), [value], f'{self.current}: {name}')
            headers.remove(f'{name}: {value}')
        lab.equal(len(headers), len(lines), f'{self.current}: number of headers of {headers}')
        for (_, expected), seen in zip(lines, headers):
            self.expect(expected, seen, 'header')

    def send_frame(self, lines):
        self.tunnels[self.current].send_frame(*parse_words(lines[0][1]))

    def receive_frame(self, lines):
        """A packet is none of the talk: home answers whatever arrived there, also by a connection of before."""
        tunnel = self.tunnels[self.current]
        frame = tunnel.receive_frame()
        while frame.type == DATA:
            frame = tunnel.receive_frame()
        lab.equal((frame.type, frame.payload), parse_words(lines[0][1]), f'{self.current}: frame')

    def expect_end(self, lines):
        lab.holds(self.connections[self.current].is_closed_within(20), f'{self.current}: the connection stays open')

    def close(self, lines):
        self.connections[self.current].close()

    def replay(self, name):
        acts = {'=': lambda lines: self.switch(lines[0][1]), '>': self.send, '<': self.receive, '!': self.send_frame,
                '?': self.receive_frame, 'closed': self.expect_end, 'close': self.close}
        for mark, lines in read_steps(name):
            acts[mark](lines)
        return self


def parse_words(text):
    """'5 b0 Goodbye' as type and payload."""
    kind, byte, *words = text.split(' ', 2)
    return int(kind), (b'' if byte == '-' else bytes.fromhex(byte)) + ''.join(words).encode()
