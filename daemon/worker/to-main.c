/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "to-main.h"

#include "base/error.h"
#include "base/io.h"
#include "base/log.h"
#include "link/channel.h"

#include <string.h>

#define WAITING_MAX 64

typedef struct
{
  guint8 type;
  guint8 message[];
} Waiting;

void
sp_main_wall_init (SpMainWall *self, int fd)
{
  self->fd = fd;
  self->broken = FALSE;
  sp_permit_init (&self->permit, &sp_wall_main_worker, SP_MAIN_WORKER_WORKER);
  g_queue_init (&self->waiting);
}

void
sp_main_wall_clear (SpMainWall *self)
{
  g_queue_clear_full (&self->waiting, g_free);
  sp_fd_clear (&self->fd);
}

/* FALSE if there is no room now. */
static gboolean
try_to_send (SpMainWall *self, guint8 type, gconstpointer message)
{
  g_autoptr (GError) error = NULL;

  if (self->broken ||
      sp_channel_send (self->fd, &sp_wall_main_worker, type, 0, message, NULL, 0, &error))
    return TRUE;
  if (g_error_matches (error, SP_ERROR, SP_ERROR_AGAIN))
    return FALSE;
  if (!g_error_matches (error, SP_ERROR, SP_ERROR_PEER_GONE))
    sp_log (SP_LOG_WARNING, "wall", "%s", error->message);
  self->broken = TRUE;
  return TRUE;
}

gboolean
sp_main_wall_offer (SpMainWall *self, guint8 type, gconstpointer message)
{
  return g_queue_is_empty (&self->waiting) && try_to_send (self, type, message);
}

void
sp_main_wall_tell (SpMainWall *self, guint8 type, gconstpointer message)
{
  gsize size = sp_wall_find (&sp_wall_main_worker, type)->shape.struct_size;
  Waiting *waiting;

  if (sp_main_wall_offer (self, type, message))
    return;
  if (g_queue_get_length (&self->waiting) >= WAITING_MAX)
    {
      sp_log (SP_LOG_WARNING, "wall", "main does not read its wall");
      self->broken = TRUE;
      return;
    }
  waiting = g_malloc (sizeof *waiting + size);
  waiting->type = type;
  memcpy (waiting->message, message, size);
  g_queue_push_tail (&self->waiting, waiting);
}

void
sp_main_wall_flush (SpMainWall *self)
{
  Waiting *waiting;

  while ((waiting = g_queue_peek_head (&self->waiting)) != NULL)
    {
      if (!try_to_send (self, waiting->type, waiting->message))
        return;
      g_free (g_queue_pop_head (&self->waiting));
    }
}

gboolean
sp_main_wall_is_waiting (const SpMainWall *self)
{
  return !self->broken && self->waiting.length > 0;
}
