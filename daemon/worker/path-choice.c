/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "worker/path-choice.h"

void
sp_path_choice_init (SpPathChoice *self)
{
  *self = (SpPathChoice){ .state = SP_PATH_NO_DATAGRAM };
}

void
sp_path_choice_datagram_heard (SpPathChoice *self, gint64 now)
{
  self->state = SP_PATH_ACTIVE;
  self->heard = now;
  self->first_probe = 0;
}

void
sp_path_choice_datagram_gone (SpPathChoice *self)
{
  self->state = SP_PATH_NO_DATAGRAM;
}

void
sp_path_choice_datagram_lost (SpPathChoice *self)
{
  if (self->state == SP_PATH_ACTIVE)
    self->state = SP_PATH_INACTIVE;
}

void
sp_path_choice_stream_carried (SpPathChoice *self)
{
  sp_path_choice_datagram_lost (self);
}

static gboolean
is_over (gint64 since, gint64 now, gint64 seconds)
{
  return now - since >= seconds * G_USEC_PER_SEC;
}

static gboolean
seems_dead (const SpPathChoice *self, gint64 now)
{
  return is_over (self->heard, now, SP_PATH_SILENCE_SECONDS) ||
         (self->first_probe != 0 && is_over (self->first_probe, now, SP_PATH_UNHEARD_SECONDS));
}

SpPath
sp_path_choice_ask (SpPathChoice *self, gint64 now)
{
  if (self->state == SP_PATH_ACTIVE && seems_dead (self, now))
    self->state = SP_PATH_INACTIVE;
  if (self->state != SP_PATH_ACTIVE)
    return SP_PATH_STREAM;
  if (!is_over (self->heard, now, SP_PATH_PROBE_SECONDS) ||
      (self->first_probe != 0 && !is_over (self->last_probe, now, SP_PATH_REPROBE_SECONDS)))
    return SP_PATH_DATAGRAM;
  if (self->first_probe == 0)
    self->first_probe = now;
  self->last_probe = now;
  return SP_PATH_DATAGRAM_PROBE;
}
