# SPDX-License-Identifier: GPL-2.0-or-later
"""Chromium without a window, on the client of the lab: opens pages as a phone does, and says what people find there."""

import json
import os
import select
import shlex
import subprocess

import lab

HOME = '/run/browser'
PHONE = {'width': 360, 'height': 740, 'deviceScaleFactor': 2, 'mobile': True}
ANSWER_SECONDS = 60

# Of every text that is seen: how far it stands out from what is behind it, as WCAG 2.2 counts; and what is too wide or too small.
LOOK = r'''(() => {
  const channels = text => text.match(/[\d.]+/g).map(Number);
  const seen = element => element.checkVisibility() && element.getClientRects().length > 0;
  const light = ([red, green, blue]) => [red, green, blue].map(value => value / 255)
    .map(value => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)
    .reduce((sum, value, i) => sum + value * [0.2126, 0.7152, 0.0722][i], 0);
  const canvas = () => { const probe = document.createElement('div'); probe.style.background = 'Canvas'; document.body.append(probe);
    const found = getComputedStyle(probe).backgroundColor; probe.remove(); return channels(found); };
  const behind = element => { for (; element; element = element.parentElement) {
    const found = channels(getComputedStyle(element).backgroundColor); if (found.length < 4 || found[3] > 0) return found; }
    return canvas(); };
  const texts = []; const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) { const element = walker.currentNode.parentElement;
    if (walker.currentNode.data.trim() && seen(element)) {
      const [more, less] = [light(channels(getComputedStyle(element).color)), light(behind(element))].sort((a, b) => b - a);
      texts.push({text: walker.currentNode.data.trim(), contrast: (more + 0.05) / (less + 0.05)}); } }
  const targets = [...document.querySelectorAll('.b,button,summary')].filter(seen)
    .map(element => ({text: element.textContent, height: element.getBoundingClientRect().height}));
  return {language: document.documentElement.lang, title: document.title, texts, targets,
          width: document.scrollingElement.scrollWidth, view: document.documentElement.clientWidth}; })()'''


class Browser:
    """with Browser() as browser: …; it trusts the lab's authority, and nobody who is not trusted by it."""

    def __init__(self):
        os.makedirs(f'{HOME}/.pki/nssdb')
        lab.run('certutil', '-d', f'sql:{HOME}/.pki/nssdb', '-N', '--empty-password')
        lab.run('certutil', '-d', f'sql:{HOME}/.pki/nssdb', '-A', '-n', 'lab', '-t', 'C,,', '-i', os.environ['LAB_CA'])
        hears, self.tell = os.pipe()
        self.hear, tells = os.pipe()
        words = ['chromium', '--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run',
                 '--disable-background-networking', '--disable-component-update', '--disable-sync', f'--user-data-dir={HOME}/profile',
                 '--remote-debugging-pipe', 'about:blank']
        # It is spoken to through these two numbers.
        script = f'exec {shlex.join(words)} 3<&{hears} 4>&{tells} 2>/run/browser.log'
        self.process = subprocess.Popen(['ip', 'netns', 'exec', lab.CLIENT, 'bash', '-c', script], pass_fds=(hears, tells),
                                        env={**os.environ, 'HOME': HOME}, start_new_session=True)
        os.close(hears)
        os.close(tells)
        self.number, self.rest, self.events, self.page = 0, b'', [], None

    def __enter__(self):
        target = self.call('Target.createTarget', url='about:blank')['targetId']
        self.page = self.call('Target.attachToTarget', targetId=target, flatten=True)['sessionId']
        for part in ('Page', 'Accessibility', 'Runtime'):
            self.call(f'{part}.enable')
        self.call('Emulation.setDeviceMetricsOverride', **PHONE)
        return self

    def __exit__(self, *_):
        os.close(self.tell)
        os.close(self.hear)
        self.process.terminate()
        self.process.wait(20)

    def _next(self):
        """What it says next."""
        while b'\0' not in self.rest:
            lab.holds(select.select([self.hear], [], [], ANSWER_SECONDS)[0], 'the browser says nothing')
            data = os.read(self.hear, 65536)
            lab.holds(data, 'the browser has ended')
            self.rest += data
        said, _, self.rest = self.rest.partition(b'\0')
        return json.loads(said)

    def call(self, method, **parameters):
        self.number += 1
        said = {'id': self.number, 'method': method, 'params': parameters, **({'sessionId': self.page} if self.page else {})}
        os.write(self.tell, json.dumps(said).encode() + b'\0')
        while True:
            answer = self._next()
            if answer.get('id') == self.number:
                lab.holds('error' not in answer, f'{method}: {answer.get("error")}')
                return answer['result']
            self.events.append(answer)

    def _wait_for(self, event):
        while not any(said.get('method') == event for said in self.events):
            self.events.append(self._next())
        self.events.clear()

    def be(self, agent, language, scheme):
        """A visitor, from the next page on.  scheme: light or dark."""
        self.call('Emulation.setUserAgentOverride', userAgent=agent, acceptLanguage=language)
        self.call('Emulation.setEmulatedMedia', features=[{'name': 'prefers-color-scheme', 'value': scheme}])

    def open(self, url):
        self.events.clear()
        answer = self.call('Page.navigate', url=url)
        lab.holds('errorText' not in answer, f'{url}: {answer.get("errorText")}')
        self._wait_for('Page.loadEventFired')

    def look(self):
        return self.call('Runtime.evaluate', expression=LOOK, returnByValue=True)['result']['value']

    def things(self):
        """(role, name, number) of all that assistive technology is told of, in the page's order."""
        return [(node['role']['value'], node.get('name', {}).get('value', ''), node.get('backendDOMNodeId'))
                for node in self.call('Accessibility.getFullAXTree')['nodes'] if not node['ignored']]

    def press(self, role, name):
        """With a finger, where the thing is; returns on the page that comes of it."""
        number, = [number for its_role, its_name, number in self.things() if (its_role, its_name) == (role, name)]
        self.call('DOM.scrollIntoViewIfNeeded', backendNodeId=number)
        left, top, _, _, right, bottom, _, _ = self.call('DOM.getContentQuads', backendNodeId=number)['quads'][0]
        self.events.clear()
        for kind in ('mousePressed', 'mouseReleased'):
            self.call('Input.dispatchMouseEvent', type=kind, x=(left + right) / 2, y=(top + bottom) / 2, button='left', clickCount=1)
        self._wait_for('Page.loadEventFired')
