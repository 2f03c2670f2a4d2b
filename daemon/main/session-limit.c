/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session-registry-private.h"

/* How many sessions one user may have, and whose turn it is when there are too many. */

static guint
get_limit (SpSessionRegistry *self, SpUser *user)
{
  guint own = (guint) sp_user_get_number (user, SP_USER_SESSIONS_MAX);

  return own != 0 ? own : self->settings->sessions_per_user; /* 0 = none */
}

/* A session that the owner is ending does not count: its place is free soon. */
static gboolean
counts (SpSession *session, SpUser *user)
{
  return sp_session_get_user (session) == user &&
         sp_session_get_state (session) != SP_SESSION_DISCONNECTING;
}

static gboolean
is_away (const SpSessionEstate *estate)
{
  return estate->holder == NULL && estate->waiting == NULL;
}

/* Those that are away go first, the longest away before the others; then who signed in first. */
static gboolean
goes_before (SpSession *session, SpSession *other)
{
  const SpSessionEstate *a = sp_session_get_estate (session);
  const SpSessionEstate *b = sp_session_get_estate (other);

  if (is_away (a) != is_away (b))
    return is_away (a);
  if (is_away (a) && a->away_since != b->away_since)
    return a->away_since < b->away_since;
  return a->record.created < b->record.created;
}

/* The one that has to go first, and how many count. */
static SpSession *
find_first (SpSessionRegistry *self, SpUser *user, guint *ret_n)
{
  SpSession *first = NULL;

  *ret_n = 0;
  for (guint i = 0; i < self->sessions->len; i++)
    {
      SpSession *session = self->sessions->pdata[i];

      if (!counts (session, user))
        continue;
      (*ret_n)++;
      if (first == NULL || goes_before (session, first))
        first = session;
    }
  return first;
}

static void
dismiss_down_to (SpSessionRegistry *self, SpUser *user, guint most)
{
  guint n;
  SpSession *first;

  while ((first = find_first (self, user, &n)) != NULL && n > most)
    sp_session_registry_dismiss (self, first, "Another device of yours took its place", "replaced");
}

void
sp_session_limit_make_room (SpSessionRegistry *self, SpUser *user)
{
  guint limit = get_limit (self, user);

  if (limit != 0)
    dismiss_down_to (self, user, limit - 1);
}

void
sp_session_limit_enforce (SpSessionRegistry *self, SpUser *user)
{
  guint limit = (guint) sp_user_get_number (user, SP_USER_SESSIONS_MAX);

  if (limit != 0)
    dismiss_down_to (self, user, limit);
}
