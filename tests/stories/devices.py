# SPDX-License-Identifier: GPL-2.0-or-later
"""What users sign in with, beside their passwords."""

from theatre import NAME, ROOT, SERVER, expect, wait_for
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
    expect(devices(stage) == [])


def story_device_refused(stage):
    """Whoever may not manage users changes no device, and who may not look sees none."""
    add(stage, 'anna')
    device = add_device(stage, 'anna', 'phone')
    for method, arguments in (('Update', f"({{'Name': <'x'>}}, {EMPTY})"), ('Revoke', f'({EMPTY},)')):
        expect(call(stage, 'bob', device, method, arguments).must(1).out.startswith('NotAuthorized\n'), method)
        expect(call(stage, 'carol', device, method, arguments).must(1).out.startswith('NotAuthorizedCanObtain\n'), method)
    expect(stage.get('bob', f'{ROOT}/devices/{device}', 'Device', 'Name').out.startswith('NotAuthorized\n'))
    listed = stage.call('bob', SERVER, f'{NAME}.Server', 'ListDevices', f"({EMPTY}, '', uint32 1, {EMPTY})").must(1)
    expect(listed.out.startswith('NotAuthorized\n'), listed)
    expect(devices(stage)[0]['name'] == 'phone' and devices(stage)[0]['revoked-at'] is None)
