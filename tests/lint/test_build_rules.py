#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The checks on what was built, tried on what they must and must not complain about."""

import unittest

import check_build
import check_conformance


class Judgements(unittest.TestCase):
    def test_fakes(self):
        paths = ["../daemon/platform/tun-fake.c", "daemon/platform/libplatform-fake.a",
                 "../daemon/main/fake-uplink.c", "../daemon/platform/tun-linux.c",
                 "../daemon/main/unfaked.c"]
        self.assertEqual(check_build.fakes_among(paths), paths[:3])

    def test_libraries(self):
        lines = ["\tlinux-vdso.so.1 (0x1)", "\tlibglib-2.0.so.0 => /lib/libglib-2.0.so.0 (0x1)",
                 "\tlibgio-2.0.so.0 => /lib/libgio-2.0.so.0 (0x1)",
                 "\tlibdbus-1.so.3 => /lib/libdbus-1.so.3 (0x1)"]
        self.assertEqual(check_build.unwanted_among(lines), ["libgio-2.0.so.0", "libdbus-1.so.3"])

    def judge(self, source, command):
        return list(check_build.judge_compilation(source, command, "/top/build", "/top"))

    def test_includes_of_a_room(self):
        command = "cc -I../daemon/door -I../shared/base/include -I/usr/include/glib-2.0 -c x"
        self.assertEqual(self.judge("daemon/door/door.c", command), [])
        self.assertEqual(self.judge("daemon/keyholder/vault.c", command), [
            "daemon/keyholder/vault.c: includes: is compiled with the headers of daemon/door "
            "in reach"])

    def test_includes_of_gio(self):
        command = "cc -I/usr/include/gio-unix-2.0 -c x"
        self.assertEqual(len(self.judge("daemon/worker/main.c", command)), 1)
        self.assertEqual(self.judge("daemon/main/main.c", command), [])

    def test_conformance_rows(self):
        text = "\n".join(f"| {n} | words | not yet | |" for n in range(2, 60)) + """
| 1 | words | `item_01_told`, `item_02_told` | me |
| 60 | words | | |"""
        rows = list(check_conformance.rows_of(text))
        told = {"item_01_told", "item_03_told", "of_the_lab"}
        complaints = [words for _, words in check_conformance.check_rows(rows, told, "/nowhere/tests")]
        self.assertEqual(complaints, [
            "item_02_told is not of item 1", "item_02_told: no such story is run, and no such file is there",
            "item 60 has no row", "item_03_told has no row"])

    def test_conformance_stories(self):
        registered = {("conformance/a", "item_01_x"), ("conformance/a", "no_number"), ("netns/b", "c")}
        defined = {("conformance/a", "item_02_x"), ("conformance/a", "no_number"), ("netns/b", "c"), ("netns/b", "d")}
        self.assertEqual(list(check_conformance.check_stories(registered, defined)), [
            "conformance/a.py has no story item_01_x", "conformance/a.py: item_02_x is told by nobody",
            "conformance/a.py: no_number does not begin with its item's number"])


if __name__ == "__main__":
    unittest.main()
