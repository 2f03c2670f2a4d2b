#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""serving.py NAME: stories of `./run`, in a bare machine that gets a home network with a router.

The router is also the client: it is another machine in the network.
"""

import os
import re
import signal
import subprocess
import sys
import time

TOP = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), '../..'))
ROUTER, ROUTER_ADDRESS, ADDRESS = 'gate', '192.168.1.1', '192.168.1.10'
STATE, WORDS = '/run/story/state', '/run/story/words'  # below a folder that other accounts may not pass
POLICY = '/etc/dbus-1/system.d/org.sallyport.Sallyport1.conf'
ACTIONS = '/usr/share/polkit-1/actions/org.sallyport.Sallyport1.policy'


def sh(script, check=True):
    done = subprocess.run(['sh', '-c', script], text=True, capture_output=True, check=False, timeout=60)
    assert done.returncode == 0 or not check, f'{script}\n{done.stdout}{done.stderr}'
    return done.stdout


def wait_until(what, ready, seconds=60):
    deadline = time.monotonic() + seconds
    while not (answer := ready()):
        assert time.monotonic() < deadline, f'{what}: not within {seconds} s'
        time.sleep(0.05)
    return answer


def make_home():
    os.makedirs('/run/story', mode=0o700)
    sh(f'''ip netns add {ROUTER}
           ip link add eth0 index 5 type veth peer name eth0 index 6 netns {ROUTER}
           for s in all default eth0; do echo 0 >/proc/sys/net/ipv6/conf/$s/accept_dad; done
           ip addr add {ADDRESS}/24 dev eth0; ip link set eth0 up; ip route add default via {ROUTER_ADDRESS}
           ip -n {ROUTER} addr add {ROUTER_ADDRESS}/24 dev eth0; ip -n {ROUTER} link set eth0 up''')
    wait_until('link', lambda: 'UP' in sh('ip -o link show eth0 up'))


def processes():
    return sorted(line for line in sh('ps -eo args --no-headers').splitlines()
                  if re.search('sallyport|dbus-daemon|polkitd|openconnect|run-', line) and 'serving.py' not in line)


def machine():
    """Everything that must be as before, when the server is gone."""
    facts = {name: sh(script) for name, script in {
        'links': 'ip -o link | cut -d: -f2', 'addresses': 'ip -o -4 addr', 'routes': 'ip route', 'rules': 'ip rule; ip -6 rule',
        'firewall': 'nft list ruleset', 'forwarding': 'cat /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv6/conf/all/forwarding',
        'namespaces': 'ip netns',
        'files': 'find /etc /run /usr /var -xdev -newer /run/story/mark ! -type d ! -path "/run/lab/*" ! -path "/run/story/*"',
        'folders': 'ls -d /run/* /var/cache/*; ls /run/dbus',
    }.items()}
    return {**facts, 'processes': processes()}


def same(before, after):
    for name, value in before.items():
        assert after[name] == value, f'{name}:\nbefore: {value}\nafter: {after[name]}'


class Run:
    """One `./run`, started like from a terminal, with a process group of its own; or from a script, in
    the background, where Ctrl-C is ignored."""

    def __init__(self, background=False):
        signal.signal(signal.SIGINT, signal.SIG_IGN if background else signal.SIG_DFL)
        with open(WORDS, 'w', encoding='utf-8') as words:
            self.process = subprocess.Popen([f'{TOP}/run', '--state', STATE], stdin=subprocess.DEVNULL, stdout=words,
                                            stderr=words, start_new_session=True)

    def words(self):
        with open(WORDS, encoding='utf-8') as words:
            return words.read()

    def wait_serving(self):
        def ready():
            assert self.process.poll() is None, f'run ended with {self.process.returncode}:\n{self.words()}'
            return '\nServing;' in self.words()
        wait_until('serving', ready, 120)
        return self.words()

    def end(self):
        """Ctrl-C goes to everybody in the foreground."""
        os.killpg(self.process.pid, signal.SIGINT)
        assert self.process.wait(40) == 0, f'{self.process.returncode}: {self.words()}'


def find(pattern, words):
    match = re.search(pattern, words)
    assert match, f'{pattern} is not in:\n{words}'
    return match.group(1)


def connect_as_told(words):
    """The line to paste, pasted on another machine; returns what its tunnel carries."""
    password = find(r'password: (\S+)', words)
    line = find(r'On the client:\n  sudo (.*)', words)
    with open('/run/story/client.log', 'w', encoding='utf-8') as log:
        client = subprocess.Popen(['ip', 'netns', 'exec', ROUTER, *line.split(), '--passwd-on-stdin', '--script', '/bin/true'],
                                  stdin=subprocess.PIPE, stdout=log, stderr=log, text=True)
    client.stdin.write(password + '\n')
    client.stdin.close()

    def connected():
        with open('/run/story/client.log', encoding='utf-8') as file:
            text = file.read()
        assert client.poll() is None, text
        return 'Established DTLS' in text
    wait_until('tunnel', connected)
    client.send_signal(signal.SIGINT)
    assert client.wait(10) == 0


def run_serves_until_ctrl_c_and_leaves_nothing_but_its_state():
    before = machine()
    run = Run()
    words = run.wait_serving()
    assert re.search(r'Self-check: TLS ✓ DTLS ✓ home reached in \d+\.\d s\n', words), words
    connect_as_told(words)
    assert '"owner"' in sh(f'{TOP}/run ctl user list --json')
    run.end()
    same(before, machine())
    pin = find(r'(pin-sha256:\S+)', words)
    run = Run()
    words = run.wait_serving()
    assert find(r'(pin-sha256:\S+)', words) == pin, 'the second start has another key'
    assert 'First user' not in words, words
    run.end()
    same(before, machine())


def run_serves_on_the_system_bus_that_runs_and_takes_its_files_back():
    sh('dbus-uuidgen --ensure=/etc/machine-id; rm -f /run/dbus/pid; dbus-daemon --system --nopidfile')
    sh('touch /run/story/mark')
    before = machine()
    run = Run(background=True)
    run.wait_serving()
    assert not os.path.exists('/run/sallyport-run/bus'), 'it has a bus of its own'
    assert os.path.exists(POLICY) and os.path.exists(ACTIONS)
    control = f'{TOP}/run ctl'
    assert 'on' in sh(f'{control} status')
    installed = '/var/cache/sallyport-run/usr/bin/sallyportctl'
    refused = sh(f'setpriv --reuid 65534 --regid 65534 --clear-groups {installed} stop 2>&1; echo "status $?"')
    assert 'status 5' in refused, f'a stranger may stop the server: {refused}'
    second = subprocess.run([f'{TOP}/run', '--state', '/run/story/other'], capture_output=True, text=True, check=False, timeout=60)
    assert second.returncode == 1 and 'serves already' in second.stderr, second.stderr
    run.end()
    after = machine()
    # polkitd is the bus's, which started it when it was asked.
    after['processes'] = [line for line in after['processes'] if 'polkitd' not in line]
    same(before, after)


def what_a_killed_run_left_the_next_one_clears_away():
    before = machine()
    run = Run()
    run.wait_serving()
    run.process.kill()
    run.process.wait()
    wait_until('the end of the server', lambda: not [line for line in processes() if 'sallyportd' in line], 30)
    run = Run()
    run.wait_serving()
    run.end()
    same(before, machine())


if __name__ == '__main__':
    make_home()
    sh('touch /run/story/mark')
    try:
        globals()[sys.argv[1]]()
    except AssertionError:
        print(open(WORDS, encoding='utf-8').read() if os.path.exists(WORDS) else '')
        raise
