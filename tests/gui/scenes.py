# SPDX-License-Identifier: GPL-2.0-or-later
"""What stands when a story begins: which server, with which settings."""

import dataclasses
import os

HERE = os.path.dirname(os.path.abspath(__file__))
NAME = 'org.sallyport.Sallyport1'


@dataclasses.dataclass(frozen=True)
class Scene:
    """server: "on" with the user LAB_USER, "installed" and never started, "absent", "broken": its start fails, or "fake": its bus
    without rooms and network, in which stage.backdoor() makes things happen (tests/stories/backdoor.h).
    settings: a file of tests/netns/settings, for "on"."""
    server: str = 'installed'
    settings: str = ''

    def lab_environment(self, build):
        values = {'LAB_BUILD': build, 'LAB_PEOPLE': f'{NAME}.',
                  'LAB_PRODUCT': 'sallyport' if self.server == 'on' else 'installed'}
        if self.settings:
            values['LAB_SETTINGS'] = os.path.join(HERE, f'../netns/settings/{self.settings}.conf')
        return values


def scene(**values):
    def mark(story):
        story.scene = Scene(**values)
        return story
    return mark


def of(story):
    return getattr(story, 'scene', Scene())
