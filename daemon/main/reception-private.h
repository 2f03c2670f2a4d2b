/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "lobby.h"
#include "mishap-tally.h"
#include "reception.h"
#include "worker-pool.h"

G_BEGIN_DECLS

/* For the files that the reception consists of. */

struct _SpReception
{
  SpKeyholderClient *keyholder;
  SpDoorClient *door;
  SpSessionRegistry *sessions;
  SpReachability *reachability;
  SpWorkerPool *pool;
  GHashTable *connections; /* guint64 * → SpConnection that has a client; it frees itself */
  GHashTable *unknown;     /* set of those whose client may not have signed in */
  guint64 n_adopted;
  SpLobby *lobby;
  guint turn_timer;
  guint64 last_turn;
  guint unknown_max;
  char *stranger_answer;
  char *login_banner;
  char *groups;
  SpValidation validation;
  guint8 sign_in;
  gboolean is_open;
  SpMishapTally mishaps; /* since the daemon started */
  SpLogThrottle lies;    /* of the door */
  void (*stopped) (gpointer user_data);
  gpointer stopped_data;
};

/* NULL: the worker has ended. */
SpConnection *sp_reception_find (SpReception *self, guint64 worker);

G_END_DECLS
