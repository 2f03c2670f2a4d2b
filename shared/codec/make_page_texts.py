# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes the table of texts for invited people: make_page_texts.py TABLE MSGFMT OUTPUT FOLDER LANGUAGE…

English comes from the table, the rest from FOLDER/LANGUAGE.po; what is not translated stays English.  A translation that
has not the same places for values ends the build.
"""

import gettext
import io
import json
import re
import subprocess
import sys

TEXT = re.compile(r'TEXT \((\w+),\s*"((?:[^"\\]|\\.)*)"\)')


def catalogue(msgfmt, file):
    data = subprocess.run([msgfmt, '--check', '--output-file=-', file], check=True, stdout=subprocess.PIPE).stdout
    return gettext.GNUTranslations(io.BytesIO(data))


def translate(texts, messages, language):
    for english in texts.values():
        text = messages.gettext(english)
        if text.count('%s') != english.count('%s'):
            sys.exit(f'{language}.po: “{text}” has not the same places for values as “{english}”')
        yield text


def main():
    table, msgfmt, output, folder, *languages = sys.argv[1:]
    with open(table, encoding='utf-8') as file:
        texts = dict(TEXT.findall(file.read()))
    rows = [('en', texts.values())]
    # As pages say it (RFC 5646): from "zh-CN" a browser knows which of the scripts, and so which letters.
    rows += [(language.replace('_', '-'), list(translate(texts, catalogue(msgfmt, f'{folder}/{language}.po'), language))) for language in languages]
    with open(output, 'w', encoding='utf-8') as file:
        file.write('#include "codec/page-fields.h"\n#include "page-text.h"\n\n')
        file.write('const char *const sp_page_languages[] = { %s, NULL };\n\n' % ', '.join(json.dumps(name) for name, _ in rows))
        file.write('const char *const sp_page_texts[][SP_PAGE_N_TEXTS] = {\n')
        for _, row in rows:
            pairs = zip(texts, row)
            file.write('  {\n%s  },\n' % ''.join(f'    [SP_PAGE_TEXT_{name}] = {json.dumps(text, ensure_ascii=False)},\n'
                                                 for name, text in pairs))
        file.write('};\n')


main()
