# SPDX-License-Identifier: GPL-2.0-or-later
"""Datagrams of attachments that are over: a client comes back with its cookie, again and again, while its old ports and
other addresses go on sending what they sent, correct records of the attachment before among it (stale.c)."""

import json
import os
import re
import signal
import subprocess
import sys
import threading

import figures
import lab
import swarm
from client import read_password

PRODUCTS = ('sallyport', 'ocserv')
# Its ban of whoever connects eighty times would hide what this is about.
OTHERS_SETTINGS = {'ocserv': 'max-ban-score = 0'}
LONG_SECONDS = 3000

ATTACK = 'datagrams of earlier attachments'
PROGRAM = os.path.join(os.environ['LAB_BUILD'], 'tests/attack/stale')
# Another server may take ten seconds for each.
ROUNDS = figures.by_length(25, 1000 if figures.OURS else 100)
PAUSE, RATE = 100, 20000
EAR_PORT = 7009
OTHERS = '100.64.9.1'
DEVICE = 'stale0'
FILE_BYTES = figures.by_length(8, 60) * 1000 * 1000
FILE_RATE = '1M'


class Program:
    """stale in a namespace: lines in, JSON out."""

    def __init__(self, namespace, *options):
        self.process = subprocess.Popen(['ip', 'netns', 'exec', namespace, PROGRAM, *options], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=sys.stderr, text=True)

    def tell(self, line=''):
        self.process.stdin.write(line + '\n')
        self.process.stdin.flush()

    def hear(self):
        line = self.process.stdout.readline()
        lab.holds(line, f'stale ended with {self.process.poll()}')
        return json.loads(line)

    def end(self):
        self.process.stdin.close()


def set_up_device(address):
    for words in (f'addr add {address}/32 dev {DEVICE}', f'link set {DEVICE} up mtu 1300',
                  f'route add {lab.HOME_ADDRESS} dev {DEVICE} src {address}'):
        lab.run('ip', '-n', swarm.NAMESPACE, *words.split())


class Transfers(threading.Thread):
    """Downloads through the tunnel, one after the other, until told to end; the last one is finished."""

    def __init__(self):
        super().__init__()
        with open(os.path.join(os.environ['LAB_WWW'], 'stale.bin'), 'wb') as file:
            file.write(os.urandom(FILE_BYTES))
        self.expected = lab.run('sha256sum', os.path.join(os.environ['LAB_WWW'], 'stale.bin')).split()[0]
        self.whole, self.broken, self.ended = 0, 0, threading.Event()

    def run(self):
        while not self.ended.is_set():
            lab.run('curl', '--silent', '--max-time', '300', '--limit-rate', FILE_RATE, '--output', '/run/stale.bin',
                    f'http://{lab.HOME_ADDRESS}/stale.bin', namespace=swarm.NAMESPACE, check=False, timeout=400)
            seen = lab.run('sha256sum', '/run/stale.bin', check=False).split()[:1]
            if seen == [self.expected]:
                self.whole += 1
            else:
                self.broken += 1


def play():
    """The attack: (result of the client, what was heard at home, transfers)."""
    swarm.add_namespace()
    ear = Program(lab.HOME, '--listen', str(EAR_PORT))
    ear.hear()
    client = Program(swarm.NAMESPACE, '--rounds', str(ROUNDS), '--pause', str(PAUSE), '--rate', str(RATE), '--source', swarm.SOURCES.partition('/')[0],
                     '--others', OTHERS, '--target', lab.HOME_ADDRESS, '--port', str(EAR_PORT), '--tun', DEVICE,
                     lab.SERVER_ADDRESS, str(lab.PORT), os.environ['LAB_USER'])
    client.tell(read_password())
    set_up_device(client.hear()['address'])
    transfers = Transfers()
    transfers.start()
    client.tell()
    result = client.hear()
    transfers.ended.set()
    transfers.join()
    if figures.OURS:
        figures.tell(ATTACK, 'sessions at the end', len(lab.sessions()), '== 1', 'sessions')
    client.end()
    ear.end()
    return result, ear.hear(), transfers


def worker_ends():
    """Wait statuses of workers that neither ended by themselves nor were ended by main, which does it to those
    that are replaced."""
    statuses = re.findall(r'worker \d+ ended with wait status (\d+)', lab.server_log())
    return [status for status in map(int, statuses) if status != signal.SIGKILL]


def tell_of_processes():
    """LAB_SETTINGS: talkative."""
    figures.tell(ATTACK, 'workers that ended otherwise than in order', len(worker_ends()), '== 0', 'workers')


def share(result, name):
    return round(100 * result[name] / result['rounds'], 2)


def tell_times(result, name, words):
    for place, which in enumerate(('median', '95 %', 'longest')):
        if result[name]:
            figures.tell(ATTACK, f'{words}, {which}', round(result[name][place] / 1000, 1), unit='ms')


def stale_datagrams_never_hinder_who_comes_back():
    result, heard, transfers = play()
    print(json.dumps(result), json.dumps(heard))
    seconds = result['microseconds'] / 1e6
    figures.tell(ATTACK, 'returns with the cookie', result['rounds'], unit='returns')
    figures.tell(ATTACK, 'datagrams a second meanwhile', round(sum(result['sent'].values()) / seconds), unit='datagrams/s')
    for kind, count in result['sent'].items():
        figures.tell(ATTACK, f'of these, {kind}', round(count / seconds), unit='datagrams/s')
    figures.tell(ATTACK, 'returns that failed', share(result, 'failed'), '== 0', '%')
    for reason, count in result['reasons'].items():
        figures.tell(ATTACK, f'tries that failed: {reason}', count, unit='tries')
    figures.tell(ATTACK, 'sessions lost', result['lost_sessions'], '== 0', 'sessions')
    figures.tell(ATTACK, 'returns to another address inside', result['new_addresses'], '== 0', 'returns')
    # Handshakes of DTLS are not sealed: among what is sent from the client's own port one may be lost now and then.
    figures.tell(ATTACK, 'returns without a datagram channel within 10 s', share(result, 'without_datagrams'),
                 figures.by_length('<= 10', '== 0'), '%')
    figures.tell(ATTACK, 'packets of earlier attachments that came home', heard['stale'], '== 0', 'packets')
    figures.tell(ATTACK, 'packets that came home twice', heard['repeated'], '== 0', 'packets')
    figures.tell(ATTACK, 'packets of the attachment in use that came home', round(100 * heard['live'] / result['live'], 1), unit='%')
    figures.tell(ATTACK, 'transfers through it that arrived whole', transfers.whole, '>= 1', 'transfers')
    figures.tell(ATTACK, 'transfers that did not', transfers.broken, '== 0', 'transfers')
    tell_times(result, 'way_back', 'way back, from the connection to the tunnel')
    tell_times(result, 'answer', 'of that, the answer to CONNECT')
    tell_times(result, 'datagrams', 'from there to the datagram channel')
    if figures.OURS:
        tell_of_processes()
    # What is judged says nothing if nothing was heard, or nothing sent.
    lab.holds(heard['live'] > result['live'] / 2 or not figures.OURS, f'{heard["live"]} of {result["live"]} live marks came home')
