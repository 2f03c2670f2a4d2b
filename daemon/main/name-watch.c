/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "name-watch.h"

#include "base/log.h"
#include "courier-client.h"
#include "dynamic-dns-record.h"

#include <string.h>

#define TOPIC         "name"
#define LOOK_SECONDS  600
#define AGAIN_SECONDS 60 /* where nobody answered, or a room is missing */

struct _SpNameWatch
{
  SpServer *server; /* the owner */
  SpNameWatchHeard heard;
  SpCourierClient *courier;
  char *host;          /* that somebody said; NULL: the settings say */
  char *asked;         /* the name that the courier asks for, or the last one did; NULL: none */
  gboolean is_told;    /* something of it was heard */
  SpNameLookedUp said; /* then */
  gint64 told_at;      /* a provider was; 0: never */
  guint timer;         /* source id, 0 = none */
};

static void look (SpNameWatch *self);

/* As a text that is the caller's; NULL: nobody looks for the server by a name. */
static char *
find_name (SpNameWatch *self)
{
  const SpSettings *settings = sp_configuration_get (sp_server_get_configuration (self->server));
  const char *name = self->host != NULL ? self->host : settings->name;
  guint8 address[SP_ADDRESS_SIZE];

  if (sp_server_get_state (self->server) != SP_SERVER_ON)
    return NULL;
  if (name[0] == '\0')
    name = sp_dynamic_dns_find_name (settings);
  return name[0] == '\0' || strlen (name) > SP_DOMAIN_MAX || sp_address_from_text (name, address)
             ? NULL
             : g_strdup (name);
}

static void
forget (SpNameWatch *self)
{
  g_clear_pointer (&self->asked, g_free);
  if (self->is_told)
    self->heard (self->server, NULL, NULL);
  self->is_told = FALSE;
}

static gboolean
timer_cb (gpointer user_data)
{
  SpNameWatch *self = user_data;

  self->timer = 0;
  look (self);
  return G_SOURCE_REMOVE;
}

static void
look_in (SpNameWatch *self, guint seconds)
{
  g_clear_handle_id (&self->timer, g_source_remove);
  self->timer = g_timeout_add_seconds (seconds, timer_cb, self);
}

/* Where nobody answers, what was heard before still counts. */
static void
looked_up_cb (gpointer user_data, const SpNameLookedUp *done)
{
  SpNameWatch *self = user_data;

  if (done->outcome == SP_LOOKUP_FAILED)
    {
      look_in (self, AGAIN_SECONDS);
      return;
    }
  self->said = *done;
  self->is_told = TRUE;
  self->heard (self->server, self->asked, &self->said);
}

static void
send_courier (SpNameWatch *self)
{
  SpLookUpName order = { .name_length = (guint16) strlen (self->asked) };
  g_autoptr (GError) error = NULL;

  memcpy (order.name, self->asked, order.name_length);
  look_in (self, LOOK_SECONDS);
  if (sp_courier_client_look_up (self->courier, &order, looked_up_cb, self, &error))
    return;
  sp_log (SP_LOG_ERROR, TOPIC, "no courier can be sent: %s", error->message);
  look_in (self, AGAIN_SECONDS);
}

static void
look (SpNameWatch *self)
{
  g_autofree char *name = find_name (self);

  g_clear_handle_id (&self->timer, g_source_remove);
  sp_courier_client_recall (self->courier);
  if (g_strcmp0 (name, self->asked) != 0)
    forget (self);
  if (name == NULL)
    return;
  if (self->asked == NULL)
    self->asked = g_steal_pointer (&name);
  send_courier (self);
}

void
sp_name_watch_look (SpNameWatch *self)
{
  look (self);
}

void
sp_name_watch_note_told (SpNameWatch *self, gint64 told_at)
{
  gboolean is_other = told_at != self->told_at;

  self->told_at = told_at;
  if (is_other)
    look (self);
}

void
sp_name_watch_set_host (SpNameWatch *self, const char *host)
{
  g_free (self->host);
  self->host = g_strdup (host);
  look (self);
}

SpNameWatch *
sp_name_watch_new (SpServer *server, const char *libexec_folder, SpNameWatchHeard heard)
{
  SpNameWatch *self = g_new0 (SpNameWatch, 1);

  self->server = server;
  self->heard = heard;
  self->courier = sp_courier_client_new (libexec_folder);
  return self;
}

void
sp_name_watch_free (SpNameWatch *self)
{
  if (self == NULL)
    return;
  g_clear_handle_id (&self->timer, g_source_remove);
  sp_courier_client_free (self->courier);
  g_free (self->host);
  g_free (self->asked);
  g_free (self);
}
