/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "key-store.h"

#include "base/error.h"
#include "base/log.h"

#define AUTHORITY      "authority"
#define SERVER         "server"
#define AUTHORITY_SOON (SP_SERVER_DAYS + SP_CERTIFICATE_SOON) /* it must outlive the server's */

G_STATIC_ASSERT (2 * SP_CERTIFICATE_MAX <= SP_CERTIFICATE_CHAIN_MAX);

enum
{
  LOAD,
  STORE,
  N_STATEMENTS
};

static const SpStatementText texts[N_STATEMENTS] = {
  [LOAD] = { SP_SOON, "SELECT private_key, certificate FROM keys WHERE name = ?1" },
  [STORE] = { SP_DURABLE, "INSERT INTO keys VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE "
                          "SET private_key = excluded.private_key, "
                          "certificate = excluded.certificate" },
};

typedef struct
{
  SpPrivateKey *key;
  SpCertificate *certificate; /* NULL: still to be made */
} Pair;

struct _SpKeyStore
{
  SpStatement *statements[N_STATEMENTS];
  Pair authority; /* its key only while opening */
  Pair server;
  GBytes *authority_bytes;
  GBytes *server_bytes;
  guint8 pin[SP_PIN_SIZE];
};

static void
pair_clear (Pair *pair)
{
  g_clear_pointer (&pair->key, sp_private_key_free);
  g_clear_pointer (&pair->certificate, sp_certificate_free);
}

void
sp_key_store_free (SpKeyStore *store)
{
  if (store == NULL)
    return;
  pair_clear (&store->authority);
  pair_clear (&store->server);
  g_clear_pointer (&store->authority_bytes, g_bytes_unref);
  g_clear_pointer (&store->server_bytes, g_bytes_unref);
  g_free (store);
}

static gboolean
read_pair (SpStatement *row, const char *name, Pair *ret_pair, GError **error)
{
  gsize size;
  const guint8 *bytes = sp_statement_get_bytes (row, 0, &size);

  ret_pair->key = sp_private_key_read (bytes, size, error);
  if (ret_pair->key == NULL)
    return FALSE;
  bytes = sp_statement_get_bytes (row, 1, &size);
  ret_pair->certificate = sp_certificate_read (bytes, size, error);
  if (ret_pair->certificate == NULL)
    return FALSE;
  if (sp_certificate_is_of_key (ret_pair->certificate, ret_pair->key))
    return TRUE;
  g_set_error (error, SP_ERROR, SP_ERROR_CERTIFICATE_INVALID,
               "the %s's certificate is not that of its key", name);
  return FALSE;
}

/* Loads the key and its certificate, or makes a key. */
static gboolean
load_pair (SpKeyStore *store, const char *name, Pair *ret_pair, GError **error)
{
  g_autoptr (SpStatement) load = store->statements[LOAD];

  sp_statement_set_text (load, 1, name);
  switch (sp_statement_next (load, error))
    {
      case SP_ROW:
        return read_pair (load, name, ret_pair, error);
      case SP_ROW_NONE:
        ret_pair->key = sp_private_key_make (error);
        return ret_pair->key != NULL;
      case SP_ROW_FAILED:
        break;
    }
  return FALSE;
}

static gboolean
store_pair (SpKeyStore *store, const char *name, const Pair *pair, GBytes *bytes, GError **error)
{
  SpStatement *statement = store->statements[STORE];
  GByteArray *key = sp_private_key_write (pair->key, error);
  gboolean stored;

  if (key == NULL)
    return FALSE;
  sp_statement_set_text (statement, 1, name);
  sp_statement_set_bytes (statement, 2, key->data, key->len);
  sp_statement_set_bytes (statement, 3, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  stored = sp_statement_run (statement, error);
  sp_secret_bytes_free (key);
  return stored;
}

static gboolean
ends_within (SpCertificate *certificate, gint64 days, gint64 now)
{
  return (gint64) gnutls_x509_crt_get_expiration_time (certificate) - now < days * SP_DAY;
}

static gboolean
renew_authority (SpKeyStore *store, gint64 now, GError **error)
{
  Pair *authority = &store->authority;

  if (authority->certificate != NULL && !ends_within (authority->certificate, AUTHORITY_SOON, now))
    return TRUE;
  g_clear_pointer (&authority->certificate, sp_certificate_free);
  authority->certificate = sp_certificate_make_authority (authority->key, now, error);
  if (authority->certificate == NULL)
    return FALSE;
  sp_log (SP_LOG_NOTICE, "keys", "made a certificate of our own authority");
  return TRUE;
}

static const char *
find_reason_to_renew (SpKeyStore *store, const char *const *names, gint64 now)
{
  SpCertificate *server = store->server.certificate;

  if (server == NULL)
    return "there was none";
  if (ends_within (server, SP_CERTIFICATE_SOON, now))
    return "the old one ends soon";
  if (!sp_certificate_is_signed_by (server, store->authority.certificate))
    return "the old one is not our authority's";
  if (!sp_certificate_has_names (server, names))
    return "the old one lacks a name";
  return NULL;
}

/* The old one's names stay when none are asked for. */
static gboolean
renew_server (SpKeyStore *store, const char *const *names, gint64 now, GError **error)
{
  Pair *server = &store->server;
  const char *reason = find_reason_to_renew (store, names, now);
  g_auto (GStrv) old_names = NULL;

  if (reason == NULL)
    return TRUE;
  if (names[0] == NULL && server->certificate != NULL)
    old_names = sp_certificate_get_names (server->certificate);
  g_clear_pointer (&server->certificate, sp_certificate_free);
  server->certificate = sp_certificate_make_server (
      server->key, old_names != NULL ? (const char *const *) old_names : names,
      store->authority.certificate, store->authority.key, now, error);
  if (server->certificate == NULL)
    return FALSE;
  sp_log (SP_LOG_NOTICE, "keys", "made a server certificate: %s", reason);
  return TRUE;
}

static gboolean
write_certificates (SpKeyStore *store, GError **error)
{
  store->authority_bytes = sp_certificate_write (store->authority.certificate, error);
  if (store->authority_bytes == NULL)
    return FALSE;
  store->server_bytes = sp_certificate_write (store->server.certificate, error);
  if (store->server_bytes == NULL)
    return FALSE;
  if (g_bytes_get_size (store->authority_bytes) <= SP_CERTIFICATE_MAX &&
      g_bytes_get_size (store->server_bytes) <= SP_CERTIFICATE_MAX &&
      sp_certificate_get_pin (store->server.certificate, store->pin))
    return TRUE;
  g_set_error (error, SP_ERROR, SP_ERROR_CERTIFICATE_INVALID, "a certificate is too long");
  return FALSE;
}

SpKeyStore *
sp_key_store_open (SpDatabase *database, const char *const *names, gint64 now, GError **error)
{
  g_autoptr (SpKeyStore) store = g_new0 (SpKeyStore, 1);
  g_autoptr (SpTransaction) transaction = NULL;

  if (!sp_database_prepare (database, texts, N_STATEMENTS, store->statements, error) ||
      !load_pair (store, AUTHORITY, &store->authority, error) ||
      !load_pair (store, SERVER, &store->server, error) || !renew_authority (store, now, error) ||
      !renew_server (store, names, now, error) || !write_certificates (store, error))
    return NULL;
  transaction = sp_transaction_begin (database, error);
  if (transaction == NULL ||
      !store_pair (store, AUTHORITY, &store->authority, store->authority_bytes, error) ||
      !store_pair (store, SERVER, &store->server, store->server_bytes, error) ||
      !sp_transaction_commit (&transaction, error))
    return NULL;
  g_clear_pointer (&store->authority.key, sp_private_key_free);
  return g_steal_pointer (&store);
}

SpPrivateKey *
sp_key_store_get_server_key (SpKeyStore *store)
{
  return store->server.key;
}

GBytes *
sp_key_store_get_server (SpKeyStore *store)
{
  return store->server_bytes;
}

GBytes *
sp_key_store_get_authority (SpKeyStore *store)
{
  return store->authority_bytes;
}

const guint8 *
sp_key_store_get_pin (SpKeyStore *store)
{
  return store->pin;
}
