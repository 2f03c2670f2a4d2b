# SPDX-License-Identifier: GPL-2.0-or-later
"""The shipped daemon, as the bus starts it."""
