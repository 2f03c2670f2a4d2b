/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a client of a bus says before its first message, as a server hears it (D-Bus specification,
 * "Authentication protocol").  PURE.  Who it is was settled before, so EXTERNAL and ANONYMOUS,
 * which is what libraries know over a pipe, are taken whatever follows. */

#define SP_GREETING_LINE_MAX 512 /* with its end */

typedef struct
{
  gboolean with_descriptors; /* they are agreed to; set before */
  gboolean began;            /* the zero byte came */
  gboolean asked;            /* for who it is, which it did not say at once */
  gboolean authenticated;
  gboolean done; /* BEGIN came: what follows is messages */
} SpGreeting;

/* Takes as many whole lines from `bytes` as there are; returns how many bytes that were, and
 * appends what is to be answered.  -1: that is no client of a bus. */
gssize sp_greeting_read (SpGreeting *greeting, const guint8 *bytes, gsize size, GString *answer);

G_END_DECLS
