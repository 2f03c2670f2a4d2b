/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How the room that runs a program of the owner's ends: its exit status is all that main hears of
 * it.  Whatever is not in this list is SP_HOOK_FAILED. */
typedef enum
{
  SP_HOOK_DONE = 0,     /* the program ended with status 0 */
  SP_HOOK_REFUSED = 64, /* it ended otherwise */
  SP_HOOK_UNFIT,        /* it is none that may be run */
  SP_HOOK_LATE,         /* it took too long, and was ended */
  SP_HOOK_FAILED        /* it could not be started or watched */
} SpHookStatus;

#define SP_HOOK_SECONDS     60   /* for one run of the program */
#define SP_HOOK_OUTPUT_KEPT 4096 /* bytes, the last of what it says */

G_END_DECLS
