# SPDX-License-Identifier: GPL-2.0-or-later
"""The lab's own settings, and LAB_SETTINGS merged into them."""

import configparser

import world

# Stories give wrong passwords from one address as often as they like.
LAB_SETTINGS = f"""
[network]
dns = {world.HOME_ADDRESS}
domains = home.test

[security]
ban-tries = off
"""


def _parser():
    parser = configparser.RawConfigParser(delimiters=('=',), comment_prefixes=('#',), strict=False, default_section='')
    parser.optionxform = str
    return parser


def write(path, extra_path):
    """Keys of the extra file replace the lab's, group by group; unknown ones stay, for the server to judge."""
    parser = _parser()
    parser.read_string(LAB_SETTINGS)
    if extra_path:
        try:
            with open(extra_path, encoding='utf-8') as file:
                parser.read_file(file)
        except (OSError, configparser.Error) as error:
            raise world.LabError(f'LAB_SETTINGS: {error}') from error
    with open(path, 'w', encoding='utf-8') as file:
        parser.write(file)
