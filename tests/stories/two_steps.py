# SPDX-License-Identifier: GPL-2.0-or-later
"""The second step of signing in, over the bus: who may set it up, and what of it is told."""

import re

from authorisation import type_password
from one_time_codes import Phone, settled_step
from theatre import NAME, expect
from users import add
from whole import Client, start
from whole import add as add_with_password

USER_INTERFACE = f'{NAME}.User'


def call(stage, person, user, method, arguments='(@a{sv} {},)'):
    return stage.call(person, user, USER_INTERFACE, method, arguments, '--read-fd')


def story_two_step_rights(stage):
    """Only who manages users may set up, confirm or remove a second step."""
    user = add(stage, 'anna')
    for method, arguments in (('EnrollTotp', '(@a{sv} {},)'), ('ConfirmTotp', "('123456', @a{sv} {})"), ('RemoveTotp', '(@a{sv} {},)')):
        for person in ('bob', 'eve'):
            expect(call(stage, person, user, method, arguments).must(1).out.startswith('NotAuthorized'), person, method)
        call(stage, 'dave', user, method, arguments).must()


def story_two_step_values(stage):
    """The secret comes once, in a sealed file; codes that can not be are refused; what is so is seen."""
    user = add(stage, 'anna')
    uri = call(stage, 'root', user, 'EnrollTotp', "({'Issuer': <'My VPN'>},)").must().out.splitlines()
    expect(uri[1] == 'otpauth://totp/My VPN:anna?secret=FAKE' and uri[2] == 'sealed', uri)
    for options in ("{'Issuer': <''>}", "{'Issuer': <1>}", "{'Issuer': <'%s'>}" % ('x' * 65), "{'Issuer': <'a\\nb'>}", "{'issuer': <'x'>}"):
        refused = call(stage, 'root', user, 'EnrollTotp', f'({options},)').must(1)
        expect(refused.out.startswith('InvalidArgs\n') and 'ssuer' in refused.out, options, refused)
    for code in ('', '12345', '1234567', '12345a', '123456\\n', '１２３４５６', ' ' * 40 + '123456', 'x' * 5000):
        refused = call(stage, 'root', user, 'ConfirmTotp', f"('{code}', @a{{sv}} {{}})").must(1)
        expect(refused.out.startswith('InvalidArgs\n') and '6 digits' in refused.out, code, refused)
    expect(stage.get('root', user, 'User', 'TwoStep').must().out.strip() == '(<false>,)', 'on too early')
    expect(call(stage, 'root', user, 'ConfirmTotp', "('654321', @a{sv} {})").must(1).out.startswith('InvalidArgs\n'))
    codes = call(stage, 'root', user, 'ConfirmTotp', "('123456', @a{sv} {})").must().out.splitlines()
    expect(codes[1] == 'abcd-efgh-ijkm-npqr' and codes[-1] == 'sealed', codes)
    listed = stage.control('root', 'user', 'list', '--json').must().json['users'][0]
    expect(listed['two-step'] is True and listed['recovery-codes-left'] == 2, listed)


def story_two_step_control(stage):
    """The control tool enrols, asks for the code and prints recovery codes, once."""
    add(stage, 'anna')
    enrolled = stage.control('root', 'user', 'totp', 'enroll', 'anna', '--issuer', 'Home', '--json').must().json
    expect(enrolled['login'] == 'anna' and enrolled['uri'] == 'otpauth://totp/Home:anna?secret=FAKE', enrolled)
    stage.control('root', 'user', 'totp', 'confirm', 'anna', text='999999\n').must(4)
    stage.control('root', 'user', 'totp', 'confirm', 'anna', text='999999\n').must(4)
    expect(stage.control('root', 'user', 'list', '--json').json['users'][0]['two-step'] is False)
    confirmed = stage.control('root', 'user', 'totp', 'confirm', 'anna', '--json', text='123456\n').must().json
    expect(confirmed['recovery-codes'] == ['abcd-efgh-ijkm-npqr', 'stuv-wxyz-2345-6789'], confirmed)
    stage.control('root', 'user', 'totp', 'remove', 'anna').must()
    expect(stage.control('root', 'user', 'list', '--json').json['users'][0]['two-step'] is False)
    plain = stage.control('root', 'user', 'totp', 'enroll', 'anna').must().out
    expect('otpauth://totp/Sallyport:anna' in plain and 'does not count yet' in plain, plain)
    status, said = type_password(stage, 'root', ['env', 'LC_ALL=C.UTF-8', 'sallyportctl', 'user', 'totp', 'enroll', 'anna'],
                                 [b'111111\n', b'123456\n'])
    expect(status == 0 and 'abcd-efgh-ijkm-npqr' in said and '▀' in said and '123456' not in said, status, said)
    for wrong in (['enrol', 'anna'], ['enroll'], ['enroll', 'anna', 'bert']):
        stage.control('root', 'user', 'totp', *wrong).must(4)
    stage.control('root', 'user', 'totp', 'enroll', 'nobody').must(3)


def story_app_passwords(stage):
    """A password for one program is told once, in a sealed file, and is a device that can be revoked."""
    user = add(stage, 'anna')
    for person in ('bob', 'eve'):
        expect(call(stage, person, user, 'AddAppPassword', "('x', @a{sv} {})").must(1).out.startswith('NotAuthorized'), person)
    for name in ('', 'x' * 65, 'a\\nb'):
        refused = call(stage, 'root', user, 'AddAppPassword', f"('{name}', @a{{sv}} {{}})").must(1)
        expect(refused.out.startswith('InvalidArgs\n'), name, refused)
    made = call(stage, 'dave', user, 'AddAppPassword', "('tablet', @a{sv} {})").must().out.splitlines()
    expect(made[1] == 'abcde-fghij-kmnpq-rstuv-wxyz2' and made[2] == 'sealed', made)
    made = stage.control('root', 'device', 'add-password', 'anna', 'phone', '--json').must().json
    expect(made['login'] == 'anna' and made['password'] == 'abcde-fghij-kmnpq-rstuv-wxyz2', made)
    expect('Password: abcde-' in stage.control('root', 'device', 'add-password', 'anna', 'third').must().out)
    devices = stage.control('root', 'device', 'list', '--json').must().json['devices']
    expect([(device['name'], device['kind']) for device in devices] == [(name, 'password') for name in ('tablet', 'phone', 'third')], devices)
    stage.control('root', 'device', 'revoke', made['id']).must()
    stage.control('root', 'user', 'set', 'anna', 'devices-max=2').must()
    stage.control('root', 'device', 'add-password', 'anna', 'fourth').must(1)
    stage.control('root', 'device', 'add-password', 'nobody', 'x').must(3)


def story_two_step_client(stage):
    """A user enrolled with the shipped daemon signs in with a real client and the code, once; nothing of it is told elsewhere."""
    pin = start(stage)['certificate-pin']
    password = add_with_password(stage, 'anna')
    phone = Phone(stage.control('root', 'user', 'totp', 'enroll', 'anna', '--json').must().json['uri'])
    stage.secret(phone.secret)
    Client(stage, pin, 'anna', password).connected()
    step = settled_step()
    confirmed = stage.control('root', 'user', 'totp', 'confirm', 'anna', '--json', text=phone.code(step - 1) + '\n').must()
    recovery = [stage.secret(code) for code in confirmed.json['recovery-codes']]
    expect(len(set(recovery)) == 10 and all(re.fullmatch('[a-z2-9]{4}(-[a-z2-9]{4}){3}', code) for code in recovery), recovery)
    for code, gets_in in ((phone.code(step - 1), False), (phone.code(step), True), (phone.code(step), False), (recovery[0], True),
                          (recovery[0], False)):
        client = Client(stage, pin, 'anna', f'{password}\n{stage.secret(code) if len(code) > 6 else code}')
        if gets_in:
            client.connected()
            client.process.terminate()
        expect(('Configured as' in client.ended()) == gets_in, code, gets_in)
    listed = stage.control('root', 'user', 'list', '--json').must().json['users'][0]
    expect(listed['two-step'] is True and listed['recovery-codes-left'] == 9, listed)
