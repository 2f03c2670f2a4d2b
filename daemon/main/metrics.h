/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "walls/main-door.h"
#include "walls/worker-keyholder.h"

G_BEGIN_DECLS

/* What the server counts, in the text format 0.0.4 of Prometheus.  Nobody is named, and every label
 * is of a list that is known beforehand, so the number of lines is bounded. */

typedef struct
{
  const char *version;
  gint64 started_at;  /* µs since the epoch */
  guint connected;    /* sessions */
  guint away;         /* sessions whose client may come back */
  guint users;        /* there are */
  guint active_users; /* are connected */
  guint64 rx_bytes;   /* from devices, inside their tunnels */
  guint64 tx_bytes;
  guint64 logins;
  guint64 refused_logins[SP_LOGIN_LAST + 1];
  const char *(*login_word) (guint verdict);
  guint64 tls_handshakes;
  guint64 door[SP_DOOR_COUNTERS_N];
  gboolean under_attack;
  gint64 certificate_ends; /* µs since the epoch; 0: none is shown */
  guint door_deaths;
  guint keyholder_deaths;
  guint nursery_deaths;
} SpMetricsFacts;

/* The caller's; at most SP_METRICS_TEXT_MAX bytes. */
char *sp_metrics_write (const SpMetricsFacts *facts);

G_END_DECLS
