/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ended-sessions.h"

#include <string.h>

void
sp_ended_sessions_add (SpEndedSessions *self, const guint8 *id)
{
  memcpy (self->ids[self->next], id, SP_ID_SIZE);
  self->next = (self->next + 1) % SP_SESSIONS_MAX;
  self->n = MIN (self->n + 1, SP_SESSIONS_MAX);
}

gboolean
sp_ended_sessions_has (const SpEndedSessions *self, const guint8 *id)
{
  for (guint i = 0; i < self->n; i++)
    if (memcmp (self->ids[i], id, SP_ID_SIZE) == 0)
      return TRUE;
  return FALSE;
}
