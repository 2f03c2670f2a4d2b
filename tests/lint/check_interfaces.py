# SPDX-License-Identifier: GPL-2.0-or-later
"""check_interfaces.py FILE…: every member of the bus interfaces is documented, and has the shape that they promise.

The comments are gdbus-codegen's: "Name:", then a line for each argument, "@since:", and what it is about."""

import re
import sys
import xml.etree.ElementTree as tree

OPTIONS = ('a{sv}', 'options')
NUMBERS = ('t', 'u', 'i', 'x', 'd')


def parse(path):
    return tree.parse(path, tree.XMLParser(target=tree.TreeBuilder(insert_comments=True)))


def documented(parent):
    """Each element with the comment right before it ('' if there is none)."""
    comment = ''
    for child in parent:
        if child.tag is tree.Comment:
            comment = child.text
        else:
            yield child, comment
            comment = ''


def check_comment(name, element, comment):
    lines = [line.strip() for line in comment.strip().split('\n')]
    if lines[0] != f'{name}:':
        yield f'the comment before it must begin with “{name}:”'
        return
    parameters = set(re.findall(r'^\s*@(\w+):', comment, re.M))
    if '@since: ' not in comment:
        yield 'lacks “@since:”'
    # Paragraphs after the first blank line say what it is about.
    if not any(lines[lines.index('') + 1:] if '' in lines else []):
        yield 'lacks a text'
    arguments = {arg.get('name') for arg in element.findall('arg')}
    for missing in sorted(arguments - parameters):
        yield f'lacks “@{missing}:”'
    for surplus in sorted(parameters - arguments - {'since', 'short_description'}):
        yield f'has no argument “{surplus}”'


def check_method(element, comment):
    inputs = [(arg.get('type'), arg.get('name')) for arg in element.findall('arg') if arg.get('direction') == 'in']
    if not inputs or inputs[-1] != OPTIONS:
        yield 'must end in “a{sv} options”'
    if any('h' in arg.get('type') for arg in element.findall('arg')) and element.find('annotation') is None:
        yield 'lacks the annotation for descriptors'
    if 'Errors: ' not in comment:
        yield 'lacks “Errors:”'


def check_property(element, comment):
    if element.get('access') != 'read':
        yield 'must be read-only: writing would pass by the permissions'
    if element.get('type') in NUMBERS and 'Unit: ' not in comment:
        yield 'lacks “Unit:”'


SHAPES = {'method': check_method, 'property': check_property, 'signal': lambda element, comment: ()}


def check_interface(interface, comment):
    """Yields (member, what is wrong)."""
    for fault in check_comment(interface.get('name'), tree.Element('none'), comment):
        yield '', fault
    for member, text in documented(interface):
        if member.tag not in SHAPES:
            continue
        for fault in check_comment(member.get('name'), member, text):
            yield member.get('name'), fault
        for fault in SHAPES[member.tag](member, text):
            yield member.get('name'), fault


def check(path):
    for interface, comment in documented(parse(path).getroot()):
        for member, fault in check_interface(interface, comment):
            yield f'{path}: {interface.get("name")}.{member}: {fault}'


SAMPLE = """<node>{outer}<interface name='a.B'>
{comment}<method name='Go'>{annotation}<arg type='{type}' name='what' direction='in'/>
<arg type='a{{sv}}' name='{options}' direction='in'/></method>
<!-- Size:
     @since: 1

     How much.  {unit} --><property name='Size' type='u' access='{access}'/></interface></node>"""
GOOD = {'outer': '<!-- a.B:\n@since: 1\n\nB. -->', 'type': 's', 'options': 'options', 'annotation': '', 'access': 'read',
        'comment': '<!-- Go:\n@what: W.\n@options: None.\n@since: 1\n\nGoes.\nErrors: none. -->', 'unit': 'Unit: bytes.'}
BAD = (  # what is changed in the good sample, each to be found
    {'comment': ''}, {'comment': GOOD['comment'].replace('Go:', 'Come:')}, {'comment': GOOD['comment'].replace('@since: 1', '')},
    {'comment': GOOD['comment'].replace('@what: W.\n', '')}, {'comment': GOOD['comment'].replace('@what', '@which')},
    {'comment': '<!-- Go:\n@what: W.\n@options: None.\n@since: 1\n Errors: none. -->'}, {'comment': GOOD['comment'].replace('Errors:', '')},
    {'options': 'flags'}, {'type': 'h'}, {'unit': ''}, {'access': 'readwrite'}, {'outer': ''},
)


def check_samples():
    """The check itself: silent about the good sample, loud about each bad one."""
    def faults(changes):
        root = tree.fromstring(SAMPLE.format(**{**GOOD, **changes}), tree.XMLParser(target=tree.TreeBuilder(insert_comments=True)))
        return [fault for interface, comment in documented(root) for fault in check_interface(interface, comment)]

    if faults({}):
        yield f'the good sample: {faults({})}'
    for changes in BAD:
        if not faults(changes):
            yield f'nothing found wrong with {changes}'


def main(paths):
    faults = [*check_samples(), *(fault for path in paths for fault in check(path))]
    print('\n'.join(faults))
    return 1 if faults else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
