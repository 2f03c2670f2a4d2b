#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Checks that the help speaks of what is in the window, in the window's words.

check_help.py TOP labels         what stands in <gui> is a text of the window
check_help.py TOP translations   the help is translated completely, and calls what is in the window as the window does
"""

import collections
import gettext
import io
import os
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

NAMESPACE = '{http://projectmallard.org/1.0/}'
KEYWORDS = ('_', 'N_', 'C_:1c,2', 'NC_:1c,2', 'ngettext:1,2')


def plain(text):
    """As a person sees it: without the marks of keys; what is filled in is an ellipsis."""
    return re.sub(r'%(?:\d\$)?[sud]', '…', re.sub(r'\(_\w\)|_', '', text))


def read_catalogue(path):
    """{text: {translations}}, whatever the context; what is fuzzy counts as not translated."""
    compiled = subprocess.run(['msgfmt', '-o', '-', path], check=True, stdout=subprocess.PIPE).stdout
    catalogue = gettext.GNUTranslations(io.BytesIO(compiled))._catalog
    found = collections.defaultdict(set)
    for key, value in catalogue.items():
        found[(key[0] if isinstance(key, tuple) else key).split('\x04')[-1]].add(value)
    found.pop('', None)
    return found


def extract(command):
    """The texts that a command writes to the file that it is given last."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([*command, f'{folder}/texts.pot'], check=True)
        with open(f'{folder}/texts.pot', encoding='utf-8') as file:
            template = file.read().replace('CHARSET', 'UTF-8').replace('INTEGER', '2').replace('EXPRESSION', '0')
        with open(f'{folder}/texts.pot', 'w', encoding='utf-8') as file:
            file.write(template)
        subprocess.run(['msgen', '-o', f'{folder}/texts.po', f'{folder}/texts.pot'], check=True)
        return set(read_catalogue(f'{folder}/texts.po'))


def window_texts():
    with open('po/POTFILES.in', encoding='utf-8') as file:
        sources = [line.strip() for line in file if line.strip() and not line.startswith('#')]
    return extract(['xgettext', '--from-code=UTF-8', *(f'-k{word}' for word in KEYWORDS), *sources, '-o'])


def pages():
    return sorted(f'data/help/C/{name}' for name in os.listdir('data/help/C') if name.endswith('.page'))


def words(element):
    return ' '.join(''.join(element.itertext()).split())


def labels():
    """What the pages say that is in the window, and is not."""
    known = {plain(text) for text in window_texts()}
    for page in pages():
        tree = xml.etree.ElementTree.parse(page)
        for element in tree.iter(f'{NAMESPACE}gui'):
            if words(element) not in known:
                yield f'{page}: “{words(element)}” is nowhere in the window'


def quoted(text):
    return re.findall(r'<gui>(.*?)</gui>', text)


def compare(path, text, translation, window):
    """That each thing is called by its name in that language, and none was left out or added."""
    if '<' in text and sorted(re.findall(r'<(?!/?gui>)[^>]*>', text)) != sorted(re.findall(r'<(?!/?gui>)[^>]*>', translation)):
        yield f'{path}: other marks than in “{text[:50]}…”'
    left = quoted(translation)
    for label in quoted(text):
        names = window.get(label)
        fitting = [name for name in left if names is None or name in names]
        if not fitting:
            yield f'{path}: “{label}” is called {" or ".join(sorted(names or {"?"}))} in the window, in “{text[:50]}…”'
            return
        left.remove(fitting[0])
    for name in left:
        yield f'{path}: “{name}” is not in “{text[:50]}…”'


def translations():
    texts = extract(['itstool', *pages(), '-o'])
    with open('data/help/LINGUAS', encoding='utf-8') as file:
        languages = [line.strip() for line in file if line.strip() and not line.startswith('#')]
    for language in languages:
        path = f'data/help/{language}/{language}.po'
        window = {plain(text): {plain(name) for name in names} for text, names in read_catalogue(f'po/{language}.po').items()}
        translated = read_catalogue(path)
        for text in sorted(texts - set(translated)):
            yield f'{path}: not translated: “{text[:60]}…”'
        for text in sorted(texts & set(translated)):
            yield from compare(path, text, next(iter(translated[text])), window)


def main():
    os.chdir(sys.argv[1])
    found = list({'labels': labels, 'translations': translations}[sys.argv[2]]())
    for complaint in found:
        print(complaint)
    return 1 if found else 0


if __name__ == '__main__':
    sys.exit(main())
