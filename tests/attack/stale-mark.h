/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Marks inside packets of the tunnel tell whoever hears them at home which attachment carried them.
 */

typedef enum
{
  STALE_MARK_LIVE, /* sent by the attachment in use */
  STALE_MARK_LATE, /* by the one before, while a newer one was asking for the tunnel */
  STALE_MARK_STALE /* by the one before, when a newer one already had it: nobody may hear it */
} StaleMarkKind;

typedef struct
{
  StaleMarkKind kind;
  guint32 attachment;
  guint32 serial; /* of this attachment and kind */
} StaleMark;

#define STALE_MARK_SIZE 24

void stale_mark_write (guint8 bytes[STALE_MARK_SIZE], const StaleMark *mark);
/* FALSE: it is no mark. */
gboolean stale_mark_read (const guint8 *bytes, gsize size, StaleMark *ret);

/* Hears marks at this port until its standard input ends, then prints how many of each kind there
 * were, and how many came more than once, as one line of JSON. */
void stale_mark_listen (guint16 port);

G_END_DECLS
