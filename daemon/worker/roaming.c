/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "worker/roaming.h"

#define ASKED_MICROSECONDS    (2 * G_USEC_PER_SEC)
#define SPACING_MICROSECONDS  (1 * G_USEC_PER_SEC)
#define TRIAL_MICROSECONDS    (SP_ROAMING_TRIAL_SECONDS * G_USEC_PER_SEC)
#define PROBE_MICROSECONDS    (SP_ROAMING_PROBE_MILLISECONDS * 1000)
#define QUESTION_MICROSECONDS (SP_ROAMING_QUESTION_SECONDS * G_USEC_PER_SEC)

void
sp_roaming_init (SpRoaming *self)
{
  *self = (SpRoaming){ .state = SP_ROAMING_QUIET };
}

static void
forget_old_questions (SpRoaming *self, gint64 now)
{
  if (now - self->open_since >= QUESTION_MICROSECONDS)
    self->open = 0;
}

gboolean
sp_roaming_proven (SpRoaming *self, guint32 stray, gint64 now)
{
  if (self->state == SP_ROAMING_TRIAL || now < self->not_before ||
      (self->state == SP_ROAMING_ASKED && now < self->until))
    return FALSE;
  self->state = SP_ROAMING_ASKED;
  self->stray = stray;
  self->until = now + ASKED_MICROSECONDS;
  self->not_before = now + SPACING_MICROSECONDS;
  return TRUE;
}

/* With so many open questions the answers would prove too little, or cost too much. */
gboolean
sp_roaming_begin (SpRoaming *self, guint32 stray, gint64 now)
{
  forget_old_questions (self, now);
  if (self->state != SP_ROAMING_ASKED || self->stray != stray || now >= self->until ||
      self->open >= SP_ROAMING_OPEN_MAX)
    return FALSE;
  self->state = SP_ROAMING_TRIAL;
  self->missing = self->open + 1;
  self->asked = 0;
  self->until = now + TRIAL_MICROSECONDS;
  self->probe_at = now;
  self->probe_wait = PROBE_MICROSECONDS;
  return TRUE;
}

gboolean
sp_roaming_answered (SpRoaming *self, gint64 now)
{
  if (self->state != SP_ROAMING_TRIAL)
    return FALSE;
  self->asked -= MIN (self->asked, 1);
  if (--self->missing > 0)
    return FALSE;
  self->open = 0;
  sp_roaming_end (self, now);
  return TRUE;
}

/* What was asked in vain may be answered late. */
void
sp_roaming_end (SpRoaming *self, gint64 now)
{
  if (self->state == SP_ROAMING_TRIAL)
    {
      self->open += self->asked;
      self->open_since = now;
      self->not_before = now + SPACING_MICROSECONDS;
    }
  self->state = SP_ROAMING_QUIET;
}

void
sp_roaming_questioned (SpRoaming *self, gint64 now)
{
  forget_old_questions (self, now);
  self->open++;
  self->open_since = now;
  if (self->state == SP_ROAMING_TRIAL)
    self->missing++;
}

void
sp_roaming_question_answered (SpRoaming *self)
{
  if (self->open > 0)
    self->open--;
}

gint64
sp_roaming_get_deadline (const SpRoaming *self)
{
  return self->state == SP_ROAMING_TRIAL ? MIN (self->probe_at, self->until) : G_MAXINT64;
}

SpRoamingAction
sp_roaming_due (SpRoaming *self, gint64 now)
{
  if (self->state != SP_ROAMING_TRIAL || now < sp_roaming_get_deadline (self))
    return SP_ROAMING_NOTHING;
  if (now >= self->until)
    {
      sp_roaming_end (self, now);
      return SP_ROAMING_GIVE_UP;
    }
  self->probe_at = now + self->probe_wait;
  self->probe_wait *= 2;
  self->asked += self->missing;
  return SP_ROAMING_PROBE;
}
