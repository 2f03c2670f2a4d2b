# SPDX-License-Identifier: GPL-2.0-or-later
"""What takes long."""

from theatre import NAME, ROOT, SERVER, expect, read, wait_for

EMPTY = '@a{sv} {}'


def forget(stage, user, values):
    return stage.call(user, SERVER, f'{NAME}.Server', 'ForgetHistory', f'({values}, {EMPTY})')


def jobs(stage):
    return stage.control('root', 'job', 'list', '--json').must().json['jobs']


def rows(stage, *options):
    return len(stage.control('root', 'history', '--limit', '100000', '-g', 'login', *options).must().out.splitlines())


def completed(log):
    return [line for line in read(log).splitlines() if 'Job.Completed' in line]


def story_forgetting(stage):
    """Chosen parts of the history are forgotten while the service goes on, and the end is told with a number."""
    stage.control('root', 'status').must()
    stage.backdoor('past anna 2500')
    log = stage.listen('root', '--look')
    wait_for('the past', lambda: rows(stage) == 2500)
    expect(stage.control('root', 'erase-history', '--reason', 'logout', '--user', 'nobody', '--json').must(2).json['erased'] == 0)
    expect(forget(stage, 'root', "{'Until': <uint64 2001>, 'Login': <'anna'>}").must().out == f"('{ROOT}/jobs/2',)\n")
    wait_for('the end', lambda: len(completed(log)) == 2)
    expect(f"{ROOT}/jobs/2 Job.Completed (true, '', '', {{'Erased': <uint64 2000>}})" in completed(log)[1], completed(log))
    expect("'Progress': <0.5>" in read(log) and rows(stage) == 500, read(log))
    expect(stage.control('root', 'erase-history', '--all', '--json').must().json['erased'] == 500)
    expect(rows(stage) == 0 and jobs(stage) == [])
    for words in ([], ['--all', '--user', 'anna'], ['--until', 'x']):
        stage.control('root', 'erase-history', *words).must(4)
    for values in ("{'Nobody': <1>}", "{'Until': <uint32 1>}", "{'User': <'anna'>}"):
        expect(forget(stage, 'root', values).must(1).out.startswith('InvalidArgs\n'), values)


def story_cancelling(stage):
    """A job can be cancelled by who may, and by who began it; what was not done is not done."""
    stage.control('root', 'status').must()
    stage.backdoor('past anna 60000')
    wait_for('the past', lambda: rows(stage, '--limit', '500') == 500)
    log = stage.listen('root', '--look')
    expect(forget(stage, 'bob', EMPTY).must(1).out.startswith('NotAuthorized\n'))
    forget(stage, 'alice', EMPTY).must()
    stage.control('carol', '--no-ask-password', 'job', 'cancel', '1').must(5)
    stage.control('root', 'job', 'cancel', '1').must()
    wait_for('the end', lambda: completed(log))
    expect(f"(false, '{NAME}.Error.Cancelled', " in completed(log)[0], completed(log))
    erased = int(completed(log)[0].split('<uint64 ')[1].split('>')[0])
    expect(0 <= erased < 60000 and rows(stage) == 60000 - erased, erased)
    stage.control('root', 'job', 'cancel', '1').must(3)
    stage.control('root', 'job', 'cancel', 'x').must(4)


OWN = """
import gi
from gi.repository import Gio, GLib
NAME, heard, loop = 'org.sallyport.Sallyport1', [], GLib.MainLoop()
bus = Gio.bus_get_sync(Gio.BusType.SYSTEM, None)

def signal(_bus, _sender, path, interface, member, arguments):
    heard.append((path, interface, member))
    if member == 'Completed':
        print(arguments.unpack()[:2])
        loop.quit()

bus.signal_subscribe(NAME, None, None, None, None, Gio.DBusSignalFlags.NONE, signal)
def call(path, interface, method, arguments):
    return bus.call_sync(NAME, path, f'{NAME}.{interface}', method, GLib.Variant.parse(None, arguments, None, None), None, 0, 20000, None)
job, = call('/org/sallyport/Sallyport1/Server', 'Server', 'ForgetHistory', '(@a{sv} {}, @a{sv} {})').unpack()
call(job, 'Job', 'Cancel', '(@a{sv} {},)')
loop.run()
assert all(path == job for path, _, _ in heard), heard
"""


def story_own_job(stage):
    """Who began a job hears of it and cancels it without another permission, and hears of nothing else."""
    with open('/etc/polkit-1/rules.d/05-frank.rules', 'w', encoding='ascii') as file:
        file.write(f'polkit.addRule(function (action, subject) {{ if (subject.user == "eve")'
                   f' return action.id == "{NAME}.manage-users" ? polkit.Result.YES : polkit.Result.NO; }});\n')
    stage.control('root', 'status').must()
    stage.backdoor('past anna 60000')
    wait_for('the past', lambda: rows(stage, '--limit', '500') == 500)
    said = stage.run('eve', '/usr/bin/python3', '-c', OWN).must().out
    expect(said == f"(False, '{NAME}.Error.Cancelled')\n", said)
    expect(rows(stage) > 0)
