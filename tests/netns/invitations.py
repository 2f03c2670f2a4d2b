# SPDX-License-Identifier: GPL-2.0-or-later
"""Stories of people who set up their devices by a link."""

import html
import html.parser
import os
import plistlib
import re
import subprocess
import urllib.parse

import lab
import records
from client import Client

IPHONE = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1'
LAPTOP = 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0'
CISCO = 'Cisco AnyConnect VPN Agent for Apple iPhone 5.1'
PAGE_MAX = 10000
VOID = {'meta', 'link'}


class Answer:
    def __init__(self, data):
        self.head, _, self.body = data.partition(b'\r\n\r\n')
        self.status = int(self.head.split(b' ')[1])

    def header(self, name):
        found = re.search(rb'(?im)^' + name.encode() + rb': (.*?)\r?$', self.head)
        return found.group(1).decode() if found else None

    def whole(self):
        return self.head, self.body


class Page(html.parser.HTMLParser):
    """Fails unless every element is closed in order."""

    def __init__(self, body):
        super().__init__()
        self.stack, self.links, self.text, self.tags, self.attributes = [], [], '', [], []
        self.feed(body.decode())
        self.close()
        lab.equal(self.stack, [], 'elements that are never closed')

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]
        if tag == 'li' and self.stack[-1] == 'li':
            self.stack.pop()
        if tag in VOID:
            return
        self.stack.append(tag)
        self.links += [value for name, value in attrs if name == 'href']

    def handle_endtag(self, tag):
        if tag == 'ol' and self.stack[-1] == 'li':
            self.stack.pop()
        lab.equal(self.stack.pop(), tag, 'element that ends')

    def handle_data(self, data):
        self.text += data


def curl_command(url, *options, agent=IPHONE, language='en', authorities=None):
    """Trusts whom the file says, or whoever answers."""
    trust = ['--cacert', authorities] if authorities else ['--insecure']
    return ['ip', 'netns', 'exec', lab.CLIENT, 'curl', '--silent', '--show-error', *trust, '--include', '--http1.1',
            '--max-time', '20', '--user-agent', agent, '--header', f'Accept-Language: {language}', *options, url]


def curl(url, *options, **visitor):
    return Answer(subprocess.run(curl_command(url, *options, **visitor), check=True, stdout=subprocess.PIPE).stdout)


def invite(*options):
    answer = lab.control_json('user', 'invite', os.environ['LAB_USER'], *options)
    return answer['id'], answer['link']


def invitation(which):
    return [one for one in lab.control_json('invitation', 'list')['invitations'] if one['id'] == which][0]


def has_no_secret(*secrets):
    for secret in secrets:
        lab.holds(secret not in lab.server_log(), 'a secret is in the log')


def checked_page(answer, language):
    lab.equal((answer.status, answer.header('Content-Type')), (200, 'text/html; charset=utf-8'), 'answer')
    lab.equal((answer.header('Referrer-Policy'), answer.header('Cache-Control')), ('no-referrer', 'no-store'), 'headers')
    lab.holds("default-src 'none'" in answer.header('Content-Security-Policy'), answer.head)
    lab.holds(len(answer.body) < PAGE_MAX, f'a page of {len(answer.body)} bytes')
    lab.holds(b'sallyport' not in (answer.head + answer.body).lower(), 'the page says who made it')
    page = Page(answer.body)
    lab.holds(f'<html lang="{language}">'.encode() in answer.body, 'language of the page')
    lab.holds(not {'script', 'img', 'iframe'} & set(page.tags), page.tags)
    lab.holds(not [name for name in page.attributes if name.startswith('on') or name == 'src'], page.attributes)
    return page


def pressed(link, **visitor):
    """What the button shows: the page, the folder of the files and the passphrase."""
    answer = curl(link, '--data', '', **visitor)
    page = checked_page(answer, visitor.get('language', 'en')[:2])
    passphrase = re.search(r'<code class=s>([^<]+)</code>', answer.body.decode()).group(1)
    folder = re.search(r'href="(/e/[\w-]{43})/vpn\.p12"', answer.body.decode()).group(1)
    return page, folder, passphrase


def a_phone_sets_itself_up_from_a_link():
    records.take_cookie()  # from here on its network is known, and may make many connections
    which, link = invite('--device-name', "Anna's phone")
    lab.holds(re.fullmatch(r'https://[^/]+/e/[\w-]{43}', link), 'what the link looks like')
    token = link.rsplit('/', 1)[1]
    # A messenger looks what it leads to, more than once.
    lab.equal(curl(link, '--head', agent='WhatsApp/2.23').status, 200, 'answer to HEAD')
    for _ in range(2):
        checked_page(curl(link, agent='TelegramBot (like TwitterBot)'), 'en')
    lab.equal((invitation(which)['state'], invitation(which)['steps']), ('open', []), 'the invitation after a preview')
    page = checked_page(curl(link, language='de-DE,de;q=0.9'), 'de')
    lab.holds("Anna's phone" in page.text and 'https://apps.apple.com/app/id1135064690' in page.links, page.text)
    page, folder, passphrase = pressed(link, language='de-DE,de;q=0.9')
    opened = invitation(which)
    lab.equal((opened['state'], [step for step, _ in opened['steps']]), ('opened', ['opened']), 'the invitation')
    # The app fetches the certificate by itself, from the address in the link that opened it.
    start = [one for one in page.links if one.startswith('anyconnect://import?')][0]
    query = urllib.parse.parse_qs(urllib.parse.urlsplit(start).query)
    lab.equal(query['type'], ['pkcs12'], start)
    lab.equal(query['uri'], [f'{link.split("/e/")[0]}{folder}/vpn.p12'], start)
    archive = curl(query['uri'][0], agent=CISCO)
    lab.equal((archive.status, archive.header('Content-Type')), (200, 'application/x-pkcs12'), 'the certificate')
    lab.equal(curl(query['uri'][0], agent=CISCO).whole(), archive.whole(), 'the certificate, fetched again')
    with open('/run/vpn.p12', 'wb') as file:
        file.write(archive.body)
    pem = lab.run('openssl', 'pkcs12', '-in', '/run/vpn.p12', '-passin', f'pass:{passphrase}', '-nodes')
    lab.holds('PRIVATE KEY' in pem and pem.count('BEGIN CERTIFICATE') == 2, 'what is in the archive')
    lab.holds(not lab.succeeds('openssl', 'pkcs12', '-in', '/run/vpn.p12', '-passin', 'pass:wrong', '-nodes'), 'any passphrase opens it')
    create = [one for one in page.links if one.startswith('anyconnect://create/?')][0]
    lab.equal(urllib.parse.parse_qs(urllib.parse.urlsplit(create).query)['host'], [link.split('/')[2]], create)
    fetched = invitation(which)
    lab.equal([step for step, _ in fetched['steps']], ['opened', 'downloaded'], 'the steps')
    lab.holds(fetched['remote-address'] in lab.run('ip', '-n', lab.CLIENT, 'addr'), fetched['remote-address'])
    device, = lab.control_json('device', 'list')['devices']
    lab.equal((device['name'], device['kind']), ("Anna's phone", 'certificate'), 'the device')
    lab.holds(fetched['device'].endswith(device['id']), fetched['device'])
    # What it was for: the certificate alone opens the tunnel, and that is the last step.
    client = Client('--certificate', '/run/vpn.p12', '--key-password', passphrase, password='').wait_connected()
    lab.wait_until('the last step', lambda: [step for step, _ in invitation(which)['steps']] == ['opened', 'downloaded', 'connected'])
    session, = lab.control_json('session', 'list')['sessions']
    lab.holds(session['device'].endswith(device['id']), session)
    lab.equal(client.disconnect(), 0, 'status of openconnect')
    has_no_secret(token, folder.rsplit('/', 1)[1], passphrase)


def profile_of(path):
    """What is in a profile, if our authority signed it; openssl ends with a failure if not."""
    return plistlib.loads(lab.run('openssl', 'smime', '-verify', '-inform', 'DER', '-in', path, '-CAfile', os.environ['LAB_CA'], text=False))


def an_iphone_is_set_up_by_a_signed_profile():
    records.take_cookie()  # from here on its network is known, and may make many connections
    which, link = invite('--device-name', "Anna's <phone> & más")
    base = link.split('/e/')[0]
    page, folder, passphrase = pressed(link, language='de-DE,de;q=0.9')
    lab.holds(f'{folder}/vpn.mobileconfig' in page.links and 'Profil herunterladen' in page.text, page.text)
    answer = curl(f'{base}{folder}/vpn.mobileconfig')
    lab.equal((answer.status, answer.header('Content-Type')), (200, 'application/x-apple-aspen-config'), 'the profile')
    lab.holds(b'sallyport' not in answer.head.lower() and 'vpn.mobileconfig' in answer.header('Content-Disposition'), answer.head)
    lab.equal([step for step, _ in invitation(which)['steps']], ['opened', 'downloaded'], 'the steps')
    with open('/run/vpn.mobileconfig', 'wb') as file:
        file.write(answer.body)
    profile = profile_of('/run/vpn.mobileconfig')
    identity, connection = profile['PayloadContent']
    lab.equal((profile['PayloadType'], profile['PayloadVersion']), ('Configuration', 1), profile)
    lab.equal((identity['PayloadType'], identity['PayloadDisplayName']), ('com.apple.security.pkcs12', "Anna's <phone> & más"), 'the identity')
    lab.holds('Password' not in identity and passphrase.encode() not in answer.body, 'the passphrase is in the profile')
    host = base.removeprefix('https://')
    lab.equal((connection['PayloadType'], connection['VPNType'], connection['VPNSubType']),
              ('com.apple.vpn.managed', 'VPN', 'com.cisco.anyconnect'), 'the connection')
    lab.equal(connection['VPN'], {'RemoteAddress': host, 'AuthenticationMethod': 'Certificate',
                                  'PayloadCertificateUUID': identity['PayloadUUID']}, 'what the app is told')
    lab.equal(len({part[name] for part in (profile, identity, connection) for name in ('PayloadUUID', 'PayloadIdentifier')}), 6, 'names of the parts')
    # Who fetches it again gets the same, so that it takes the place of the first.
    with open('/run/again.mobileconfig', 'wb') as file:
        file.write(curl(f'{base}{folder}/vpn.mobileconfig').body)
    lab.equal(profile_of('/run/again.mobileconfig'), profile, 'the profile, fetched again')
    # What somebody changed on its way is seen.
    with open('/run/changed.mobileconfig', 'wb') as file:
        file.write(answer.body.replace(host.encode(), b'x' * len(host)))
    lab.holds(not lab.succeeds('openssl', 'smime', '-verify', '-inform', 'DER', '-in', '/run/changed.mobileconfig', '-CAfile', os.environ['LAB_CA']),
              'a profile that was changed verifies')
    # It holds what it is for: the certificate, under the passphrase of the page.
    with open('/run/profile.p12', 'wb') as file:
        file.write(identity['PayloadContent'])
    client = Client('--certificate', '/run/profile.p12', '--key-password', passphrase, password='').wait_connected()
    lab.wait_until('the last step', lambda: [step for step, _ in invitation(which)['steps']] == ['opened', 'downloaded', 'connected'])
    lab.equal(client.disconnect(), 0, 'status of openconnect')
    lab.equal(curl(f'{base}{folder}/vpn.mobileconfig').status, 404, 'answer when the device has connected')
    has_no_secret(folder.rsplit('/', 1)[1], passphrase)
    # A signature of the profile's key is good for nothing else: it is no client.
    signer = lab.run('openssl', 'pkcs7', '-inform', 'DER', '-in', '/run/vpn.mobileconfig', '-print_certs', '-text')
    lab.holds('E-mail Protection' in signer and 'TLS Web' not in signer, signer)


def a_laptop_finds_what_its_programs_need():
    _, link = invite()
    page, folder, _ = pressed(link, agent=LAPTOP)
    connection = curl(link.split('/e/')[0] + folder + '/vpn.conf', agent=LAPTOP)
    lab.holds('attachment' in connection.header('Content-Disposition'), connection.head)
    lab.equal(dict(line.split('=') for line in connection.body.decode().splitlines()[1:])['Host'], link.split('/')[2], 'Host')
    lab.holds(f"sudo openconnect --certificate vpn.p12 --servercert {os.environ['LAB_PIN']} {link.split('/e/')[0]}" in page.text, page.text)


def a_link_is_good_once_and_bad_links_are_all_alike():
    records.take_cookie()  # from here on its network is known, and may make many connections
    which, link = invite()
    base = link.split('/e/')[0]
    nothing = curl(f'{base}/').whole()
    # Several press the button in the same moment.
    racing = [subprocess.Popen(curl_command(link, '--data', ''), stdout=subprocess.PIPE) for _ in range(4)]
    answers = [Answer(process.communicate()[0]) for process in racing]
    lab.equal(sorted(answer.status for answer in answers), [200, 404, 404, 404], 'answers to four who press at once')
    lab.equal({answer.whole() for answer in answers if answer.status == 404}, {nothing}, 'answers to those who were late')
    folder = re.search(rb'href="(/e/[\w-]{43})/vpn', [a for a in answers if a.status == 200][0].body).group(1).decode()
    revoked, revoked_link = invite()
    lab.control('invitation', 'revoke', revoked[:8])
    _, short_link = invite('--valid', '60')
    wrong = f'{base}/e/{"A" * 43}'
    for what, bad in (('used', link), ('revoked', revoked_link), ('wrong', wrong), ('cut off', wrong[:-1]),
                      ('of a file', f'{wrong}/vpn.p12'), ('of an unknown file', f'{base}{folder}/vpn.exe')):
        for options in ((), ('--data', '')):
            lab.equal(curl(bad, *options).whole(), nothing, f'answer to a link that is {what}')
    lab.equal(curl(f'{base}{folder}', '--data', '').whole(), nothing, 'answer to the button with the token of the files')
    lab.equal(invitation(revoked)['state'], 'revoked', 'state')
    # Revoked in time: what was given out is good for nothing, and the device is revoked with it.
    lab.equal(curl(f'{base}{folder}/vpn.p12').status, 200, 'the certificate')
    lab.control('invitation', 'revoke', which)
    lab.equal(curl(f'{base}{folder}/vpn.p12').whole(), nothing, 'answer to a revoked one\'s file')
    lab.wait_until('the revocation of the device', lambda: lab.control_json('device', 'list')['devices'][0]['revoked-at'])
    lab.control('user', 'change', os.environ['LAB_USER'], '--disable')
    lab.equal(curl(short_link).whole(), nothing, 'answer to the link of a disabled user')
    lab.control('user', 'change', os.environ['LAB_USER'], '--enable')
    lab.equal(curl(short_link).status, 200, 'answer to the link of an enabled user')
    # Guessing: after a while nobody from there is answered, whatever they bring.
    for number in range(25):
        lab.equal(curl(f'{base}/e/{number:043d}').whole(), nothing, 'answer to a guess')
    lab.equal(curl(short_link).whole(), nothing, 'answer to who guessed too often')
