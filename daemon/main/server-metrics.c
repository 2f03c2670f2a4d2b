/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server-private.h"

#include "metrics.h"

/* However often the door asks, it costs no more than this. */
#define FRESH_MICROSECONDS (G_USEC_PER_SEC / 10)

static void
count_sessions (SpServer *self, SpMetricsFacts *facts)
{
  g_autoptr (GHashTable) users = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < sp_session_registry_get_n (self->sessions); i++)
    {
      SpSession *session = sp_session_registry_get (self->sessions, i);

      if (sp_session_get_state (session) == SP_SESSION_CONNECTED)
        {
          facts->connected++;
          (void) g_hash_table_add (users, sp_session_get_user (session));
        }
      else if (sp_session_get_state (session) == SP_SESSION_RECONNECTING)
        facts->away++;
    }
  facts->active_users = g_hash_table_size (users);
}

static gint64
find_certificate_end (SpServer *self)
{
  g_auto (GStrv) elements = sp_certificate_registry_list (self->certificates);

  for (guint i = 0; elements[i] != NULL; i++)
    {
      const SpCertificateKnown *known =
          sp_certificate_registry_find (self->certificates, elements[i]);

      if (known->kind == SP_CERTIFICATE_SERVER && known->active)
        return (gint64) MIN (known->not_after, (guint64) G_MAXINT64);
    }
  return 0;
}

static char *
write_metrics (SpServer *self)
{
  SpMetricsFacts facts = { .version = SP_VERSION,
                           .started_at = self->started_at,
                           .users = sp_user_registry_get_n (self->users),
                           .logins = self->n_logins,
                           .login_word = sp_server_login_word,
                           .tls_handshakes = sp_reception_get_n_adopted (self->reception),
                           .under_attack = sp_penalty_book_get_attack (self->penalties) != NULL,
                           .certificate_ends = find_certificate_end (self),
                           .door_deaths = sp_door_client_get_deaths (self->door),
                           .keyholder_deaths = sp_keyholder_client_get_deaths (self->keyholder),
                           .nursery_deaths = sp_reception_get_nursery_deaths (self->reception) };

  count_sessions (self, &facts);
  sp_traffic_ledger_get_totals (self->ledger, &facts.rx_bytes, &facts.tx_bytes);
  for (guint i = 0; i <= SP_LOGIN_LAST; i++)
    facts.refused_logins[i] = self->refused_logins[i];
  for (guint i = 0; i < SP_DOOR_COUNTERS_N; i++)
    facts.door[i] = sp_door_client_get_counter (self->door, (SpDoorCounter) i);
  return sp_metrics_write (&facts);
}

void
sp_server_tell_metrics (SpServer *self)
{
  gint64 now = g_get_monotonic_time ();

  if (self->metrics == NULL || now - self->metrics_at >= FRESH_MICROSECONDS)
    {
      g_free (self->metrics);
      self->metrics = write_metrics (self);
      self->metrics_at = now;
    }
  sp_door_client_tell_metrics (self->door, self->metrics);
}
