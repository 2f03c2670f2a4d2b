# SPDX-License-Identifier: GPL-2.0-or-later
"""Stories of choosing a group at the sign-in: lists, names, labels, addresses, and openconnect at each."""

import os
import xml.etree.ElementTree as xml

import lab
import records
from certificates import make_device, set_method
from client import Client, read_password
from paths import INIT, get
from second_steps import code_form, enroll, send_code
from signing_in import OLD_AGENT, USER, cookie_of, inputs_of, is_form, is_success, on_its_own_connection, post_form

NONE, HOME, ALL = ('default', 'Default'), ('home', 'Home network'), ('all', 'All <traffic>')


def make_groups(mine='home,all'):
    records.take_cookie()  # so that the door lets its network in, however often
    for name, label in (HOME, ALL):
        lab.control('group', 'add', name, f'label={label}')
    lab.control('user', 'set', USER, f'groups={mine}')


def choices_of(answer):
    """[(value, label)] as they stand in the form, of which the first is selected; None: no list."""
    lab.holds(is_form(answer), answer.body)
    selects = list(xml.fromstring(answer.body).iter('select'))
    if not selects:
        return None
    lab.equal([select.get('name') for select in selects], ['group_list'], 'lists')
    options = list(selects[0])
    lab.equal([option.get('selected') for option in options], ['true'] + [None] * (len(options) - 1), 'what is selected')
    return [(option.get('value'), option.text) for option in options]


def action_of(answer):
    return next(xml.fromstring(answer.body).iter('form')).get('action')


def select(group):
    return f'<group-select>{group}</group-select>' if group is not None else ''


def ask(group=None, path='/'):
    return on_its_own_connection(lambda c: c.post_xml(path, 'init', INIT + select(group)))


def sign_in(group, password=None, path='/auth'):
    return on_its_own_connection(lambda c: c.post_xml(
        path, 'auth-reply', f'<auth><username>{USER}</username><password>{password or read_password()}</password></auth>{select(group)}'))


def group_of(answer):
    """In which group a session of the cookie is."""
    lab.holds(is_success(answer), answer.body)
    with records.open_tunnel(cookie=cookie_of(answer)):
        return group_of_session()


def group_of_session():
    return lab.wait_until('a session', lambda: [s for s in lab.sessions() if s['state'] == 'connected'])[0]['group']


def item_12_without_groups_there_is_no_list():
    lab.equal(choices_of(ask()), None, 'list')
    make_groups()
    lab.equal(choices_of(ask()), [NONE, HOME, ALL], 'list')
    for name, _ in (HOME, ALL):
        lab.control('group', 'remove', name)
    lab.equal(choices_of(ask('home')), None, 'list')
    lab.equal(group_of(sign_in('home')), '', 'group of a client that remembers one')


def item_12_what_is_asked_for_stands_first():
    make_groups(mine='')  # all see all: who may choose which is told to nobody
    for asked, first in ((None, NONE), ('home', HOME), ('Home network', HOME), ('ALL', ALL), ('All &lt;traffic&gt;', ALL),
                         ('default', NONE), ('Default', NONE), ('nowhere', NONE), ('x' * 500, NONE)):
        lab.equal(choices_of(ask(asked)), [first] + [one for one in (NONE, HOME, ALL) if one != first], f'list for {asked}')
    with records.connect() as connection:  # each round is another request
        for asked, first in ((None, NONE), ('all', ALL), ('home', HOME), ('all', ALL), ('home', HOME)):
            lab.equal(choices_of(connection.post_xml('/auth', 'init', INIT + select(asked)))[0], first, f'first for {asked}')


def item_12_names_and_labels_are_both_understood():
    make_groups()
    for sent, group in (('home', 'home'), ('Home network', 'home'), ('HOME', 'home'), ('all', 'all'),
                        ('All &lt;traffic&gt;', 'all'), ('default', ''), ('Default', ''), (None, ''), ('', '')):
        lab.equal(group_of(sign_in(sent)), group, f'group of {sent}')


def item_12_openconnect_chooses_by_name_and_label():
    make_groups()
    for choice, group in (('all', 'all'), ('Home network', 'home'), ('default', '')):
        client = Client('--dump-http-traffic', '--authgroup', choice).wait_connected()
        lab.equal(group_of_session(), group, f'group of {choice}')
        lab.equal(client.count(r'(?m)^.*> POST '), 3, 'posts: the list, the same with the choice first, the answer')
        lab.equal(client.disconnect(), 0, 'status of openconnect')
        os.unlink(client.log_path)
    client = Client(password=f'{read_password()}\nAll <traffic>').wait_connected()  # typed when asked
    lab.equal(group_of_session(), 'all', 'group that was typed')
    lab.equal(client.disconnect(), 0, 'status of openconnect')


def item_12_openconnect_that_asks_for_others_groups_is_refused():
    make_groups(mine='home')
    client = Client('--authgroup', 'all')
    lab.holds(client.wait_exit(30) != 0, 'it got in')
    lab.holds('Name or password is wrong' in client.log(), client.log()[-2000:])
    lab.equal(lab.sessions(), [], 'sessions')


def item_12_a_group_of_others_is_as_wrong_as_a_password():
    make_groups(mine='home')
    lab.equal(sign_in('all', 'wrong').body, sign_in('all').body, 'what is said of a group of others')
    lab.equal(sign_in(None, 'wrong').body, sign_in('nowhere').body, 'what is said of a group of nobody')


def item_12_wrong_groups_are_counted_as_tries():
    make_groups(mine='home')
    with records.connect() as connection:
        answers = [connection.post_xml('/auth', 'auth-reply', f'<auth><username>{USER}</username>'
                                       f'<password>{read_password()}</password></auth>{select("all")}') for _ in range(3)]
    lab.equal([answer.status for answer in answers], [200, 200, 401], 'answers to three tries')


def item_12_an_address_chooses_without_a_list():
    make_groups()
    for path, group in (('/home', 'home'), ('/ALL?secret=1', 'all'), ('/default', '')):
        form = ask('all', path)  # the address says it, whatever else is remembered
        lab.equal(choices_of(form), None, f'list at {path}')
        lab.equal(group_of(sign_in('all', path=action_of(form))), group, f'group at {path}')
        lab.equal(action_of(on_its_own_connection(lambda c, p=path: get(c, p))), action_of(form), 'action without XML')
    lab.equal(choices_of(ask(path='/nowhere')), [NONE, HOME, ALL], 'list at another address')
    for options in ([], ['--no-xmlpost'], ['--useragent', OLD_AGENT]):
        client = Client(*options, url=f'{os.environ["LAB_URL"]}/home').wait_connected()
        lab.equal((group_of_session(), client.count('Group:')), ('home', 0), 'group, and how often it is asked for')
        lab.equal(client.disconnect(), 0, 'status of openconnect')


def item_12_groups_are_chosen_without_xml():
    make_groups()
    lab.equal(choices_of(on_its_own_connection(lambda c: get(c, '/'))), [NONE, HOME, ALL], 'list')
    fields = [('username', USER), ('password', read_password())]
    for sent, group in (('home', 'home'), ('All <traffic>', 'all'), ('default', '')):
        lab.equal(group_of(on_its_own_connection(lambda c, s=sent: post_form(c, [*fields, ('group_list', s)]))), group, f'group of {sent}')
    step = on_its_own_connection(lambda c: post_form(c, [('username', USER), ('group_list', 'all')]))
    lab.equal(inputs_of(step), [('hidden', 'username', USER), ('password', 'password', None), ('hidden', 'group_list', 'all')],
              'fields of the second form')
    for options in (['--no-xmlpost'], ['--no-xmlpost', '--useragent', OLD_AGENT], ['--useragent', OLD_AGENT]):
        client = Client('--authgroup', 'all', *options).wait_connected()
        lab.equal(group_of_session(), 'all', f'group with {options}')
        lab.equal(client.disconnect(), 0, 'status of openconnect')


def item_12_a_second_step_keeps_the_group():
    make_groups(mine='home')
    _, recovery = enroll()
    ticket = code_form(sign_in('home'))
    lab.equal(group_of(send_code(ticket, recovery[0])), 'home', 'group')
    lab.holds(b'username' in sign_in('all').body, 'a code is asked for in a group of others')
    ticket = code_form(sign_in('home'))
    lab.control('user', 'set', USER, 'groups=')
    stale = send_code(ticket, recovery[1])
    lab.holds(is_form(stale) and b'username' in stale.body, stale.body)


def item_12_who_has_a_certificate_chooses_too():
    make_groups(mine='')
    set_method('certificate')
    how, _ = make_device()
    client = Client(*how, password='').wait_connected()  # nothing to choose from, so nothing is asked
    lab.equal((group_of_session(), client.count('Group:')), ('', 0), 'group, and how often it is asked for')
    lab.equal(client.disconnect(), 0, 'status of openconnect')
    lab.control('user', 'set', USER, 'groups=home')
    for choice, group in (('home', 'home'), ('Home network', 'home'), ('default', '')):
        client = Client(*how, '--authgroup', choice, password='').wait_connected()
        lab.equal((group_of_session(), client.count('Password')), (group, 0), f'group of {choice}, and how often a password is asked for')
        lab.equal(client.disconnect(), 0, 'status of openconnect')
    client = Client(*how, url=f'{os.environ["LAB_URL"]}/home', password='').wait_connected()
    lab.equal(group_of_session(), 'home', 'group of an address')
    lab.equal(client.disconnect(), 0, 'status of openconnect')
    for options in ({'url': f'{os.environ["LAB_URL"]}/all'}, {}):
        client = Client(*how, *([] if options else ['--authgroup', 'all']), password='', **options)
        lab.holds(client.wait_exit(30) != 0, 'it got in')
        lab.holds('You cannot connect in this group' in client.log(), client.log()[-2000:])
    set_method('certificate-and-password')
    client = Client(*how, '--authgroup', 'home').wait_connected()
    lab.equal(group_of_session(), 'home', 'group with a password, too')
    lab.equal(client.disconnect(), 0, 'status of openconnect')
