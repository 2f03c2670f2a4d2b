# SPDX-License-Identifier: GPL-2.0-or-later
"""What pyflakes knows of Python: names that are nobody's, imports that nobody needs."""

import ast


def check_python(source):
    if not source.path.endswith(".py") and not source.lines[0].endswith("python3"):
        return
    from pyflakes import checker  # Here: whoever builds without telling tests may not have it.
    for message in checker.Checker(ast.parse(source.text), filename=source.path).messages:
        yield message.lineno, message.message % message.message_args


RULES = {"python": check_python}
