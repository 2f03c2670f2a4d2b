#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""screenshots.py check | screenshots.py make BUILD

The pictures that shops for programs show, of which the metainfo tells: whether they are there and as they should be; or made
anew by the walk through the window in light (gallery.py), as root."""

import os
import struct
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

HERE = os.path.dirname(os.path.abspath(__file__))
DATA = os.path.join(HERE, '../../data')
METAINFO = f'{DATA}/org.sallyport.Sallyport.metainfo.xml.in'
FOLDER = f'{DATA}/screenshots'
AT_SITE = 'https://sallyport.org/screenshots/'
LEAST, MOST = (600, 400), (1000, 700)
FEWEST, MANY = 3, 6
BYTES = 100_000


def screenshots():
    """(file, caption, size that the metainfo tells)"""
    for one in xml.etree.ElementTree.parse(METAINFO).getroot().iter('screenshot'):
        image = one.find('image')
        yield image.text, one.findtext('caption'), (int(image.get('width')), int(image.get('height')))


def size_of(path):
    """From the header of a PNG."""
    with open(path, 'rb') as file:
        start = file.read(24)
    if start[:8] != b'\x89PNG\r\n\x1a\n':
        raise AssertionError(f'{path}: no PNG')
    return struct.unpack('>II', start[16:24])


def complaints():
    told = list(screenshots())
    if not FEWEST <= len(told) <= MANY:
        yield f'{len(told)} screenshots'
    names = {address.removeprefix(AT_SITE) for address, _, _ in told}
    if names != set(os.listdir(FOLDER)):
        yield f'the metainfo has {sorted(names)}, the folder {sorted(os.listdir(FOLDER))}'
        return
    for address, caption, said in told:
        path = os.path.join(FOLDER, address.removeprefix(AT_SITE))
        size = size_of(path)
        if size != said:
            yield f'{path}: {size}, the metainfo says {said}'
        if not all(least <= length <= most for least, length, most in zip(LEAST, size, MOST)):
            yield f'{path}: {size}, not from {LEAST} to {MOST}'
        if os.path.getsize(path) > BYTES:
            yield f'{path}: {os.path.getsize(path)} bytes'
        if not caption or caption.endswith('.'):
            yield f'{path}: its caption is empty or ends with a stop'


def make(build):
    with tempfile.TemporaryDirectory() as pictures:
        subprocess.run([f'{HERE}/stage.py', build, 'gallery', 'story_light'], check=True,
                       env={**os.environ, 'SALLYPORT_SCREENSHOTS': pictures})
        publish(f'{pictures}/light')


def publish(pictures):
    """Without what only makes them larger; the window has few colours."""
    os.makedirs(FOLDER, exist_ok=True)
    for address, _, _ in screenshots():
        name = address.removeprefix(AT_SITE)
        subprocess.run(['convert', f'{pictures}/{name}', '-strip', '-dither', 'None', '-colors', '256', '-define',
                        'png:compression-level=9', f'PNG8:{FOLDER}/{name}'], check=True)


def main(arguments):
    if arguments[:1] == ['make']:
        make(os.path.abspath(arguments[1]))
    found = list(complaints())
    print(*found, sep='\n')
    return 1 if found else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
