# SPDX-License-Identifier: GPL-2.0-or-later
"""Stories of what must not be seen: secrets in logs and command lines, client bytes in main."""

import os
import re
import signal
import subprocess
import threading
import time

import lab
import rooms
from client import Client, read_password, take_cookie

SOME_BYTES = 10_000_000
READING = 'read,readv,pread64,preadv,preadv2,recvfrom,recvmsg,recvmmsg,splice,io_uring_enter'
# What is read from, which is not what main is handed: sockets pass through it, in messages on its walls.
CLIENT_BYTES = re.compile(r'^\d+ +\w+\(\d+<((TCP|UDP)(v6)?:|/dev/net/tun)')


class Watcher(threading.Thread):
    """Reads command lines and environments of the server's processes all the time."""

    def __init__(self):
        super().__init__(daemon=True)
        self.seen, self.looked, self.ended = set(), 0, threading.Event()

    def run(self):
        while not self.ended.is_set():
            for process in rooms.processes():
                for name in ('cmdline', 'environ', 'comm'):
                    try:
                        with open(f'/proc/{process}/{name}', 'rb') as file:
                            self.seen.add(file.read())
                    except OSError:
                        pass
            self.looked += 1

    def stop(self):
        self.ended.set()
        self.join()
        lab.holds(self.looked > 3 and self.seen, 'the watcher saw nothing')
        return b'\n'.join(self.seen)


def no_secret_is_in_a_log_or_on_a_command_line():
    """LAB_SETTINGS: the log has everything that there is."""
    password, watcher = read_password(), Watcher()
    watcher.start()
    cookie = take_cookie()
    client = Client(cookie=cookie, ).wait_connected().wait_dtls()
    client.signal(signal.SIGUSR2)
    client.wait_dtls(times=2)
    wrong = 'not-the-password-either'
    Client(password=wrong, namespace=lab.add_client_namespace('second', 3)).wait_exit(60)
    lab.control('user', 'password', os.environ['LAB_USER'], input='another-password-97\n')
    master_secret = re.findall(r'X-DTLS-Master-Secret: (\w+)', client.log())
    webvpn = cookie.rpartition('webvpn=')[2]
    log = lab.server_log()
    lab.holds(' debug ' in log, 'the log is not at its most talkative')
    exposed = log.encode() + watcher.stop()
    for what, secret in {'password': password, 'cookie': webvpn, 'wrong password': wrong,
                         'new password': 'another-password-97', **{f'secret {s[:4]}': s for s in master_secret}}.items():
        lab.holds(secret.lower().encode() not in exposed.lower(), f'the {what} can be read')


def _trace(process, log):
    tracer = subprocess.Popen(['ip', 'netns', 'exec', lab.SERVER, 'strace', '-f', '-yy', '-e', f'trace={READING}', '-e',
                               'signal=none', '-o', log, '-p', str(process)], stderr=subprocess.PIPE, text=True)
    line = tracer.stderr.readline()
    lab.holds('attached' in line, f'strace: {line}')
    return tracer


def _reads(log, of):
    with open(log, encoding='utf-8', errors='replace') as file:
        return [line for line in file if line.split(maxsplit=1)[0] in of]


def main_reads_no_byte_of_a_client():
    main = rooms.main()
    tracer = _trace(main, '/run/trace.main')
    client = Client().wait_connected().wait_dtls()
    worker = rooms.worker_of(os.environ['LAB_CLIENT_ADDRESS'])
    control = _trace(worker, '/run/trace.worker')
    with open(f'{os.environ["LAB_WWW"]}/some', 'wb') as file:
        file.write(os.urandom(SOME_BYTES))
    client.fetch('some', '--output', '/run/some')
    client.fetch('upload', '--upload-file', '/run/some')
    client.signal(signal.SIGUSR2)
    client.wait_dtls(times=2)
    threads = set(os.listdir(f'/proc/{main}/task')) | {str(main)}
    for process in (tracer, control):
        process.terminate()
        process.wait(20)
    seen = _reads('/run/trace.main', threads)
    lab.holds(any('<UNIX' in line for line in seen), 'the trace does not even show main reading its walls')
    guilty = [line for line in seen if CLIENT_BYTES.search(line)]
    lab.equal(guilty, [], 'reads of client bytes in main')
    # That the pattern finds such reads is proven by who makes them.
    lab.holds(any(CLIENT_BYTES.search(line) for line in _reads('/run/trace.worker', {str(worker)})),
              'the trace does not show the reads of a worker')


def the_process_list_says_who_is_who():
    Client().wait_connected()
    time_limit = time.monotonic() + 5
    names = set()
    while time.monotonic() < time_limit and len(names) < 4:
        names = set(rooms.processes().values())
    lab.equal(names, {'sallyportd', 'sallyport-door', 'sallyport-nursery', 'sallyport-keyholder'}, 'programs')
    owners = {rooms.processes()[number]: os.stat(f'/proc/{number}').st_uid for number in rooms.processes()}
    lab.equal(owners['sallyportd'], 0, 'account of main')
    others = [uid for program, uid in owners.items() if program != 'sallyportd']
    lab.holds(0 not in others and len(set(others)) == len(others), f'rooms share an account: {owners}')
