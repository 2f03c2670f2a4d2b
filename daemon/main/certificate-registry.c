/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "certificate-registry.h"

#include "base/io.h"
#include "base/log.h"

#include <string.h>

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
  g_hash_table_unref (SP_CERTIFICATE_REGISTRY (object)->entries);
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

static char *
name_element (const SpCertificateKnown *facts)
{
  char id[2 * SP_ID_SIZE + 1];

  if (facts->origin == SP_CERTIFICATE_OWN)
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

gboolean
sp_certificate_registry_finish (SpCertificateRegistry *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
