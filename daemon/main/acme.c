/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "acme-private.h"

#include "acme-way.h"
#include "base/error.h"
#include "base/hex.h"
#include "base/io.h"
#include "base/log.h"
#include "secret-file.h"
#include "server-private.h"
#include "trust-file.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#define FAILURES_TOLD 2    /* in a row, where asking again may help */
#define LOOK_MOST     3600 /* seconds between two looks at the clock */

static void look (SpAcme *self);

const SpSettings *
sp_acme_get_settings (SpAcme *self)
{
  return sp_configuration_get (sp_server_get_configuration (self->server));
}

static gboolean
is_wanted (SpAcme *self)
{
  return sp_acme_get_settings (self)->acme_directory[0] != '\0' &&
         sp_server_get_state (self->server) == SP_SERVER_ON;
}

/* Before the keyholder has told what it has, nobody knows what is due. */
static gboolean
is_known (SpAcme *self)
{
  return sp_keyholder_client_is_ready (self->server->keyholder) &&
         sp_certificate_registry_find (self->server->certificates, "own") != NULL;
}

/* Nobody looks for us any more, and what is still answered is not heard. */
static void
drop_order (SpAcme *self)
{
  sp_courier_client_recall (self->courier); /* perhaps of one that asks when to renew */
  if (self->asking == NULL)
    return;
  g_cancellable_cancel (self->asking);
  g_clear_object (&self->asking);
  g_clear_pointer (&self->directory, g_free);
  g_clear_pointer (&self->names, g_bytes_unref);
  sp_fd_clear (&self->chain);
  sp_acme_ways_hide (self->server);
}

GTask *
sp_acme_task_new (SpAcme *self, GAsyncReadyCallback callback)
{
  return g_task_new (self->server, self->asking, callback, self);
}

gboolean
sp_acme_is_stale (const GError *error)
{
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

void
sp_acme_end (SpAcme *self, const SpOrderDone *done)
{
  sp_acme_note (&self->record, done, self->asks_with, g_get_real_time ());
  sp_acme_record_store (&self->record, sp_server_get_store (self->server));
  drop_order (self);
  look (self);
}

static void
give_up (SpAcme *self, const char *doing, const GError *error)
{
  const SpOrderDone done = { .outcome = SP_ORDER_FAILED };

  sp_log (SP_LOG_WARNING, "acme", "%s: %s", doing, error->message);
  sp_acme_end (self, &done);
}

static const SpCertificateKnown *
find (SpAcme *self, const char *element)
{
  return element[0] != '\0' ? sp_certificate_registry_find (self->server->certificates, element)
                            : NULL;
}

/* --- the certificate is here --- */

static void
removed_cb (GObject *server, GAsyncResult *result, gpointer nothing)
{
  g_autoptr (GError) error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error) &&
      !g_error_matches (error, SP_ERROR, SP_ERROR_NOT_FOUND))
    sp_log (SP_LOG_WARNING, "acme", "what is of no more use stays: %s", error->message);
}

static void
remove_element (SpAcme *self, const char *element)
{
  const SpCertificateKnown *known = find (self, element);
  g_autoptr (GTask) task = NULL;

  if (known == NULL)
    return;
  task = g_task_new (self->server, NULL, removed_cb, NULL);
  sp_keyholder_client_remove_certificate (self->server->keyholder, known->id, task);
}

static void
conclude (SpAcme *self)
{
  const SpOrderDone done = { .outcome = SP_ORDER_DONE };
  g_autofree char *before = g_strdup (self->record.certificate);

  sp_hex_encode (self->issued, SP_ID_SIZE, self->record.certificate);
  self->record.request[0] = '\0';
  sp_log (SP_LOG_NOTICE, "acme", "the authority has certified the server");
  if (strcmp (before, self->record.certificate) != 0)
    remove_element (self, before);
  sp_acme_end (self, &done);
}

static void
activated_cb (GObject *server, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  gboolean activated = g_task_propagate_boolean (G_TASK (result), &error);

  if (sp_acme_is_stale (error))
    return;
  if (activated)
    conclude (user_data);
  else
    give_up (user_data, "using the certificate", error);
}

/* Unless the owner shows another since the last one came. */
static void
use (SpAcme *self)
{
  const SpCertificateKnown *before = find (self, self->record.certificate);
  g_autoptr (GTask) task = NULL;

  if (before != NULL && !before->active)
    {
      conclude (self);
      return;
    }
  task = sp_acme_task_new (self, activated_cb);
  sp_keyholder_client_activate_certificate (self->server->keyholder, self->issued, task);
}

/* What speaks most against it. */
static char *
find_fault (const SpCertificateChecked *checked)
{
  const guint8 *end = checked->findings + checked->findings_length;

  for (const guint8 *at = checked->findings; end - at > 2;)
    {
      const guint8 *text = at + 2;
      gsize length = strnlen ((const char *) text, (gsize) (end - text));

      if (at[1] == SP_SEVERITY_PROBLEM)
        return g_utf8_make_valid ((const char *) text, (gssize) length);
      at = text + MIN (length + 1, (gsize) (end - text));
    }
  return g_strdup ("it cannot be used");
}

static void
checked_cb (GObject *server, GAsyncResult *result, gpointer user_data)
{
  SpAcme *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree SpCertificateChecked *checked = g_task_propagate_pointer (G_TASK (result), &error);
  g_autofree char *fault = NULL;

  if (sp_acme_is_stale (error))
    return;
  if (checked != NULL && checked->kept)
    {
      memcpy (self->issued, checked->id, SP_ID_SIZE);
      use (self);
      return;
    }
  if (checked != NULL)
    {
      fault = find_fault (checked);
      error = g_error_new_literal (SP_ERROR, SP_ERROR_FAILED, fault);
    }
  give_up (self, "the certificate that came", error);
}

static void
keep (SpAcme *self)
{
  SpCheckCertificate order = { .keep = 1, .files = 1 };
  const char *name = sp_acme_get_settings (self)->name;
  sp_autofd int trust = sp_trust_file_open ();
  g_autoptr (GError) error = NULL;
  sp_autofd int nothing = sp_secret_file_new (&error);
  g_autoptr (GTask) task = NULL;
  int fds[SP_CHECK_CERTIFICATE_FDS];

  if (nothing < 0 || !sp_secret_file_seal (self->chain, &error))
    {
      give_up (self, "taking the certificate", error);
      return;
    }
  memcpy (order.name, name, order.name_length = (guint16) MIN (strlen (name), SP_DOMAIN_MAX));
  for (guint i = 0; i < SP_CHECK_CERTIFICATE_FDS; i++)
    fds[i] = nothing;
  fds[0] = self->chain;
  if (trust >= 0)
    fds[SP_CHECK_CERTIFICATE_FDS - 1] = trust;
  task = sp_acme_task_new (self, checked_cb);
  sp_keyholder_client_check_certificate (self->server->keyholder, &order, fds, task);
}

guint16
sp_acme_copy (guint8 *field, gsize most, gconstpointer bytes, gsize size)
{
  size = MIN (size, most);
  memcpy (field, bytes, size);
  return (guint16) size;
}

static void
back (gpointer user_data, const SpOrderDone *done)
{
  SpAcme *self = user_data;

  if (done->outcome == SP_ORDER_DONE)
    {
      keep (self);
      return;
    }
  sp_log (SP_LOG_WARNING, "acme", "no certificate: %s (status %u)",
          sp_acme_reason ((SpOrderOutcome) done->outcome), done->status);
  sp_acme_end (self, done);
}

/* --- the beginning --- */

int
sp_acme_open_authorities (const char *path, GError **error)
{
  sp_autofd int fd = -1;
  struct stat facts;

  if (path[0] == '\0')
    return sp_secret_file_new (error); /* with nothing in it */
  fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd >= 0 && fstat (fd, &facts) == 0 && S_ISREG (facts.st_mode))
    return sp_fd_steal (&fd);
  g_set_error (error, SP_ERROR, SP_ERROR_NOT_FOUND, "%s is no file that can be read", path);
  return -1;
}

static gboolean
send_courier (SpAcme *self, GError **error)
{
  static const SpCourierOrder events = { .sign = sp_acme_sign, .show = sp_acme_show, .back = back };
  const SpSettings *settings = sp_acme_get_settings (self);
  sp_autofd int authorities = sp_acme_open_authorities (settings->acme_authorities, error);
  SpRunOrder order = { .agreed = settings->acme_agree ? 1 : 0 };
  int files[2];

  if (authorities < 0)
    return FALSE;
  self->chain = sp_secret_file_new (error);
  if (self->chain < 0)
    return FALSE;
  memcpy (order.ways, self->ways, order.ways_length = (guint16) self->n_ways);
  order.directory_length = sp_acme_copy (order.directory, sizeof order.directory, self->directory,
                                         strlen (self->directory));
  files[0] = authorities;
  files[1] = self->chain;
  return sp_courier_client_order (self->courier, &order, files, &events, self, error);
}

static void
requested_cb (GObject *server, GAsyncResult *result, gpointer user_data)
{
  SpAcme *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree SpCertificateRequested *made = g_task_propagate_pointer (G_TASK (result), &error);

  if (sp_acme_is_stale (error))
    return;
  if (made == NULL)
    {
      give_up (self, "the key for a certificate", error);
      return;
    }
  memcpy (self->request, made->id, SP_ID_SIZE);
  sp_hex_encode (made->id, SP_ID_SIZE, self->record.request);
  sp_acme_record_store (&self->record, sp_server_get_store (self->server));
  if (!send_courier (self, &error))
    give_up (self, "sending a courier", error);
}

/* A key that was made for these names and never certified is good enough for the next try. */
static void
begin (SpAcme *self)
{
  const SpCertificateKnown *before = find (self, self->record.request);
  gboolean same = strcmp (self->record.asked_with, self->asks_with) == 0;
  g_autofree SpRequestCertificate *order = g_new0 (SpRequestCertificate, 1);
  g_autoptr (GTask) task = NULL;

  self->asking = g_cancellable_new ();
  self->step = SP_ACME_ASKING;
  self->directory = g_strdup (sp_acme_get_settings (self)->acme_directory);
  self->names = sp_acme_collect_names (sp_acme_get_settings (self));
  self->n_ways = sp_acme_ways_list (sp_acme_get_settings (self), &self->record, self->ways);
  if (before != NULL && before->kind == SP_CERTIFICATE_REQUEST && same)
    memcpy (order->id, before->id, SP_ID_SIZE);
  else if (before != NULL && before->kind == SP_CERTIFICATE_REQUEST)
    remove_element (self, self->record.request);
  order->names_length =
      sp_acme_copy (order->names, sizeof order->names, g_bytes_get_data (self->names, NULL),
                    g_bytes_get_size (self->names));
  task = sp_acme_task_new (self, requested_cb);
  sp_keyholder_client_request_certificate (self->server->keyholder, order, task);
}

/* --- when --- */

void
sp_acme_find_life (SpAcme *self, SpAcmeLife *ret)
{
  const SpCertificateKnown *known = find (self, self->record.certificate);

  memset (ret, 0, sizeof *ret);
  if (known == NULL || known->kind != SP_CERTIFICATE_SERVER)
    return;
  ret->not_before = (gint64) known->not_before;
  ret->not_after = (gint64) known->not_after;
}

static gint64
find_next (SpAcme *self, gint64 now)
{
  SpAcmeLife life;
  char asks_with[SP_ACME_HASH_SIZE];

  sp_acme_find_life (self, &life);
  sp_acme_hash (sp_acme_get_settings (self), asks_with);
  return sp_acme_plan (&self->record, &life, asks_with, now);
}

/* When to ask when to renew. */
static gint64
find_question (SpAcme *self, gint64 now)
{
  const SpCertificateKnown *known = find (self, self->record.certificate);

  if (known == NULL || known->renewal_length == 0)
    return G_MAXINT64;
  return sp_acme_plan_question (&self->record, now);
}

static gboolean
timer_cb (gpointer user_data)
{
  SpAcme *self = user_data;

  self->timer = 0;
  look (self);
  return G_SOURCE_REMOVE;
}

static void
look_at_clock (SpAcme *self)
{
  gint64 now = g_get_real_time ();
  gint64 next = find_next (self, now);
  gint64 question = find_question (self, now);

  sp_acme_hash (sp_acme_get_settings (self), self->asks_with);
  if (next <= now)
    begin (self);
  else if (question <= now)
    sp_acme_ask_renewal (self, find (self, self->record.certificate));
  else
    {
      next = MIN (next, question);
      self->timer = g_timeout_add_seconds (
          (guint) MIN ((next - now) / G_USEC_PER_SEC + 1, LOOK_MOST), timer_cb, self);
    }
}

static void
look (SpAcme *self)
{
  g_clear_handle_id (&self->timer, g_source_remove);
  if (!is_wanted (self))
    drop_order (self);
  else if (self->asking == NULL && is_known (self) && !sp_courier_client_is_away (self->courier))
    look_at_clock (self);
  self->changed (self->server);
}

void
sp_acme_look (SpAcme *self)
{
  char asks_with[SP_ACME_HASH_SIZE];

  sp_acme_hash (sp_acme_get_settings (self), asks_with);
  if (strcmp (asks_with, self->asks_with) != 0)
    drop_order (self); /* it is for what was meant before */
  look (self);
}

gboolean
sp_acme_order (SpAcme *self, GError **error)
{
  if (!is_wanted (self))
    {
      g_set_error_literal (error, SP_ERROR, SP_ERROR_NOT_SUPPORTED,
                           sp_acme_get_settings (self)->acme_directory[0] == '\0'
                               ? "no authority is set; set acme-directory"
                               : "the server is not on");
      return FALSE;
    }
  drop_order (self);
  self->record.tried_at = 0;
  look (self);
  return TRUE;
}

/* --- what became of it --- */

static SpAcmeState
find_state (SpAcme *self, const SpAcmeLife *life)
{
  if (!is_wanted (self))
    return SP_ACME_OFF;
  if (self->asking != NULL)
    return SP_ACME_ORDERING;
  if (sp_acme_is_content (&self->record) && life->not_after != 0)
    return SP_ACME_CURRENT;
  if (sp_acme_is_final (&self->record) || self->record.failures >= FAILURES_TOLD)
    return SP_ACME_FAILED;
  return SP_ACME_WAITING;
}

void
sp_acme_get_condition (SpAcme *self, SpAcmeCondition *ret)
{
  SpAcmeLife life;
  gint64 next;

  sp_acme_find_life (self, &life);
  memset (ret, 0, sizeof *ret);
  ret->state = find_state (self, &life);
  ret->step = self->step;
  ret->reason = ret->advice = "";
  if (ret->state == SP_ACME_OFF)
    return;
  if (life.not_after != 0)
    (void) g_strlcpy (ret->certificate, self->record.certificate, sizeof ret->certificate);
  next = find_next (self, g_get_real_time ());
  ret->next_at = next == G_MAXINT64 || ret->state == SP_ACME_ORDERING ? 0 : next;
  if (self->record.tried_at == 0)
    return;
  ret->reason = sp_acme_reason ((SpOrderOutcome) self->record.outcome);
  ret->advice = sp_acme_advice ((SpOrderOutcome) self->record.outcome);
}

gboolean
sp_acme_is_proving (SpAcme *self, SpAcmeWay way)
{
  return self->asking != NULL && memchr (self->ways, (int) way, self->n_ways) != NULL;
}

/* --- life --- */

SpAcme *
sp_acme_new (SpServer *server, const char *libexec_folder, SpAcmeChanged changed)
{
  SpAcme *self = g_new0 (SpAcme, 1);

  self->server = server;
  self->changed = changed;
  self->chain = -1;
  self->courier = sp_courier_client_new (libexec_folder);
  sp_acme_record_load (&self->record, sp_server_get_store (server));
  return self;
}

void
sp_acme_free (SpAcme *self)
{
  if (self == NULL)
    return;
  if (self->asking != NULL)
    g_cancellable_cancel (self->asking);
  g_clear_object (&self->asking);
  g_clear_handle_id (&self->timer, g_source_remove);
  sp_courier_client_free (self->courier);
  g_clear_pointer (&self->directory, g_free);
  g_clear_pointer (&self->names, g_bytes_unref);
  sp_fd_clear (&self->chain);
  g_free (self);
}
