# SPDX-License-Identifier: GPL-2.0-or-later
"""Stories of the second step of signing in: codes of a phone, recovery codes, and openconnect at them."""

import json
import os
import xml.etree.ElementTree as xml

import lab
import records
import rooms
from client import Client, openssl_program, read_password
from one_time_codes import Phone, settled_step
from paths import reply
from signing_in import OLD_AGENT, USER, cookies_of, inputs_of, is_form, is_success, on_its_own_connection, post_form


def enroll():
    """A phone that was confirmed with the code of the step before this one, and recovery codes."""
    phone = Phone(lab.control_json('user', 'totp', 'enroll', USER)['uri'])
    confirmed = lab.control('user', 'totp', 'confirm', USER, '--json', input=phone.code(settled_step() - 1) + '\n')
    return phone, json.loads(confirmed)['recovery-codes']


def user():
    return lab.control_json('user', 'list')['users'][0]


def code_form(answer):
    """The ticket in a form that asks for a code."""
    lab.holds(is_form(answer), answer.body)
    fields = inputs_of(answer)
    lab.equal([(kind, name) for kind, name, _ in fields], [('hidden', 'auth_handle'), ('password', 'secondary_password')],
              'fields of the form for the code')
    return fields[0][2]


def get_ticket():
    return code_form(on_its_own_connection(lambda c: reply(c, read_password())))


def send_code(ticket, code):
    return on_its_own_connection(lambda c: c.post_xml(
        '/auth', 'auth-reply', f'<auth><auth_handle>{ticket}</auth_handle><secondary_password>{code}</secondary_password></auth>'))


def sign_in(code):
    return send_code(get_ticket(), code)


def _openconnect_with_code(forms, *options, **more):
    phone, _ = enroll()
    client = Client('--dump-http-traffic', *options, password=f'{read_password()}\n{phone.code(settled_step())}', **more)
    client.wait_connected()
    lab.equal(client.count(r'(?m)^.*> POST /auth'), forms, f'posts with {options}')
    client.fetch('peer')
    lab.equal(client.disconnect(), 0, 'status of openconnect')
    os.unlink(client.log_path)


def item_10_a_second_step_is_taken_by_openconnect():
    _openconnect_with_code(2)
    _openconnect_with_code(2, '--no-xmlpost')
    _openconnect_with_code(3, '--useragent', OLD_AGENT)
    _openconnect_with_code(3, '--useragent', OLD_AGENT, '--no-xmlpost')


def item_10_a_second_step_is_taken_by_the_openssl_build():
    _openconnect_with_code(2, program=openssl_program())
    _openconnect_with_code(3, '--useragent', OLD_AGENT, '--no-xmlpost', program=openssl_program())


def item_10_openconnect_makes_the_code_itself():
    phone, _ = enroll()
    settled_step()
    client = Client('--token-mode=totp', f'--token-secret=base32:{phone.secret}').wait_connected()
    client.fetch('peer')
    lab.equal(client.disconnect(), 0, 'status of openconnect')


def item_10_the_form_for_the_code_has_what_clients_need():
    _, recovery = enroll()
    page = on_its_own_connection(lambda c: reply(c, read_password()))
    auth = xml.fromstring(page.body).find('auth')
    lab.equal((auth.get('id'), [child.tag for child in auth]), ('challenge', ['title', 'message', 'form']), 'auth')
    lab.equal(auth.find('form').attrib, {'method': 'post', 'action': '/auth'}, 'form')
    lab.equal([name for name, _, _ in cookies_of(page)], ['webvpncontext'], 'cookies of the form')
    # Without XML, each step on a connection of its own.
    page = on_its_own_connection(lambda c: post_form(c, [('username', USER), ('password', read_password())]))
    done = on_its_own_connection(lambda c: post_form(c, [('auth_handle', code_form(page)), ('secondary_password', recovery[0])]))
    lab.holds(is_success(done), done.body)


def item_10_a_code_counts_once():
    records.take_cookie()
    phone, recovery = enroll()
    lab.equal((user()['two-step'], user()['recovery-codes-left']), (True, 10), 'what the owner sees')
    step = settled_step()
    lab.holds(is_success(sign_in(phone.code(step))), 'the code of now does not count')
    again = sign_in(phone.code(step))
    lab.holds(is_form(again) and b'wrong, or was used' in again.body, again.body)
    lab.holds(is_success(send_code(code_form(again), phone.code(step + 1))), 'a phone that is 30 s fast is refused')
    lab.holds(is_form(sign_in(phone.code(step))) and is_form(sign_in(phone.code(step + 2))), 'old or far codes count')
    lab.holds(is_success(sign_in(recovery[0].upper().replace('-', ' '))), 'a recovery code does not count')
    lab.equal(user()['recovery-codes-left'], 9, 'recovery codes')
    lab.holds(is_form(sign_in(recovery[0])), 'a recovery code counts twice')
    lab.control('user', 'totp', 'remove', USER)
    lab.holds(is_success(on_its_own_connection(lambda c: reply(c, read_password()))), 'the second step is still asked for')


def item_10_a_ticket_is_for_one_sign_in_and_three_tries():
    records.take_cookie()  # so that the door lets its network in, however often
    _, recovery = enroll()
    ticket = get_ticket()
    for _ in range(2):
        lab.equal(code_form(send_code(ticket, '12345')), ticket, 'ticket of the next try')
    lab.equal(send_code(ticket, '12345').status, 401, 'third wrong code')
    stale = send_code(ticket, recovery[0])
    lab.holds(is_form(stale) and b'username' in stale.body and b'sign in again' in stale.body, stale.body)
    ticket = get_ticket()
    lab.holds(is_success(send_code(ticket, recovery[1])), 'a recovery code does not count')
    lab.holds(is_form(send_code(ticket, recovery[2])), 'a ticket counts twice')
    lab.holds(is_form(send_code('ab' * 32, recovery[3])) and is_form(send_code('', recovery[4])), 'no ticket counts')
    lab.equal(user()['recovery-codes-left'], 9, 'recovery codes')


def item_10_who_needs_a_second_step_and_has_none_is_told_so():
    records.take_cookie()
    lab.control('user', 'set', USER, 'two-step-required=yes')
    answer = on_its_own_connection(lambda c: reply(c, read_password()))
    lab.holds(answer.status == 200 and b'second step' in answer.body and b'<form' not in answer.body, answer.body)
    lab.holds(b'second step' not in on_its_own_connection(lambda c: reply(c, 'wrong')).body, 'a stranger is told')
    client = Client()
    lab.equal(client.wait_exit(), 1, 'status of openconnect')
    lab.equal(client.count('You need a second step to sign in'), 1, 'words in its log')
    os.unlink(client.log_path)
    _openconnect_with_code(2)
    lab.control('user', 'totp', 'remove', USER)
    lab.control('user', 'set', USER, 'two-step-required=no')
    lab.holds(is_success(on_its_own_connection(lambda c: reply(c, read_password()))), 'no way back')


def item_10_the_server_requires_it_of_everybody():
    records.take_cookie()
    lab.control('config', 'set', 'second-step=required')
    answer = on_its_own_connection(lambda c: reply(c, read_password()))
    lab.holds(b'You need a second step' in answer.body and b'<form' not in answer.body, answer.body)
    lab.holds(b'second step' not in on_its_own_connection(lambda c: reply(c, 'wrong')).body, 'a stranger is told')
    made = lab.control_json('device', 'add-password', USER, 'tablet')
    lab.holds(is_success(on_its_own_connection(lambda c: reply(c, made['password']))), "a program's password is refused")
    rooms.kill_room('keyholder')
    lab.wait_until('the same answer after the kill', lambda: b'You need a second step' in _reply_or_nothing(), 30)
    _openconnect_with_code(2)
    lab.control('user', 'totp', 'remove', USER)
    lab.control('config', 'reset', 'second-step')
    lab.holds(is_success(on_its_own_connection(lambda c: reply(c, read_password()))), 'no way back')


def _reply_or_nothing():
    try:
        return on_its_own_connection(lambda c: reply(c, read_password())).body
    except (ConnectionError, records.Refused):
        return b''


def item_10_a_programs_password_needs_no_second_step_until_it_is_revoked():
    records.take_cookie()
    enroll()
    lab.control('user', 'set', USER, 'two-step-required=yes')
    made = lab.control_json('device', 'add-password', USER, 'tablet')
    phone_body = {'Host': 'vpn.test', 'User-Agent': 'Cisco SVC IPPhone Client v1.0'}
    answer = on_its_own_connection(lambda c: c.request('POST', '/svc', phone_body, f'username={USER}&password={made["password"]}'.encode()))
    lab.equal((answer.status, [name for name, _, _ in cookies_of(answer)]), (200, ['webvpn']), 'answer to a phone')
    refused = on_its_own_connection(lambda c: c.request('POST', '/svc', phone_body, f'username={USER}&password={read_password()}'.encode()))
    lab.equal(refused.status, 401, 'answer to a phone that would have to ask for a code')
    client = Client(password=made['password'])
    client.wait_connected()
    client.fetch('peer')
    lab.wait_until('the session', lambda: [s for s in lab.sessions() if s['state'] == 'connected'])
    device = lab.control_json('device', 'list')['devices'][0]
    lab.equal((device['id'], device['kind'], device['name']), (made['id'], 'password', 'tablet'), 'device')
    lab.holds(device['last-seen-at'], 'it was not seen')
    lab.control('device', 'revoke', made['id'])
    lab.holds(client.wait_exit(30) != 0, 'openconnect goes on')
    lab.holds(b'wrong' in on_its_own_connection(lambda c: reply(c, made['password'])).body, 'a revoked password counts')


def item_10_a_keyholder_killed_between_the_steps_lets_nobody_in():
    phone, recovery = enroll()
    step = settled_step(15)
    lab.holds(is_success(sign_in(phone.code(step))), 'the code of now does not count')
    ticket = get_ticket()
    rooms.kill_room('keyholder')
    stale = lab.wait_until('an answer after the kill', lambda: _send_or_nothing(ticket, recovery[0]), 30)
    lab.holds(is_form(stale) and b'sign in again' in stale.body, stale.body)
    lab.holds(is_form(sign_in(phone.code(step))), 'a code counts again after a kill')
    lab.holds(is_success(sign_in(recovery[0])), 'the recovery code was lost')


def _send_or_nothing(ticket, code):
    try:
        return send_code(ticket, code)
    except (ConnectionError, records.Refused):
        return None
