# SPDX-License-Identifier: GPL-2.0-or-later
"""What happened beside sessions is remembered: who changed settings, and who could not sign in."""

from theatre import NAME, SERVER, expect, wait_for

IFACE = f'{NAME}.Server'


def events(stage, *arguments):
    return stage.control('root', 'events', '--json', *arguments).must().json['events']


def story_settings(stage):
    """Who changed which settings is remembered, and from what to what."""
    stage.control('root', 'config', 'set', 'port=8443', 'roaming=no').must()
    wait_for('the event', lambda: events(stage))
    event, = events(stage)
    expect(event['kind'] == 'settings' and event['who'] == 'root' and event['times'] == 1, event)
    expect(event['text'].splitlines() == ['port: 443 → 8443', 'roaming: yes → no'], event)
    stage.control('dave', 'config', 'set', 'roaming=yes').must()
    wait_for('the event of dave', lambda: [one['who'] for one in events(stage)] == ['dave', 'root'])
    stage.control('root', 'config', 'set', 'port=70000').must(4)
    stage.call('root', SERVER, f'{NAME}.Settings', 'Update', "({'Port': <uint32 444>}, {'check-only': <true>})").must()
    expect(len(events(stage)) == 2, 'what was not changed is remembered')
    with open('/run/story/settings/sallyport.conf', 'a', encoding='ascii') as file:
        file.write('[tunnel]\ndpd = 60\n')
    stage.call('root', SERVER, IFACE, 'Reload', '(@a{sv} {},)').must()
    wait_for('the event of the file', lambda: events(stage)[0]['text'] == 'dpd: 90 → 60')
    expect('dpd: 90 → 60' in stage.control('root', 'events').must().out)


def story_failures(stage):
    """Failures to sign in are counted by address, user and reason, and a scanner cannot fill the disk."""
    stage.control('root', 'status').must()
    for _ in range(7):
        stage.backdoor('refuse 198.51.100.9 anna wrong-password')
    stage.backdoor('refuse 198.51.100.9 anna wrong-code')
    wait_for('the events', lambda: len(events(stage, '--kind', 'sign-in')) == 2)
    counted = {event['text']: event for event in events(stage)}
    wrong = counted['wrong-password']
    expect(wrong['times'] == 7 and wrong['address'] == '198.51.100.9' and wrong['who'] == 'anna', wrong)
    expect(not wrong['blocked'] and wrong['at-usec'] >= wrong['since-usec'] > 0, wrong)
    for number in range(300):
        stage.backdoor(f'refuse 203.0.113.{number % 250} mallory{number} wrong-password')
    wait_for('all of them', lambda: sum(event['times'] for event in events(stage, '--limit', '1000')) == 308)
    rows = events(stage, '--limit', '1000')
    expect(len(rows) <= 101, len(rows))
    many, = [event for event in rows if event['text'] == 'many']
    expect(many['address'] == '' and many['who'] == '' and many['times'] > 150, many)
    expect(events(stage, '--kind', 'settings') == [])


def story_pages(stage):
    """They come page by page, and what is asked wrongly is refused by name."""
    for port in range(1000, 1012):
        stage.control('root', 'config', 'set', f'port={port}').must()
    wait_for('the events', lambda: len(events(stage)) == 12)
    cursor, seen = '', []
    for _ in range(3):
        page = stage.call('root', SERVER, IFACE, 'ListEvents', f"(@a{{sv}} {{}}, '{cursor}', uint32 5, @a{{sv}} {{}})").must().out
        seen += [line.split(' → ')[1][:4] for line in page.split('port: ')[1:]]
        cursor = page.rstrip().rsplit("'", 2)[1]
    expect(cursor == '' and seen == [str(port) for port in reversed(range(1000, 1012))], cursor, seen)
    for arguments in ("({'Kind': <'x'>}, '', uint32 5, @a{sv} {})", "({'Sort': <'x'>}, '', uint32 5, @a{sv} {})",
                      "(@a{sv} {}, 'x', uint32 5, @a{sv} {})", "(@a{sv} {}, '', uint32 0, @a{sv} {})",
                      "(@a{sv} {}, '', uint32 501, @a{sv} {})"):
        expect(stage.call('root', SERVER, IFACE, 'ListEvents', arguments).must(1).out.startswith('InvalidArgs\n'), arguments)
    expect(stage.call('bob', SERVER, IFACE, 'ListEvents', "(@a{sv} {}, '', uint32 5, @a{sv} {})").must(1).out
           .startswith('NotAuthorized\n'))
    stage.control('root', 'config', 'set', 'history-days=none').must()
    stage.control('root', 'config', 'set', 'port=2000').must()
    expect('2000' not in stage.control('root', 'events').must().out, 'nothing is to be remembered')
