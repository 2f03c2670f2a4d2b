# SPDX-License-Identifier: GPL-2.0-or-later
"""What was opened and closed is gone: the leak sanitizer looks when the window has quit."""

import os

import harness
import reached
import settings
import trusted
from scenes import scene

HERE = os.path.dirname(os.path.abspath(__file__))
ROUNDS = 1


def watched(stage, *arguments, **options):
    """A leak, or any other finding, makes the window end badly, which fails the story."""
    suppressions = '/run/lab/leaks.suppressions'
    # The checkout may lie in a folder that only its owner can look into.
    with open(f'{HERE}/leaks.suppressions', encoding='ascii') as source, open(suppressions, 'w', encoding='ascii') as file:
        file.write(source.read())
    # Whole stacks: most of what fonts keep is not asked for by that library itself.
    environment = {'LSAN_OPTIONS': f'suppressions={suppressions}:print_suppressions=0',
                   'ASAN_OPTIONS': 'detect_leaks=1:fast_unwind_on_malloc=0:malloc_context_size=20'}
    return stage.open(*arguments, **options, environment=environment)


@scene(server='absent')
def story_noticed(stage):
    """A leak is noticed."""
    window = watched(stage, 'leak', program=harness.program(stage))
    harness.fails(lambda: window.close('org.sallyport.Sallyport'), 'LeakSanitizer')
    stage.windows.remove(window)


@scene(server='fake')
def story_views(stage):
    """Nothing is left of views, dialogs and pages that were opened and closed."""
    stage.control('start')
    for login in ('anna', 'bob'):
        stage.control('user', 'add', login, '--full-name', login.title(), '--generate-password')
    stage.backdoor('open anna phone')
    window = watched(stage)
    for _ in range(ROUNDS):
        for number in range(1, 5):
            window.keys(f'ctrl+{number}')
            window.at_rest()
        window.keys('ctrl+2')
        window.click('label', 'Anna')
        window.find('text box', 'Name')
        window.keys('alt+Left')
        window.wait_gone('text box', 'Name')
        window.keys('ctrl+n')
        window.find('button', 'Add and Invite')
        window.keys('Escape')
        window.wait_gone('button', 'Add and Invite')
        window.keys('ctrl+question')
        window.see('Keyboard shortcuts')
        window.keys('Escape')
        window.wait_gone('label', 'Keyboard shortcuts')


def set_up(window):
    window.click('button', 'Set Up')
    window.enter('Name', trusted.NAME)
    window.press('switch', 'A Provider Leads the Name Here')
    window.enter('Account There', 'anna')
    window.enter('Password There', 'open sesame')
    window.keys('Escape')
    window.wait_gone('text box', 'Account There')


def follow_with_the_name(window):
    """By one's own name server; then not at all."""
    window.click('button', 'Let the Name Follow This Network')
    window.click('combo box', 'Who Keeps the Name')
    window.click('list item', 'My Name Server (RFC 2136)')
    for name, text in (('Name', trusted.NAME), ('Name Server', '192.0.2.53'), ('Zone', 'vpn.test'), ('Name of Its Key (TSIG)', 'key')):
        window.enter(name, text)
    window.enter('Its Secret, in Base64', 'b3BlbiBzZXNhbWU=')
    window.click('button', 'Save')
    window.click('button', 'Stop Using')
    window.find('button', 'Let the Name Follow This Network')


def order_certificate(stage, window):
    window.click('list item', settings.CERTIFICATE)
    window.click('button', 'Get a Trusted Certificate')
    window.find('text box', 'Names')
    window.keys('Escape')
    window.wait_gone('text box', 'Names')
    stage.control('config', 'set', f'name={trusted.NAME}', 'acme-directory=https://authority.test/dir', 'acme-agree=yes')
    for number, text in enumerate(trusted.STEPS):
        stage.backdoor(f'order {number}')
        window.see(text)
    window.keys('alt+Left')
    window.wait_gone('label', 'Fingerprint')


@scene(server='fake')
def story_ways(stage):
    """Nothing is left of the set-up, a name that follows, a certificate that is ordered, and what helps whom nobody reaches."""
    window = watched(stage)
    set_up(window)
    window.click('button', 'Look Around First')
    stage.control('start')
    window.click('tab', 'Settings')
    order_certificate(stage, window)
    follow_with_the_name(window)
    window.keys('ctrl+1')
    for step in (reached.AT_HOME, 'test', 'outside 100.64.1.2 100.64.1.2'):
        reached.bring_about(stage, step)
    window.press('button', reached.LETTER)
