# SPDX-License-Identifier: GPL-2.0-or-later
"""The stock client: openconnect with the distribution's vpnc-script."""

import glob
import os
import re
import signal
import subprocess

import lab
from story import Skipped

SCRIPT = '/usr/share/vpnc-scripts/vpnc-script'
CACHE = os.path.join(os.environ.get('XDG_CACHE_HOME', '/var/cache'), 'sallyport-tests')
LOGIN = object()


class Client:
    """One openconnect.  Options are the command's; `cookie` logs in by that instead of the password,
    `program` is another openconnect, `environment` has more variables for it, `authorities` is a file
    of those that are trusted instead of the server's own key."""

    def __init__(self, *options, namespace=lab.CLIENT, url=None, cookie=None, password=None, program='openconnect',
                 environment=None, authorities=None):
        self.namespace = namespace
        self.log_path = f'/run/{namespace}.log'
        self.home = lab.HOME_ADDRESS
        secret = cookie if cookie is not None else password if password is not None else read_password()
        how = ['--cookie-on-stdin'] if cookie is not None else ['--user', os.environ['LAB_USER'], '--passwd-on-stdin']
        trust = ['--no-system-trust', '--cafile', authorities] if authorities else ['--servercert', os.environ['LAB_PIN']]
        command = ['ip', 'netns', 'exec', namespace, program, '--verbose', '--timestamp', *how, '--script', SCRIPT,
                   *trust, *options, url or os.environ['LAB_URL']]
        with open(self.log_path, 'ab') as log:
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=log, stderr=log,
                                            env={**os.environ, **(environment or {})})
        self.process.stdin.write(secret.encode() + b'\n')
        self.process.stdin.close()

    def log(self):
        with open(self.log_path, encoding='utf-8', errors='replace') as file:
            return file.read()

    def count(self, pattern):
        return len(re.findall(pattern, self.log()))

    def wait_for_line(self, pattern, seconds=15.0, times=1):
        """Until its log has that many lines like this, counted from its start."""
        def ready():
            if self.count(pattern) >= times:
                return True
            lab.holds(self.process.poll() is None, f'openconnect ended with {self.process.returncode}')
            return False
        lab.wait_until(f'{times} × {pattern!r} in the client\'s log', ready, seconds)

    def wait_connected(self, seconds=15.0, destination=None):
        """The device alone means nothing: it is ready when the way home leads through it."""
        def ready():
            lab.holds(self.process.poll() is None, f'openconnect ended with {self.process.returncode}')
            way = lab.run('ip', '-n', self.namespace, 'route', 'get', destination or self.home, check=False)
            return ' dev tun' in way
        lab.wait_until('the tunnel', ready, seconds)
        return self

    def wait_dtls(self, times=1, seconds=20.0):
        self.wait_for_line(r'Established DTLS connection', seconds, times)
        return self

    def addresses(self):
        words = lab.run('ip', '-n', self.namespace, '-o', 'addr', 'show', 'scope', 'global', 'dev', 'tun0').split()
        return [words[i + 1].split('/')[0] for i, word in enumerate(words) if word in ('inet', 'inet6')]

    def signal(self, number):
        self.process.send_signal(number)

    def wait_exit(self, seconds=15.0):
        return self.process.wait(seconds)

    def disconnect(self):
        """What Ctrl-C does: says goodbye, so that the cookie dies."""
        self.signal(signal.SIGINT)
        return self.wait_exit()

    def fetch(self, path, *options, host=None, seconds=120):
        """curl through the tunnel; returns the body."""
        host = host or self.home
        host = f'[{host}]' if ':' in host else host
        return lab.run('curl', '--silent', '--show-error', '--fail', '--max-time', str(seconds), *options,
                       f'http://{host}/{path}', namespace=self.namespace, timeout=seconds + 10)

    def fetch_in_background(self, path, to, *options, seconds=120):
        return subprocess.Popen(['ip', 'netns', 'exec', self.namespace, 'curl', '--silent', '--show-error', '--fail',
                                 '--max-time', str(seconds), '--output', to, *options, f'http://{self.home}/{path}'])


def openssl_program():
    """The openconnect that is built with OpenSSL (tools/clients.sh)."""
    found = sorted(glob.glob(f'{CACHE}/openconnect-openssl-*/openconnect'))
    if found:
        return found[-1]
    try:
        with open(f'{CACHE}/openconnect-openssl.reason', encoding='utf-8') as file:
            raise Skipped(file.read().strip())
    except FileNotFoundError as error:
        raise Skipped('no openconnect with OpenSSL: `./run clients` builds it') from error


def read_password():
    with open(os.environ['LAB_PASSWORD_FILE'], encoding='utf-8') as file:
        return file.read().rstrip('\n')


def take_cookie(*options, pin=None, check=True):
    """Log in without opening a tunnel; returns the cookie, without check None if that is refused."""
    words = lab.run('openconnect', '--authenticate', '--user', os.environ['LAB_USER'], '--passwd-on-stdin', '--servercert',
                    pin or os.environ['LAB_PIN'], *options, os.environ['LAB_URL'], namespace=lab.CLIENT, check=check,
                    input=read_password() + '\n')
    found = re.search(r"^COOKIE='([^']*)'", words, re.MULTILINE)
    return found.group(1) if found or check else None
