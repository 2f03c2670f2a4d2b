# SPDX-License-Identifier: GPL-2.0-or-later
"""Many connections that show one cookie at the same moment: one of them has the session afterwards, the others know why not."""

import json
import os
import re
import subprocess
import sys

import figures
import lab
from client import take_cookie

PRODUCTS = ('sallyport', 'ocserv')
LONG_SECONDS = 1800
ATTACK = 'one cookie from fifty connections'
CONNECTIONS = 50
ROUNDS = figures.by_length(6, int(os.environ.get('ATTACK_ROUNDS', '200'))) if figures.OURS else figures.by_length(1, 10)
NAMESPACE, NUMBER, SOURCES = 'crowd', 6, '100.64.0.0/16'
PROGRAM = os.path.join(os.environ['LAB_BUILD'], 'tests/attack/collision')
LISTENER = os.path.join(os.path.dirname(__file__), '../stories/listen.py')
HEARD = '/run/heard'


class Bus:
    """What the service says of its sessions: (moment in microseconds, member, the rest of the line)."""

    def __init__(self):
        with open(HEARD, 'wb') as file:
            self.process = subprocess.Popen([sys.executable, LISTENER, '--look'], stdout=file)
        lab.wait_until('the listener', lambda: 'listening' in self._read())

    @staticmethod
    def _read():
        with open(HEARD, encoding='utf-8') as file:
            return file.read()

    def said(self, pattern):
        """[(moment, match)] of lines with this in them."""
        found = ((line, re.search(pattern, line)) for line in self._read().splitlines() if re.match(r'\d+\.\d+ ', line))
        return [(int(float(line.partition(' ')[0]) * 1e6), match) for line, match in found if match]

    def stop(self):
        self.process.terminate()
        self.process.wait(10)


def _collide(cookie):
    """(rounds, summary) of the program."""
    network = lab.add_client_namespace(NAMESPACE, NUMBER)
    lab.run('ip', '-n', network, 'route', 'add', 'local', SOURCES, 'dev', 'lo')
    lab.run('ip', '-n', lab.ROUTER, 'route', 'add', SOURCES, 'via', f'192.0.{NUMBER}.10')
    words = lab.run(PROGRAM, '--connections', str(CONNECTIONS), '--rounds', str(ROUNDS), '--source', SOURCES.partition('/')[0],
                    '--target', lab.HOME_ADDRESS, lab.SERVER_ADDRESS, str(lab.PORT), namespace=network, input=cookie + '\n',
                    timeout=LONG_SECONDS)
    lines = [json.loads(line) for line in words.splitlines()]
    return lines[:-1], lines[-1]


def _untold(rounds):
    """Whoever lost and was told nothing, for people who look for the reason."""
    for played in rounds:
        for each in [*played['contenders'], *filter(None, [played['before']])]:
            if each['state'] == 'over' and not (each['told'] if each['status'] == 200 else each['reason']):
                yield f'round {played["round"]}: {each}'


def _tell(summary, rounds):
    addresses = {each['address'] for played in rounds for each in played['contenders'] if each['status'] == 200}
    print(*_untold(rounds), sep='\n')
    figures.tell(ATTACK, 'rounds without a winner', summary['without_winner'], '== 0', 'rounds')
    figures.tell(ATTACK, 'rounds with several winners', summary['several_winners'], '== 0', 'rounds')
    figures.tell(ATTACK, 'winners whose tunnel carries nothing', summary['dead_winners'], '== 0', 'rounds')
    figures.tell(ATTACK, 'addresses that the session had', len(addresses), '== 1', 'addresses')
    # Main does not wait for ever for a worker that has no turn on the CPU; its client cannot be told.
    late = lab.server_log().count('does not give the tunnel back') if figures.OURS else 0
    figures.tell(ATTACK, 'losers that are not told why', max(0, summary['untold'] - late), '== 0', 'connections')
    figures.tell(ATTACK, 'owners that are cut off since their worker has no turn on the CPU', min(late, summary['untold']), figures.by_length(None, '== 0'), 'connections')
    figures.tell(ATTACK, 'connections that could not ask', summary['unreached'], None, 'connections')
    figures.tell(ATTACK, 'until the winner is alone, median', summary['median'] / 1e6, None, 's')
    figures.tell(ATTACK, 'until the winner is alone, longest', summary['longest'] / 1e6, None, 's')


def _order_of_cookies():
    """Who showed the cookie, in the order in which the keyholder accepted it."""
    return re.findall(r'the cookie of \w+ came from (\S+)', lab.server_log())


def _winner(played):
    return next(each['name'] for each in played['contenders'] if each['state'] == 'tunnel')


def _wrong_winners(rounds):
    """Rounds that another one won than who came last, by the server's own order."""
    order, wrong, start = _order_of_cookies(), 0, 0
    for played in rounds:
        end = start + sum(1 for each in played['contenders'] if each['asked'])
        wrong += order[end - 1] != _winner(played)
        lab.equal(sorted(order[start:end]), sorted(each['name'] for each in played['contenders'] if each['asked']),
                  'who showed the cookie in this round')
        start = end
    lab.equal(len(order), start, 'cookies that were shown')
    return wrong


def _is_in_order(some, everything):
    """Are they all there, one after the other?"""
    rest = iter(everything)
    return all(each in rest for each in some)


def _judge_by_bus(bus, rounds):
    """One event for each change of owner, in the order in which owners were told; one session from begin to end."""
    lab.wait_until('the end', lambda: bus.said(r'Server\.SessionClosed'))
    opened = [match.group(1) for _, match in bus.said(r"Server\.SessionOpened .*'RemoteAddress': <'([^']+)'>")]
    closed = [match.group(1) for _, match in bus.said(r"Server\.SessionClosed \('[^']+', '([^']+)'")]
    owners = opened[:1] + [match.group(1) for _, match in bus.said(r"sessions/\w+ .*PropertiesChanged .*'RemoteAddress': <'([^']+)'>")]
    let_in = [each['name'] for played in rounds
              for each in sorted(played['contenders'], key=lambda each: each['answered']) if each['status'] == 200]
    # Who has to give it back before he has taken it is no owner, and nobody hears of him.
    never_owners = lab.server_log().count('loan granted → recalling')
    if len(owners) != len(let_in):
        print(f'owners: {owners}\nlet in: {let_in}')
    figures.tell(ATTACK, 'owners one after the other', len(owners), f'>= {ROUNDS}', 'owners')
    figures.tell(ATTACK, 'owners that the bus does not tell, or twice', abs(len(let_in) - never_owners - len(owners)), '== 0', 'owners')
    lab.holds(_is_in_order(owners, let_in), f'the bus tells {owners}, and these were let in: {let_in}')
    figures.tell(ATTACK, 'sessions opened', len(opened), '== 1', 'sessions')
    lab.equal(closed, ['logout'], 'why sessions closed')
    gaps = [match.group(1) for _, match in bus.said(r"PropertiesChanged .*'State': <'([^']+)'>") if 'connect' in match.group(1)]
    figures.tell(ATTACK, 'times that the session seems to be away', len(gaps), '== 0', 'times')
    lab.equal(bus.said(r'Server\.AuthenticationFailed'), [], 'sign-ins that failed')


def fifty_connections_with_one_cookie_leave_one_owner():
    bus = Bus() if figures.OURS else None
    rounds, summary = _collide(take_cookie().rpartition('webvpn=')[2])
    _tell(summary, rounds)
    if not figures.OURS:
        return
    figures.tell(ATTACK, 'rounds that another than the newest won', _wrong_winners(rounds), '== 0', 'rounds')
    _judge_by_bus(bus, rounds)
    bus.stop()
    history = lab.control_json('history')['history']
    lab.equal([row['reason'] for row in history], ['logout'], 'rows of the history')
    lab.equal(lab.sessions(), [], 'sessions')
