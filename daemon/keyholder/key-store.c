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
  SpDatabase *database;
  SpStatement *statements[N_STATEMENTS];
  Pair server;
  SpCertificate *authority;
  GBytes *authority_bytes;
  GBytes *server_bytes;
  guint8 pin[SP_PIN_SIZE];
};

/* The keys while certificates are made anew. */
typedef struct
{
  Pair authority;
  Pair server;
  GBytes *authority_bytes;
  GBytes *server_bytes;
  guint8 pin[SP_PIN_SIZE];
  gboolean changed;
} Renewal;

static void
pair_clear (Pair *pair)
{
  g_clear_pointer (&pair->key, sp_private_key_free);
  g_clear_pointer (&pair->certificate, sp_certificate_free);
}

static void
renewal_clear (Renewal *renewal)
{
  pair_clear (&renewal->authority);
  pair_clear (&renewal->server);
  g_clear_pointer (&renewal->authority_bytes, g_bytes_unref);
  g_clear_pointer (&renewal->server_bytes, g_bytes_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Renewal, renewal_clear)

void
sp_key_store_free (SpKeyStore *store)
{
  if (store == NULL)
    return;
  pair_clear (&store->server);
  sp_certificate_free (store->authority);
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
renew_authority (Renewal *renewal, gint64 now, GError **error)
{
  Pair *authority = &renewal->authority;

  if (authority->certificate != NULL && !ends_within (authority->certificate, AUTHORITY_SOON, now))
    return TRUE;
  g_clear_pointer (&authority->certificate, sp_certificate_free);
  authority->certificate = sp_certificate_make_authority (authority->key, now, error);
  if (authority->certificate == NULL)
    return FALSE;
  renewal->changed = TRUE;
  sp_log (SP_LOG_NOTICE, "keys", "made a certificate of our own authority");
  return TRUE;
}

static const char *
find_reason_to_renew (const Renewal *renewal, const char *const *names, SpRenew when, gint64 now)
{
  SpCertificate *server = renewal->server.certificate;

  if (server == NULL)
    return "there was none";
  if (ends_within (server, SP_CERTIFICATE_SOON, now))
    return "the old one ends soon";
  if (!sp_certificate_is_signed_by (server, renewal->authority.certificate))
    return "the old one is not our authority's";
  if (!sp_certificate_has_names (server, names))
    return "the old one lacks a name";
  return when == SP_RENEW_ALWAYS ? "it was asked for" : NULL;
}

/* The old one's names stay when none are asked for. */
static gboolean
renew_server (Renewal *renewal, const char *const *names, SpRenew when, gint64 now, GError **error)
{
  Pair *server = &renewal->server;
  const char *reason = find_reason_to_renew (renewal, names, when, now);
  g_auto (GStrv) old_names = NULL;

  if (reason == NULL)
    return TRUE;
  if (names[0] == NULL && server->certificate != NULL)
    old_names = sp_certificate_get_names (server->certificate);
  g_clear_pointer (&server->certificate, sp_certificate_free);
  server->certificate = sp_certificate_make_server (
      server->key, old_names != NULL ? (const char *const *) old_names : names,
      renewal->authority.certificate, renewal->authority.key, now, error);
  if (server->certificate == NULL)
    return FALSE;
  renewal->changed = TRUE;
  sp_log (SP_LOG_NOTICE, "keys", "made a server certificate: %s", reason);
  return TRUE;
}

/* Writes it and reads it again: of one that it has just made, GnuTLS does not tell the names. */
static GBytes *
write_certificate (Pair *pair, GError **error)
{
  g_autoptr (GBytes) bytes = sp_certificate_write (pair->certificate, error);

  if (bytes == NULL)
    return NULL;
  g_clear_pointer (&pair->certificate, sp_certificate_free);
  pair->certificate =
      sp_certificate_read (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), error);
  return pair->certificate != NULL ? g_steal_pointer (&bytes) : NULL;
}

static gboolean
write_certificates (Renewal *renewal, GError **error)
{
  renewal->authority_bytes = write_certificate (&renewal->authority, error);
  if (renewal->authority_bytes == NULL)
    return FALSE;
  renewal->server_bytes = write_certificate (&renewal->server, error);
  if (renewal->server_bytes == NULL)
    return FALSE;
  if (g_bytes_get_size (renewal->authority_bytes) <= SP_CERTIFICATE_MAX &&
      g_bytes_get_size (renewal->server_bytes) <= SP_CERTIFICATE_MAX &&
      sp_certificate_get_pin (renewal->server.certificate, renewal->pin))
    return TRUE;
  g_set_error (error, SP_ERROR, SP_ERROR_CERTIFICATE_INVALID, "a certificate is too long");
  return FALSE;
}

static gboolean
store_renewal (SpKeyStore *store, const Renewal *renewal, GError **error)
{
  g_autoptr (SpTransaction) transaction = sp_transaction_begin (store->database, SP_DURABLE, error);

  return transaction != NULL &&
         store_pair (store, AUTHORITY, &renewal->authority, renewal->authority_bytes, error) &&
         store_pair (store, SERVER, &renewal->server, renewal->server_bytes, error) &&
         sp_transaction_commit (&transaction, error);
}

/* The authority's key goes with the renewal. */
static void
take_over (SpKeyStore *store, Renewal *renewal)
{
  pair_clear (&store->server);
  g_clear_pointer (&store->authority, sp_certificate_free);
  g_clear_pointer (&store->authority_bytes, g_bytes_unref);
  g_clear_pointer (&store->server_bytes, g_bytes_unref);
  store->server.key = g_steal_pointer (&renewal->server.key);
  store->server.certificate = g_steal_pointer (&renewal->server.certificate);
  store->authority = g_steal_pointer (&renewal->authority.certificate);
  store->authority_bytes = g_steal_pointer (&renewal->authority_bytes);
  store->server_bytes = g_steal_pointer (&renewal->server_bytes);
  memcpy (store->pin, renewal->pin, SP_PIN_SIZE);
}

gboolean
sp_key_store_renew (SpKeyStore *store,
                    const char *const *names,
                    SpRenew when,
                    gint64 now,
                    gboolean *ret_renewed,
                    GError **error)
{
  g_auto (Renewal) renewal = { 0 };

  if (!load_pair (store, AUTHORITY, &renewal.authority, error) ||
      !load_pair (store, SERVER, &renewal.server, error) ||
      !renew_authority (&renewal, now, error) ||
      !renew_server (&renewal, names, when, now, error) || !write_certificates (&renewal, error) ||
      (renewal.changed && !store_renewal (store, &renewal, error)))
    return FALSE;
  take_over (store, &renewal);
  *ret_renewed = renewal.changed;
  return TRUE;
}

SpKeyStore *
sp_key_store_open (SpDatabase *database, const char *const *names, gint64 now, GError **error)
{
  g_autoptr (SpKeyStore) store = g_new0 (SpKeyStore, 1);
  gboolean renewed;

  store->database = database;
  if (!sp_database_prepare (database, texts, N_STATEMENTS, store->statements, error) ||
      !sp_key_store_renew (store, names, SP_RENEW_IF_NEEDED, now, &renewed, error))
    return NULL;
  return g_steal_pointer (&store);
}

SpCertificate *
sp_key_store_issue (SpKeyStore *store,
                    SpPrivateKey *key,
                    const char *login,
                    const char *name,
                    guint32 days,
                    gint64 now,
                    GError **error)
{
  Pair authority = { NULL, NULL };
  SpCertificate *certificate = NULL;

  if (load_pair (store, AUTHORITY, &authority, error))
    certificate = sp_certificate_make_client (key, login, name, days, authority.certificate,
                                              authority.key, now, error);
  pair_clear (&authority);
  return certificate;
}

SpCertificate *
sp_key_store_issue_signer (
    SpKeyStore *store, SpPrivateKey *key, guint32 days, gint64 now, GError **error)
{
  Pair authority = { NULL, NULL };
  SpCertificate *certificate = NULL;

  if (load_pair (store, AUTHORITY, &authority, error))
    certificate =
        sp_certificate_make_signer (key, days, authority.certificate, authority.key, now, error);
  pair_clear (&authority);
  return certificate;
}

SpPrivateKey *
sp_key_store_get_server_key (SpKeyStore *store)
{
  return store->server.key;
}

SpCertificate *
sp_key_store_get_server_certificate (SpKeyStore *store)
{
  return store->server.certificate;
}

SpCertificate *
sp_key_store_get_authority_certificate (SpKeyStore *store)
{
  return store->authority;
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
