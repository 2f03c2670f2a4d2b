/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "certificate-registry.h"

#include "base/error.h"
#include "base/io.h"
#include "base/log.h"
#include "trust-file.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

typedef struct
{
  SpCertificateKnown facts;
  guint round; /* in which the keyholder told it last */
} Entry;

struct _SpCertificateRegistry
{
  GObject parent;
  SpKeyholderClient *keyholder;
  GHashTable *entries; /* element → Entry */
  guint round;         /* counts listings: what the last did not have is gone */
  SpTokenState token_state;
  char *token_text;
};

G_DEFINE_TYPE (SpCertificateRegistry, sp_certificate_registry, G_TYPE_OBJECT)

enum
{
  SIGNAL_ADDED,
  SIGNAL_CHANGED,
  SIGNAL_REMOVED,
  N_SIGNALS
};

static guint signals[N_SIGNALS]; /* nocheck: set once by class_init */

static void
sp_certificate_registry_finalize (GObject *object)
{
  SpCertificateRegistry *self = SP_CERTIFICATE_REGISTRY (object);

  g_hash_table_unref (self->entries);
  g_free (self->token_text);
  G_OBJECT_CLASS (sp_certificate_registry_parent_class)->finalize (object);
}

static void
sp_certificate_registry_class_init (SpCertificateRegistryClass *class)
{
  static const char *const names[N_SIGNALS] = { "added", "changed", "removed" };

  G_OBJECT_CLASS (class)->finalize = sp_certificate_registry_finalize;
  for (guint i = 0; i < N_SIGNALS; i++)
    signals[i] = g_signal_new (names[i], G_OBJECT_CLASS_TYPE (class), G_SIGNAL_RUN_LAST, 0, NULL,
                               NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
sp_certificate_registry_init (SpCertificateRegistry *self)
{
  self->entries = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}

SpCertificateRegistry *
sp_certificate_registry_new (SpKeyholderClient *keyholder)
{
  SpCertificateRegistry *self = g_object_new (SP_TYPE_CERTIFICATE_REGISTRY, NULL);

  self->keyholder = keyholder;
  return self;
}

GStrv
sp_certificate_registry_list (SpCertificateRegistry *self)
{
  g_autofree char **elements = (char **) g_hash_table_get_keys_as_array (self->entries, NULL);

  return g_strdupv (elements);
}

const SpCertificateKnown *
sp_certificate_registry_find (SpCertificateRegistry *self, const char *element)
{
  Entry *entry = g_hash_table_lookup (self->entries, element);

  return entry != NULL ? &entry->facts : NULL;
}

void
sp_certificate_registry_set_token (SpCertificateRegistry *self,
                                   SpTokenState state,
                                   const char *text)
{
  GHashTableIter iter;
  gpointer element, value;
  g_autofree char *shown = NULL;

  if (self->token_state == state)
    return;
  self->token_state = state;
  g_free (self->token_text);
  self->token_text = g_strdup (text);
  g_hash_table_iter_init (&iter, self->entries);
  while (g_hash_table_iter_next (&iter, &element, &value))
    if (((Entry *) value)->facts.active && ((Entry *) value)->facts.kind == SP_CERTIFICATE_SERVER)
      shown = g_strdup (element); /* there is one */
  if (shown != NULL)
    g_signal_emit (self, signals[SIGNAL_CHANGED], 0, shown);
}

SpTokenState
sp_certificate_registry_get_token (SpCertificateRegistry *self, const char **ret_text)
{
  *ret_text = self->token_text != NULL ? self->token_text : "";
  return self->token_state;
}

static char *
name_element (const SpCertificateKnown *facts)
{
  char id[2 * SP_ID_SIZE + 1];

  if (facts->origin == SP_CERTIFICATE_OWN && facts->kind != SP_CERTIFICATE_REQUEST)
    return g_strdup (facts->kind == SP_CERTIFICATE_AUTHORITY ? "authority" : "own");
  sp_hex_encode (facts->id, SP_ID_SIZE, id);
  return g_strdup (id);
}

void
sp_certificate_registry_known (SpCertificateRegistry *self, const SpCertificateKnown *known)
{
  g_autofree char *element = name_element (known);
  Entry *entry = g_hash_table_lookup (self->entries, element);
  gboolean added = entry == NULL;

  if (added)
    {
      entry = g_new0 (Entry, 1);
      (void) g_hash_table_insert (self->entries, g_strdup (element), entry);
    }
  entry->round = self->round;
  if (!added && memcmp (&entry->facts, known, sizeof *known) == 0)
    return;
  entry->facts = *known;
  g_signal_emit (self, signals[added ? SIGNAL_ADDED : SIGNAL_CHANGED], 0, element);
}

static void
remove_entry (SpCertificateRegistry *self, const char *element)
{
  g_autofree char *name = g_strdup (element);

  if (g_hash_table_remove (self->entries, name))
    g_signal_emit (self, signals[SIGNAL_REMOVED], 0, name);
}

void
sp_certificate_registry_gone (SpCertificateRegistry *self, const guint8 *id)
{
  char element[2 * SP_ID_SIZE + 1];

  sp_hex_encode (id, SP_ID_SIZE, element);
  remove_entry (self, element);
}

static void
listed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  SpCertificateRegistry *self = SP_CERTIFICATE_REGISTRY (source);
  g_auto (GStrv) elements = NULL;

  /* A keyholder that went is asked again when it is back. */
  if (!g_task_propagate_boolean (G_TASK (result), NULL))
    return;
  elements = sp_certificate_registry_list (self);
  for (guint i = 0; elements[i] != NULL; i++)
    if (((Entry *) g_hash_table_lookup (self->entries, elements[i]))->round != self->round)
      remove_entry (self, elements[i]);
}

void
sp_certificate_registry_keyholder_ready (SpCertificateRegistry *self)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, listed_cb, NULL);

  self->round++;
  sp_keyholder_client_list_certificates (self->keyholder, task);
}

void
sp_certificate_registry_renew_async (SpCertificateRegistry *self,
                                     GBytes *names,
                                     gboolean always,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);

  sp_keyholder_client_renew_certificate (self->keyholder, names, always, task);
}

void
sp_certificate_files_init (SpCertificateFiles *files)
{
  for (guint i = 0; i < SP_BUNDLE_FILES_MAX; i++)
    files->files[i] = -1;
  files->n_files = 0;
  files->passphrase = -1;
  files->token = NULL;
}

void
sp_certificate_files_clear (SpCertificateFiles *files)
{
  for (guint i = 0; i < SP_BUNDLE_FILES_MAX; i++)
    sp_fd_clear (&files->files[i]);
  sp_fd_clear (&files->passphrase);
  g_clear_pointer (&files->token, g_free);
}

/* In the order of the message; what there is none of is an empty file. */
static void
line_up (const SpCertificateFiles *files, int trust, int nothing, int *ret_fds)
{
  for (guint i = 0; i < SP_BUNDLE_FILES_MAX; i++)
    ret_fds[i] = i < files->n_files ? files->files[i] : nothing;
  ret_fds[SP_BUNDLE_FILES_MAX] = files->passphrase >= 0 ? files->passphrase : nothing;
  ret_fds[SP_BUNDLE_FILES_MAX + 1] = trust >= 0 ? trust : nothing;
}

void
sp_certificate_registry_check_async (SpCertificateRegistry *self,
                                     SpCertificateFiles *files,
                                     const char *name,
                                     gboolean keep,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  SpCheckCertificate order = { .keep = keep ? 1 : 0,
                               .files = (guint8) files->n_files,
                               .has_passphrase = files->passphrase >= 0 ? 1 : 0 };
  sp_autofd int trust = sp_trust_file_open ();
  sp_autofd int nothing = memfd_create ("nothing", MFD_CLOEXEC);
  int fds[SP_CHECK_CERTIFICATE_FDS];

  order.name_length = (guint16) MIN (strlen (name), SP_DOMAIN_MAX);
  memcpy (order.name, name, order.name_length);
  if (files->token != NULL)
    {
      order.token_length = (guint16) MIN (strlen (files->token), SP_TOKEN_URI_MAX);
      memcpy (order.token, files->token, order.token_length);
    }
  line_up (files, trust, nothing, fds);
  if (nothing >= 0)
    sp_keyholder_client_check_certificate (self->keyholder, &order, fds, task);
  else
    g_task_return_new_error (task, SP_ERROR, SP_ERROR_FAILED, "making a memory file: %s",
                             g_strerror (errno));
  sp_certificate_files_clear (files);
}

SpCertificateChecked *
sp_certificate_registry_check_finish (SpCertificateRegistry *self,
                                      GAsyncResult *result,
                                      GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* With its error if it is not there or has another kind. */
static const SpCertificateKnown *
find_server (SpCertificateRegistry *self, const char *element, GTask *task)
{
  const SpCertificateKnown *known = sp_certificate_registry_find (self, element);

  if (known == NULL)
    g_task_return_new_error (task, SP_ERROR, SP_ERROR_NOT_FOUND, "there is no such certificate");
  else if (known->kind == SP_CERTIFICATE_SERVER)
    return known;
  else
    g_task_return_new_error (task, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS,
                             "it is not a server's certificate");
  return NULL;
}

void
sp_certificate_registry_activate_async (SpCertificateRegistry *self,
                                        const char *element,
                                        GAsyncReadyCallback callback,
                                        gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  const SpCertificateKnown *known = find_server (self, element, task);

  if (known != NULL)
    sp_keyholder_client_activate_certificate (self->keyholder, known->id, task);
}

void
sp_certificate_registry_remove_async (SpCertificateRegistry *self,
                                      const char *element,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  const SpCertificateKnown *known = sp_certificate_registry_find (self, element);

  if (known == NULL)
    g_task_return_new_error (task, SP_ERROR, SP_ERROR_NOT_FOUND, "there is no such certificate");
  else if (known->origin == SP_CERTIFICATE_OWN && known->kind != SP_CERTIFICATE_REQUEST)
    g_task_return_new_error (task, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS,
                             "the server's own certificates stay");
  else
    sp_keyholder_client_remove_certificate (self->keyholder, known->id, task);
}

void
sp_certificate_registry_request_async (SpCertificateRegistry *self,
                                       const char *element,
                                       GBytes *names,
                                       GAsyncReadyCallback callback,
                                       gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  const SpCertificateKnown *known =
      element != NULL ? sp_certificate_registry_find (self, element) : NULL;
  SpRequestCertificate order = { 0 };

  if (element != NULL && (known == NULL || known->kind != SP_CERTIFICATE_REQUEST))
    {
      g_task_return_new_error (task, SP_ERROR, SP_ERROR_NOT_SUPPORTED, "it is no request");
      return;
    }
  if (known != NULL)
    memcpy (order.id, known->id, SP_ID_SIZE);
  if (names != NULL)
    {
      order.names_length = (guint16) MIN (g_bytes_get_size (names), SP_CERTIFICATE_NAMES_MAX);
      memcpy (order.names, g_bytes_get_data (names, NULL), order.names_length);
    }
  sp_keyholder_client_request_certificate (self->keyholder, &order, task);
}

SpCertificateRequested *
sp_certificate_registry_request_finish (SpCertificateRegistry *self,
                                        GAsyncResult *result,
                                        GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

gboolean
sp_certificate_registry_finish (SpCertificateRegistry *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
