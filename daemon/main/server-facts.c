/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server-private.h"

#include "base/secret.h"
#include "codec/reach-link.h"

#include <string.h>

/* What others ask about it. */

const GError *
sp_server_get_last_error (SpServer *self)
{
  return self->last_error;
}

gint64
sp_server_get_started_at (SpServer *self)
{
  return self->started_at;
}

SpUserRegistry *
sp_server_get_users (SpServer *self)
{
  return self->users;
}

SpDeviceRegistry *
sp_server_get_devices (SpServer *self)
{
  return self->devices;
}

SpInvitationRegistry *
sp_server_get_invitations (SpServer *self)
{
  return self->invitations;
}

SpSessionRegistry *
sp_server_get_sessions (SpServer *self)
{
  return self->sessions;
}

SpCertificateRegistry *
sp_server_get_certificates (SpServer *self)
{
  return self->certificates;
}

SpTrafficLedger *
sp_server_get_ledger (SpServer *self)
{
  return self->ledger;
}

SpStore *
sp_server_get_store (SpServer *self)
{
  return self->store;
}

SpJobs *
sp_server_get_jobs (SpServer *self)
{
  return self->jobs;
}

const SpSettings *
sp_server_get_settings (SpServer *self)
{
  return self->settings;
}

SpConfiguration *
sp_server_get_configuration (SpServer *self)
{
  return self->configuration;
}

SpLogBook *
sp_server_get_log (SpServer *self)
{
  return self->log;
}

gint64
sp_server_get_last_backup_at (SpServer *self)
{
  return sp_backup_schedule_get_last (self->backups);
}

const char *
sp_server_get_last_backup_error (SpServer *self)
{
  return sp_backup_schedule_get_failure (self->backups);
}

const SpPrepared *
sp_server_get_certificate (SpServer *self)
{
  if (!sp_keyholder_client_is_ready (self->keyholder))
    return NULL;
  return sp_keyholder_client_get_certificate (self->keyholder);
}

static char *
make_url (const char *host, guint port)
{
  g_autofree char *bare = g_strdup_printf (strchr (host, ':') != NULL ? "[%s]" : "%s", host);

  return port == 443 ? g_strdup_printf ("https://%s", bare)
                     : g_strdup_printf ("https://%s:%u", bare, port);
}

static void
add_url (GStrvBuilder *builder, const char *host, guint port)
{
  g_autofree char *url = make_url (host, port);

  g_strv_builder_add (builder, url);
}

GStrv
sp_server_list_urls (SpServer *self)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autoptr (SpUplink) uplink = sp_uplink_read (NULL, NULL);
  const SpSettings *settings = sp_server_get_settings (self);
  char text[SP_ENDPOINT_TEXT_MAX];

  if (settings->name[0] != '\0')
    add_url (builder, settings->name, settings->port);
  for (guint i = 0; uplink != NULL && i < uplink->addresses->len; i++)
    {
      const SpUplinkAddress *own = &g_array_index (uplink->addresses, SpUplinkAddress, i);

      if (own->is_passing)
        continue;
      sp_address_to_text (own->address, text);
      add_url (builder, text, settings->port);
    }
  return g_strv_builder_end (builder);
}

/* The first of all is the name that the owner gave it. */
char *
sp_server_make_device_url (SpServer *self, const char *label)
{
  const SpSettings *settings = sp_server_get_settings (self);
  g_auto (GStrv) urls = NULL;
  g_autofree char *host = NULL;

  if (self->settings->name_gate == SP_WORD_LABEL)
    {
      host = g_strdup_printf ("%s.%s", label, self->settings->name);
      return make_url (host, settings->port);
    }
  urls = sp_server_list_urls (self);
  return g_strdup (urls[0]);
}

char *
sp_server_make_reach_link (SpServer *self, const char *host, const guint8 *token)
{
  g_autofree char *url = make_url (host, sp_server_get_settings (self)->port);
  char text[SP_TOKEN_TEXT_LENGTH + 1];
  char *link;

  sp_token_write (token, text);
  link = g_strconcat (url, SP_REACH_FOLDER, text, NULL);
  sp_secret_wipe (text, sizeof text);
  return link;
}

SpReachability *
sp_server_get_reachability (SpServer *self)
{
  return self->reachability;
}

SpCheckpoint *
sp_server_get_checkpoint (SpServer *self)
{
  return self->checkpoint;
}

SpDisconnections *
sp_server_get_disconnections (SpServer *self)
{
  return self->disconnections;
}

const char *
sp_server_get_speed_trouble (SpServer *self)
{
  return self->network != NULL ? sp_network_setup_get_speed_trouble (self->network) : NULL;
}

SpSurroundings *
sp_server_get_surroundings (SpServer *self)
{
  return self->surroundings;
}

const SpNetwork *
sp_server_get_range (SpServer *self)
{
  if (self->network != NULL)
    return sp_lease_pool_get_ipv4 (sp_network_setup_get_leases (self->network));
  return self->settings->ipv4_range.n > 0 ? &self->settings->ipv4_range.items[0] : NULL;
}

SpEventBook *
sp_server_get_events (SpServer *self)
{
  return self->events;
}
