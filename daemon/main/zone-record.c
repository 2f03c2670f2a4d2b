/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "zone-record.h"

#include "base/error.h"
#include "base/io.h"
#include "courier-client.h"
#include "dynamic-dns-record.h"
#include "keyholder-dns.h"
#include "secret-file.h"
#include "server-private.h"
#include "setting-check.h"
#include "zone-order.h"

#include <string.h>

struct _SpZoneRecord
{
  SpServer *server; /* the owner */
  SpCourierClient *courier;
  GCancellable *lending; /* lives as long as this */
  SpRunErrand order;     /* of the change that is under way */
  int file;              /* for the key's secret, -1 = none */
  SpDnsRecordChanged changed;
  gpointer user_data;
};

gboolean
sp_zone_record_is_set (const SpSettings *settings)
{
  gboolean within = sp_check_within (settings->name, settings->dns_update_zone);

  for (guint i = 0; i < settings->acme_names.n; i++)
    within = within && sp_check_within (settings->acme_names.items[i], settings->dns_update_zone);
  return within && settings->dns_update_zone[0] != '\0' && settings->dns_update_server[0] != '\0' &&
         settings->dns_update_key[0] != '\0';
}

void
sp_zone_record_note (SpDnsRecord *record, const SpSettings *settings)
{
  SpRunErrand *order = &record->order;

  sp_zone_order_fill (order, settings, SP_ERRAND_ZONE_TEXT, record->owner);
  order->text_length = (guint16) MIN (strlen (record->text), sizeof order->text);
  memcpy (order->text, record->text, order->text_length);
}

/* --- one change --- */

static void
finish (SpZoneRecord *self, SpErrandOutcome outcome)
{
  g_autoptr (GError) error = NULL;

  sp_fd_clear (&self->file);
  if (outcome != SP_ERRAND_DONE)
    error = g_error_new (SP_ERROR, SP_ERROR_FAILED, "%s: %s", sp_dynamic_dns_reason (outcome),
                         sp_dynamic_dns_advice (outcome, SP_WORD_RFC2136));
  self->changed (self->user_data, error);
}

static void
back_cb (gpointer user_data, const SpErrandDone *done)
{
  finish (user_data, (SpErrandOutcome) done->outcome);
}

static void
lent_cb (GObject *server, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  gboolean lent = g_task_propagate_boolean (G_TASK (result), &error);
  SpZoneRecord *self = user_data;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return; /* nobody is there any more */
  if (lent &&
      sp_courier_client_send (self->courier, &self->order, self->file, back_cb, self, &error))
    return;
  sp_log (SP_LOG_WARNING, "acme", "sending a courier: %s", error->message);
  finish (self, SP_ERRAND_FAILED);
}

void
sp_zone_record_change (SpZoneRecord *self,
                       const SpDnsRecord *record,
                       gboolean put,
                       SpDnsRecordChanged changed,
                       gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GTask) task = g_task_new (self->server, self->lending, lent_cb, self);

  self->order = record->order;
  self->order.kind = put ? SP_ERRAND_ZONE_TEXT : SP_ERRAND_ZONE_NO_TEXT;
  self->changed = changed;
  self->user_data = user_data;
  self->file = sp_secret_file_new (&error);
  if (self->file < 0)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    sp_keyholder_client_lend_dns_password (self->server->keyholder, SP_DNS_PASSWORD_KEY, self->file,
                                           task);
}

/* --- life --- */

SpZoneRecord *
sp_zone_record_new (SpServer *server, const char *libexec_folder)
{
  SpZoneRecord *self = g_new0 (SpZoneRecord, 1);

  self->server = server;
  self->courier = sp_courier_client_new (libexec_folder);
  self->lending = g_cancellable_new ();
  self->file = -1;
  return self;
}

void
sp_zone_record_free (SpZoneRecord *self)
{
  if (self == NULL)
    return;
  g_cancellable_cancel (self->lending);
  g_object_unref (self->lending);
  sp_courier_client_free (self->courier);
  sp_fd_clear (&self->file);
  g_free (self);
}
