/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>
#include <stddef.h>
#include <stdint.h>

/* A target is one such function: it must end the process if an invariant does not hold, and return
 * 0.  With -Dfuzzing=true libFuzzer calls it, else replay.c does, once for every file of its
 * corpus.  `data` ends where its memory ends. */
int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);
