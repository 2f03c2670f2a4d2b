# SPDX-License-Identifier: GPL-2.0-or-later
"""Stories of signing in by PAM: real modules, accounts of the lab's own /etc, and a module that misbehaves."""

import http.client
import os
import re
import signal
import subprocess
import threading
import time

import lab
import rooms
from client import Client, read_password
from one_time_codes import Phone, settled_step
from portal import HEAD, VERSION, Portal

RULES = '/etc/pam.d/sallyport'
USER = os.environ.get('LAB_USER', '')
PASSWORD = 'of the machine'
SOCKET, ROOM = '/run/sallyport-pam.socket', '/usr/libexec/sallyport/sallyport-pam'
PROBE = 'pam_sallyport_probe.so'
UNIX = 'auth required pam_unix.so nodelay\naccount required pam_unix.so\n'


def probe(*arguments):
    """A line of the module that does as it is told."""
    build = os.environ.get('LAB_BUILD', os.path.join(os.path.dirname(__file__), '../../build'))
    return f'auth required {os.path.abspath(build)}/tests/netns/{PROBE} {" ".join(arguments)}\n'


def rules(text):
    with open(RULES, 'w', encoding='ascii') as file:
        file.write(text)


def begin(text=UNIX):
    """An account for the lab's user with another password than the server's own, and PAM for that user."""
    lab.run('useradd', '--no-create-home', '--shell', '/usr/sbin/nologin', USER)
    lab.run('chpasswd', input=f'{USER}:{PASSWORD}\n')
    rules(text)
    lab.control('user', 'set', USER, 'sign-in=pam')


def try_once(password=PASSWORD, login=USER, portal=None):
    return (portal or Portal()).try_password(password, login)


def answer_once(form, answer):
    ticket = re.search(rb'name="auth_handle" value="([0-9a-f]{64})"', form.body).group(1).decode()
    return Portal().post('/auth', f'{HEAD}<config-auth client="vpn" type="auth-reply" aggregate-auth-version="2">{VERSION}'
                                  f'<auth><auth_handle>{ticket}</auth_handle>'
                                  f'<secondary_password>{answer}</secondary_password></auth></config-auth>')


def is_in(answer):
    return answer.status == 200 and b'id="success"' in answer.body


def says(answer, words):
    lab.holds(answer.status == 200 and not is_in(answer) and words in answer.body, f'{answer.status} {answer.body}')


def pam_rooms():
    return [number for number, program in rooms.processes().items() if program == 'sallyport-pam']


def no_room_is_left():
    lab.wait_until('the end of all PAM rooms', lambda: pam_rooms() == [])


def the_password_of_an_account_opens_the_way_home():
    begin()
    client = Client(password=PASSWORD).wait_connected().wait_dtls()
    client.fetch('peer')
    lab.equal(client.disconnect(), 0, 'status of openconnect')
    says(try_once(read_password()), b'Name or password is wrong')  # the server's own does not count beside it
    # For one user, and for all of whom nothing is set.
    lab.control('user', 'add', 'zoe', input='another one\n')
    lab.holds(is_in(try_once('another one', 'zoe')), 'who signs in by a password does not any more')
    lab.control('user', 'set', USER, 'sign-in=')
    lab.holds(is_in(try_once(read_password())), 'the password of the server does not count again')
    lab.control('config', 'set', 'sign-in=pam')
    lab.holds(is_in(try_once()), 'the setting does not count')
    says(try_once(read_password()), b'Name or password is wrong')
    says(try_once('another one', 'zoe'), b'Name or password is wrong')  # no account of that name
    # An account alone is nobody here.
    lab.run('useradd', '--no-create-home', 'mallory')
    lab.run('chpasswd', input=f'mallory:{PASSWORD}\n')
    says(try_once(PASSWORD, 'mallory'), b'Name or password is wrong')
    lab.control('config', 'reset', 'sign-in')
    lab.holds(PASSWORD not in lab.server_log(), 'the password is in the log')
    no_room_is_left()


def a_wrong_password_is_told_and_slowed_down_like_any_other():
    begin()
    lab.holds(is_in(try_once()), 'no cookie')  # from here on the door lets its network in, however often
    portal = Portal()
    portal.begin()
    for _ in range(2):
        says(try_once('wrong', portal=portal), b'Name or password is wrong')
    lab.equal(try_once('wrong', portal=portal).status, 401, 'third wrong password')
    # After some more not even the right one is looked at, and PAM is not asked.
    lab.wait_until('a denial of the first try', lambda: try_once('wrong').status == 401, 60)
    for _ in range(3):  # each wait is twice as long: by now 8 seconds
        lab.wait_until('another try', lambda: try_once('wrong').status == 200, 60)
    lab.equal(try_once().status, 401, 'answer to the right password right after that')
    lab.equal(pam_rooms(), [], 'PAM rooms')
    lab.wait_until('a cookie for the right password', lambda: is_in(try_once()), 60)


def wrong_passwords_of_pam_lead_to_a_ban():
    """LAB_SETTINGS: strict."""
    begin()
    for _ in range(3):
        try:
            try_once('wrong')
        except (OSError, http.client.HTTPException):
            break  # it is cut off with its answer
    ban, = lab.wait_until('the ban', lambda: lab.control_json('ban', 'list')['bans'])
    lab.equal(ban['origin'], 'automatic', 'ban')


def whose_account_has_expired_is_told_so():
    begin()
    lab.holds(is_in(try_once()), 'the account is not good')
    lab.run('chage', '--expiredate', '2020-01-01', USER)
    says(try_once(), b'Your access has ended.')
    says(try_once('wrong'), b'Name or password is wrong')
    lab.run('chage', '--expiredate', '-1', USER)
    lab.holds(is_in(try_once()), 'the account is not good again')
    # What the server itself says counts beside it.
    lab.control('user', 'change', USER, '--disable')
    says(try_once(), b'Your access is turned off.')


def a_second_question_is_asked_in_a_form_of_its_own():
    begin(UNIX.replace('\n', '\n' + probe('say=Remember_the_spider.', 'ask=eight'), 1))
    client = Client(password=f'{PASSWORD}\neight').wait_connected()
    client.fetch('peer')
    lab.equal(client.disconnect(), 0, 'status of openconnect')
    form = try_once()
    says(form, b'<message>Remember_the_spider.\nHow many &lt;legs&gt; has it?</message>')
    lab.equal(len(pam_rooms()), 1, 'PAM rooms that wait for somebody')
    lab.holds(is_in(answer_once(form, 'eight')), 'the right answer does not count')
    says(answer_once(form, 'eight'), b'sign in again')  # not twice
    says(answer_once(try_once(), 'seven'), b'Name or password is wrong')
    # A stack decides when all was asked: so a wrong password is not told before.
    says(answer_once(try_once('wrong'), 'eight'), b'Name or password is wrong')
    # Longer than the codes of phones are.
    rules(UNIX.replace('\n', '\n' + probe(f'ask={"x" * 200}'), 1))
    lab.holds(is_in(answer_once(try_once(), 'x' * 200)), 'a long answer does not count')
    # The server's own second step comes after it.
    lab.control('user', 'set', USER, 'two-step-required=yes')
    says(answer_once(try_once(), 'x' * 200), b'You need a second step')
    no_room_is_left()


def a_phones_code_is_asked_for_after_pam():
    begin()
    phone = Phone(lab.control_json('user', 'totp', 'enroll', USER)['uri'])
    lab.control('user', 'totp', 'confirm', USER, input=phone.code(settled_step() - 1) + '\n')
    says(try_once('wrong'), b'Name or password is wrong')
    says(answer_once(try_once(), '000000'), b'wrong, or was used')
    client = Client(password=f'{PASSWORD}\n{phone.code(settled_step())}').wait_connected()
    lab.equal(client.disconnect(), 0, 'status of openconnect')
    form = try_once()
    lab.control('user', 'set', USER, 'sign-in=password')
    says(answer_once(form, phone.code(settled_step() + 1)), b'sign in again')  # what PAM said counts no more


def who_never_answers_makes_place_for_others():
    begin(UNIX.replace('\n', '\n' + probe('ask=eight'), 1))
    forms = [try_once() for _ in range(3)]
    lab.equal(len(pam_rooms()), 3, 'PAM rooms')
    lab.run('kill', '-KILL', *(str(room) for room in pam_rooms()))
    no_room_is_left()
    says(answer_once(forms[0], 'eight'), b'sign in again')
    # They end with the keyholder, too.
    form = try_once()
    lab.equal(len(pam_rooms()), 1, 'PAM rooms')
    rooms.kill_room('keyholder')
    no_room_is_left()
    says(answer_once(form, 'eight'), b'sign in again')


def a_module_that_hangs_holds_nobody_else_up():
    begin(probe('hang') + UNIX)
    lab.control('user', 'add', 'zoe', input='another one\n')
    answers = []
    portal = Portal()
    portal.connection.sock.settimeout(60)
    thread = threading.Thread(target=lambda: answers.append(try_once(portal=portal)))
    thread.start()
    lab.wait_until('a PAM room', pam_rooms)
    lab.wait_until('the child of the module', lambda: len(pam_rooms()) == 2)
    lab.holds(is_in(try_once('another one', 'zoe')), 'who signs in by a password waits for PAM')
    rules(UNIX)
    lab.holds(is_in(try_once()), 'who signs in by PAM waits for another')
    lab.equal(answers, [], 'answers to who waits')
    began = time.monotonic()
    thread.join(60)
    lab.holds(time.monotonic() - began < 40 and len(answers) == 1, 'it was never answered')
    says(answers[0], b'The server is busy.')
    no_room_is_left()  # nor its child


def a_module_that_crashes_fails_its_own_sign_in_alone():
    begin(probe('crash') + UNIX)
    client = Client(password=PASSWORD)
    client.wait_for_line('The server is busy', 20)
    client.process.kill()
    rules(UNIX)
    lab.holds(is_in(try_once()), 'the next one fails, too')
    lab.holds('ended by signal 11' in lab.server_log(), 'the log does not tell')
    no_room_is_left()


def a_pam_room_has_no_more_rights_than_modules_need():
    path = '/run/looked'
    begin(probe(f'look={path}') + UNIX)
    lab.holds(is_in(try_once()), 'no cookie')
    with open(path, encoding='ascii') as file:
        lines = file.read().splitlines()
    seen = {line.split(':')[0]: line.split()[1:] for line in lines if ':' in line}
    lab.equal(seen['Uid'], ['0'] * 4, 'user')
    lab.equal(seen['NoNewPrivs'], ['1'], 'no new privileges')
    # CHOWN, DAC_OVERRIDE, DAC_READ_SEARCH, FOWNER, SETGID, SETUID, AUDIT_WRITE
    allowed = sum(1 << number for number in (0, 1, 2, 3, 6, 7, 29))
    lab.equal(int(seen['CapEff'][0], 16) & ~allowed, 0, f'capabilities of what it executes ({seen["CapEff"]})')
    lab.equal(seen['asked'], [USER, os.environ['LAB_CLIENT_ADDRESS']], 'whom PAM is asked for')
    # Nobody's name is one that the visitor chose.
    lab.control('config', 'set', 'sign-in=pam')
    says(try_once(PASSWORD, '../../etc/nobody'), b'Name or password is wrong')
    with open(path, encoding='ascii') as file:
        text = file.read()
    lab.holds('asked: sallyport-nobody ' in text and '../' not in text, text)


def called_rooms(manager):
    return [room for room in pam_rooms() if rooms.parent(room) == manager.pid]


def start_with_manager():
    """The server anew, which calls rooms that systemd-socket-activate(1) starts, as sallyport-pam.socket has systemd do."""
    manager = subprocess.Popen(['systemd-socket-activate', '--accept', '--seqpacket', '--listen', SOCKET, 'setsid', ROOM],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    lab.wait_until('the socket', lambda: os.path.exists(SOCKET))
    lab.control('config', 'set', 'sign-in=pam')
    server = int(os.environ['LAB_SERVER_PID'])
    os.kill(server, signal.SIGTERM)
    lab.wait_until('the end of the server', lambda: not os.path.exists(f'/proc/{server}'))
    with open(os.environ['LAB_START_SERVER'], encoding='ascii') as file:
        script = file.read()
    subprocess.Popen(['sh', '-c', script.replace(' --start ', f' --start --pam-socket {SOCKET} ')])
    lab.wait_until('the server', rooms.is_on, 20)
    return manager


def a_service_manager_starts_the_rooms_that_main_calls():
    begin(UNIX.replace('\n', '\n' + probe('ask=eight'), 1))
    manager = start_with_manager()
    form = try_once()
    lab.equal(len(called_rooms(manager)), 1, 'rooms of the manager')
    lab.equal(len(pam_rooms()), 1, 'all rooms')
    lab.holds(is_in(answer_once(form, 'eight')), 'the right answers do not count')
    no_room_is_left()
    # Whatever a module is at, its room ends when nobody waits any more.
    rules(probe('hang') + UNIX)
    portal = Portal()
    portal.connection.sock.settimeout(60)
    says(try_once(portal=portal), b'The server is busy.')
    lab.wait_until('the end of the room that hangs', lambda: called_rooms(manager) == [])
    for child in pam_rooms():
        rooms.kill(child)  # systemd would have
    # Nobody is there to be asked, which fails at once.
    manager.kill()
    manager.wait(20)
    began = time.monotonic()
    says(try_once(), b'The server is busy.')
    lab.holds(time.monotonic() - began < 10, 'it took too long to say so')
    lab.holds('cannot be asked: reaching the service manager' in lab.server_log(), 'the log does not tell')


def main_never_has_the_password_for_pam():
    begin()
    main, log = rooms.main(), '/run/trace'
    tracer = subprocess.Popen(['strace', '-f', '-s', '9999', '-e', 'trace=%network,read,readv,write,writev', '-e', 'signal=none',
                               '-o', log, '-p', str(main)], stderr=subprocess.PIPE, text=True)
    lab.holds('attached' in tracer.stderr.readline(), 'strace can not attach')
    threads = set(os.listdir(f'/proc/{main}/task'))
    lab.holds(is_in(try_once()), 'no cookie')
    no_room_is_left()
    threads |= set(os.listdir(f'/proc/{main}/task'))
    tracer.terminate()
    tracer.wait(20)
    with open(log, encoding='utf-8', errors='replace') as file:
        holders = {line.split(maxsplit=1)[0] for line in file if PASSWORD in line}
    # The room is a child of main's, so it is in the trace, too, and proves that a password would be seen.
    lab.equal(len(holders - threads), 1, 'processes besides main that had the password')
    lab.equal(holders & threads, set(), 'threads of main that had the password')


def without_pam_nobody_is_asked():
    """Neither a user nor the settings say so: the room is not started, whatever its rules are."""
    begin()
    lab.control('user', 'set', USER, 'sign-in=')
    says(try_once(), b'Name or password is wrong')
    lab.holds(is_in(try_once(read_password())), 'the own password does not count')
    lab.equal(pam_rooms(), [], 'PAM rooms')
