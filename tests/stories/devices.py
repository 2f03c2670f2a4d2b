# SPDX-License-Identifier: GPL-2.0-or-later
"""What users sign in with, beside their passwords."""

import os
import re

from theatre import FOLDER, NAME, ROOT, SERVER, expect, read, wait_for
from users import add

EMPTY = '@a{sv} {}'


def devices(stage, *words):
    return stage.control('root', 'device', 'list', *words, '--json').must().json['devices']


def add_device(stage, login, name):
    stage.backdoor(f'device {login} {name}')
    return wait_for('the device', lambda: [device for device in devices(stage) if device['name'] == name])[0]['id']


def call(stage, who, device, method, arguments):
    return stage.call(who, f'{ROOT}/devices/{device}', f'{NAME}.Device', method, arguments)


def story_device_list(stage):
    """Devices are listed page by page, of one user or kind, with the control tool too."""
    anna, _ = add(stage, 'anna'), add(stage, 'bert')
    ids = [add_device(stage, login, name) for login, name in (('anna', 'phone'), ('bert', 'tablet'), ('anna', 'laptop'))]
    expect([device['id'] for device in devices(stage)] == ids, devices(stage))
    expect([device['name'] for device in devices(stage, 'anna')] == ['phone', 'laptop'])
    expect([device['login'] for device in devices(stage)] == ['anna', 'bert', 'anna'])
    stage.control('root', 'device', 'list', 'nobody').must(3)
    expect('laptop' in stage.control('root', 'device', 'list').must().out)
    seen, cursor = [], ''
    for _ in range(3):
        page = stage.call('root', SERVER, f'{NAME}.Server', 'ListDevices', f"({EMPTY}, '{cursor}', uint32 1, {EMPTY})").must().out
        cursor = page.rsplit("'", 2)[1]
        seen += [device for device in ids if f"'Device': <'{device}'>" in page]
    expect(seen == ids and cursor == '', seen, cursor)
    for chosen, wanted in (("{'User': <'%s'>}" % anna.rsplit('/', 1)[1], (1, 0, 1)), ("{'Kind': <'password'>}", (0, 0, 0)), ("{'Revoked': <false>}", (1, 1, 1))):
        page = stage.call('root', SERVER, f'{NAME}.Server', 'ListDevices', f"({chosen}, '', uint32 500, {EMPTY})").must().out
        expect(tuple(page.count(device) for device in ids) == wanted, chosen, page)
    for bad in ("{'User': <'anna'>}, '', uint32 1", "{'Kind': <'car'>}, '', uint32 1", f"{EMPTY}, 'x', uint32 1", f"{EMPTY}, '-1', uint32 1",
                f"{EMPTY}, '%s', uint32 1" % ('1' * 99), f"{EMPTY}, '', uint32 0", f"{EMPTY}, '', uint32 501", "{'Nobody': <1>}, '', uint32 1"):
        refused = stage.call('root', SERVER, f'{NAME}.Server', 'ListDevices', f'({bad}, {EMPTY})').must(1)
        expect(refused.out.startswith('InvalidArgs\n'), bad, refused)


def story_device_life(stage):
    """A device is renamed and revoked, taken back within its window, and goes with its user."""
    anna = add(stage, 'anna')
    device = add_device(stage, 'anna', 'phone')
    stage.control('root', 'device', 'rename', device[:8], 'Annas Telefon').must()
    expect(devices(stage)[0]['name'] == 'Annas Telefon')
    for bad in ("''", "'a\\nb'", "'%s'" % ('x' * 65), '5'):
        refused = call(stage, 'root', device, 'Update', f"({{'Name': <{bad}>}}, {EMPTY})").must(1)
        expect(refused.out.startswith('InvalidArgs\n') and 'Name' in refused.out, bad, refused)
    refused = call(stage, 'root', device, 'Update', f"({{'Name': <'   '>}}, {EMPTY})").must(1)
    expect(refused.out.startswith('InvalidArgs\n'), refused)
    revoked = stage.control('root', 'device', 'revoke', device, '--json').must().json['revoked'][0]
    expect(devices(stage)[0]['revoked-at-usec'] > 0)
    stage.control('root', 'device', 'revoke', device).must(3)
    stage.control('root', 'undo', revoked['undo-token']).must()
    expect(devices(stage)[0]['revoked-at'] is None)
    stage.control('root', 'undo', revoked['undo-token']).must(3)
    stage.control('root', 'device', 'revoke', device).must()
    stage.call('root', anna, f'{NAME}.User', 'Remove', f'({EMPTY},)').must()
    stage.call('root', anna, f'{NAME}.User', 'Purge', f'({EMPTY},)').must()
    expect(devices(stage) == [])


def story_device_label(stage):
    """Each device has a label, shown, in its address where names of devices are asked for, and another one on demand."""
    anna = add(stage, 'anna')
    device = add_device(stage, 'anna', 'phone')
    label = devices(stage)[0]['label']
    expect(re.fullmatch('[a-z2-7]{16}', label), label)
    expect(label in stage.get('root', f'{ROOT}/devices/{device}', 'Device', 'Label').must().out)
    page = stage.call('root', SERVER, f'{NAME}.Server', 'ListDevices', f"({EMPTY}, '', uint32 9, {EMPTY})").must().out
    expect(label in page, page)
    stage.control('root', 'start').must()
    expect(stage.control('root', 'device', 'address', device[:8]).must().out == 'https://vpn.test\n')
    refused = stage.control('root', 'config', 'set', 'name-gate=label')
    expect(refused.status != 0, refused)
    stage.control('root', 'config', 'set', 'name=vpn.test').must()
    stage.control('root', 'config', 'set', 'name-gate=label').must()
    expect(stage.control('root', 'device', 'address', device).must().out == f'https://{label}.vpn.test\n')
    expect('{label}.vpn.test' in stage.control('root', 'status').must().out)
    renewed = stage.control('root', 'device', 'address', device, '--renew', '--json').must().json
    expect(renewed['label'] != label and renewed['url'] == f"https://{renewed['label']}.vpn.test", renewed)
    expect(devices(stage)[0]['label'] == renewed['label'])
    refused = call(stage, 'root', device, 'RenewLabel', "({'x': <1>},)").must(1)
    expect(refused.out.startswith('InvalidArgs\n'), refused)
    stage.control('root', 'device', 'revoke', device).must()
    refused = call(stage, 'root', device, 'RenewLabel', f'({EMPTY},)').must(1)
    expect(refused.out.startswith('InvalidArgs\n'), refused)
    invitation = stage.call('root', anna, f'{NAME}.User', 'Invite', f'({EMPTY},)').must().out
    listed = stage.control('root', 'invitation', 'list', '--json').must().json['invitations']
    expect(re.fullmatch('[a-z2-7]{16}', listed[0]['label']), listed, invitation)


def story_device_files(stage):
    """A certificate's file and its passphrase come once, into a file for its owner alone, and nothing is overwritten."""
    anna = add(stage, 'anna')
    path, given = f'{FOLDER}/anna.p12', stage.secret('correct horse')
    made = stage.control('root', 'device', 'add', 'anna', 'phone', '--out', path, '--json').must().json
    expect(read(path) == 'file' and made['passphrase'] == 'made' and made['file'] == path, made)
    expect(os.stat(path).st_mode & 0o777 == 0o600, 'others may read it')
    expect(devices(stage)[0]['id'] == made['id'] and devices(stage)[0]['kind'] == 'certificate')
    stage.control('root', 'device', 'add', 'anna', 'phone', '--out', path).must(1)
    expect(len(devices(stage)) == 1, 'another one was made')
    out = stage.control('root', 'device', 'renew', made['id'][:6], '--out', '-', '--passphrase-file', '-', text=given + '\n').must()
    expect(out.out == 'file' and 'assphrase' not in out.err, out)
    expect('passphrase' not in stage.control('root', 'device', 'add', 'anna', 'laptop', '--format', 'pem', '--out', f'{FOLDER}/anna.pem', '--json').must().json)
    for words in (['anna', 'x', '--out', '/nowhere/x'], ['nobody', 'x', '--out', f'{FOLDER}/x'], ['anna', 'x'], ['anna', '', '--out', f'{FOLDER}/x'],
                  ['anna', 'x', '--format', 'zip', '--out', f'{FOLDER}/x'], ['anna', 'x', '--days', '3651', '--out', f'{FOLDER}/x'], ['anna', 'x', '--out', '-', '--json']):
        expect(stage.control('root', 'device', 'add', *words).status in (1, 3, 4), words)
        expect(not os.path.exists(f'{FOLDER}/x'), 'an empty file stays')
    for options in ("{'format': <'zip'>}", "{'days': <uint32 0>}", "{'days': <uint32 3651>}", "{'passphrase': <'secret'>}", "{'passphrase': <handle 7>}", "{'nonsense': <1>}"):
        refused = stage.call('root', anna, f'{NAME}.User', 'AddDevice', f"('x', {options})").must(1)
        expect(refused.out.startswith('InvalidArgs\n'), options, refused)
    refused = stage.call('root', anna, f'{NAME}.User', 'AddDevice', "('x', {'passphrase': <handle 0>})", '--fd', 'pipe', given).must(1)
    expect(refused.out.startswith('InvalidArgs\n'), refused)
    stage.call('root', anna, f'{NAME}.User', 'Update', f"({{'DevicesMax': <uint32 2>}}, {EMPTY})").must()
    refused = stage.call('root', anna, f'{NAME}.User', 'AddDevice', f"('x', {EMPTY})").must(1)
    expect(refused.out.startswith('Busy\n') and len(devices(stage)) == 2, refused)


def story_device_refused(stage):
    """Whoever may not manage users changes no device, and who may not look sees none."""
    add(stage, 'anna')
    device = add_device(stage, 'anna', 'phone')
    for method, arguments in (('Update', f"({{'Name': <'x'>}}, {EMPTY})"), ('Revoke', f'({EMPTY},)'), ('RenewLabel', f'({EMPTY},)')):
        expect(call(stage, 'bob', device, method, arguments).must(1).out.startswith('NotAuthorized\n'), method)
        expect(call(stage, 'carol', device, method, arguments).must(1).out.startswith('NotAuthorizedCanObtain\n'), method)
    expect(stage.get('bob', f'{ROOT}/devices/{device}', 'Device', 'Name').out.startswith('NotAuthorized\n'))
    listed = stage.call('bob', SERVER, f'{NAME}.Server', 'ListDevices', f"({EMPTY}, '', uint32 1, {EMPTY})").must(1)
    expect(listed.out.startswith('NotAuthorized\n'), listed)
    expect(devices(stage)[0]['name'] == 'phone' and devices(stage)[0]['revoked-at'] is None)
