# SPDX-License-Identifier: GPL-2.0-or-later
"""Stories of pages that invited people read, in the browser that most phones have."""

import lab
import records
from browser import Browser
from invitations import IPHONE, invite

ANDROID = 'Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36'
# What WCAG 2.2 asks for at level AA of texts of any size; and of what is pressed, with a margin for thumbs.
CONTRAST, HEIGHT = 4.5, 44
# Language of the page: the phone, what it asks for, the button
VISITORS = {
    'en': (IPHONE, 'en-GB,en', 'Set Up This Device'),
    'de': (ANDROID, 'de-DE,de', 'Dieses Gerät einrichten'),
    'zh-CN': (IPHONE, 'zh-CN,zh', '设置此设备'),
}
NAMED = ('link', 'button', 'heading', 'DisclosureTriangle')


def is_good_to_read(browser, language, scheme):
    seen = browser.look()
    where = f'in {language}, {scheme}'
    lab.equal(seen['language'], language, f'language {where}')
    lab.holds(seen['title'], f'no title {where}')
    lab.holds(seen['width'] <= seen['view'], f'{seen["width"]} wide {where}, of which {seen["view"]} are seen')
    lab.equal([text for text in seen['texts'] if text['contrast'] < CONTRAST], [], f'pale texts {where}')
    lab.equal([target for target in seen['targets'] if target['height'] < HEIGHT], [], f'small targets {where}')
    things = browser.things()
    lab.equal([thing for thing in things if thing[0] in NAMED and not thing[1].strip()], [], f'things without a name {where}')
    lab.equal([name for role, name, _ in things if role == 'RootWebArea'], [seen['title']], f'name of the page {where}')
    roles = {role for role, _, _ in things}
    lab.holds({'heading', 'main', 'link'} <= roles, f'roles {where}: {roles}')
    return {name for role, name, _ in things if role in NAMED}


def a_phone_reads_the_pages_of_an_invitation_in_three_languages():
    records.take_cookie()  # from here on its network is known, and may make many connections
    names = {}
    with Browser() as browser:
        for language, (agent, accepted, button) in VISITORS.items():
            link = invite('--device-name', 'Phone')[1]
            for scheme in ('light', 'dark'):
                browser.be(agent, accepted, scheme)
                browser.open(link)
                names[language] = is_good_to_read(browser, language, scheme)
            browser.press('button', button)
            for scheme in ('dark', 'light'):
                browser.be(agent, accepted, scheme)
                names[language] |= is_good_to_read(browser, language, scheme)
    shared = set.intersection(*names.values())
    lab.holds(len(shared) < len(names['en']) / 2, f'said alike in all languages: {shared}')
