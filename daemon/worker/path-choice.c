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
  self->probed = FALSE;
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

SpPath
sp_path_choice_ask (SpPathChoice *self, gint64 now)
{
  gint64 silence = now - self->heard;

  if (self->state == SP_PATH_ACTIVE && silence >= SP_PATH_SILENCE_SECONDS * G_USEC_PER_SEC)
    self->state = SP_PATH_INACTIVE;
  if (self->state != SP_PATH_ACTIVE)
    return SP_PATH_STREAM;
  if (self->probed || silence < SP_PATH_PROBE_SECONDS * G_USEC_PER_SEC)
    return SP_PATH_DATAGRAM;
  self->probed = TRUE;
  return SP_PATH_DATAGRAM_PROBE;
}
