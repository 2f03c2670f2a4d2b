/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "key-store.h"

#include "base/error.h"

#include <glib/gstdio.h>
#include <sqlite3.h>
#include <string.h>

#define NOW  G_GINT64_CONSTANT (1700000000)
#define DAYS *SP_DAY

typedef struct
{
  char *folder;
  char *file;
} Fixture;

/* What the store gave out when it was opened once. */
typedef struct
{
  SpCertificate *server;
  SpCertificate *authority;
  GBytes *server_bytes;
  guint8 pin[SP_PIN_SIZE];
} Opened;

static const char *const no_names[] = { NULL };
static const char *const names[] = { "vpn.example.net", "192.0.2.1", "2001:db8::1", NULL };
static const char *const fewer[] = { "192.0.2.1", NULL };
static const char *const other[] = { "other.example.net", "vpn.example.net", NULL };

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = g_dir_make_tmp ("keys-XXXXXX", NULL);
  fixture->file = g_build_filename (fixture->folder, "test.db", NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_assert_no_errno (g_unlink (fixture->file));
  g_assert_no_errno (g_rmdir (fixture->folder));
  g_free (fixture->folder);
  g_free (fixture->file);
}

static void
opened_clear (Opened *opened)
{
  sp_certificate_free (opened->server);
  sp_certificate_free (opened->authority);
  g_bytes_unref (opened->server_bytes);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Opened, opened_clear)

static SpCertificate *
read_certificate (GBytes *bytes)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);
  SpCertificate *certificate = sp_certificate_read (data, size, NULL);

  g_assert_nonnull (certificate);
  return certificate;
}

static Opened
open_at (Fixture *fixture, const char *const *wanted, gint64 now)
{
  g_autoptr (SpDatabase) database = sp_database_open (fixture->file, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (SpKeyStore) store = sp_key_store_open (database, wanted, now, &error);
  Opened opened;

  g_assert_no_error (error);
  opened.server_bytes = g_bytes_ref (sp_key_store_get_server (store));
  opened.server = read_certificate (opened.server_bytes);
  opened.authority = read_certificate (sp_key_store_get_authority (store));
  memcpy (opened.pin, sp_key_store_get_pin (store), SP_PIN_SIZE);
  g_assert_true (sp_certificate_is_of_key (opened.server, sp_key_store_get_server_key (store)));
  g_assert_true (sp_certificate_is_signed_by (opened.server, opened.authority));
  return opened;
}

static guint
get_usage (SpCertificate *certificate)
{
  unsigned usage = 0;

  g_assert_cmpint (gnutls_x509_crt_get_key_usage (certificate, &usage, NULL), ==, 0);
  return usage;
}

static void
test_first (Fixture *fixture, gconstpointer data)
{
  g_auto (Opened) opened = open_at (fixture, names, NOW);
  unsigned critical = 0;
  unsigned bits = 0;
  char purpose[64];
  gsize size = sizeof purpose;

  g_assert_cmpint (gnutls_x509_crt_get_ca_status (opened.authority, &critical), ==, 1);
  g_assert_cmpuint (critical, ==, 1);
  g_assert_cmpuint (get_usage (opened.authority), ==, GNUTLS_KEY_KEY_CERT_SIGN);
  g_assert_cmpint (gnutls_x509_crt_get_expiration_time (opened.authority), ==,
                   NOW + SP_AUTHORITY_DAYS DAYS);
  g_assert_cmpint (gnutls_x509_crt_get_pk_algorithm (opened.authority, &bits), ==, GNUTLS_PK_ECDSA);
  g_assert_cmpuint (bits, ==, 256);

  g_assert_cmpint (gnutls_x509_crt_get_ca_status (opened.server, NULL), ==, 0);
  g_assert_cmpuint (get_usage (opened.server), ==, GNUTLS_KEY_DIGITAL_SIGNATURE);
  g_assert_cmpint (gnutls_x509_crt_get_key_purpose_oid (opened.server, 0, purpose, &size, NULL), ==,
                   0);
  g_assert_cmpstr (purpose, ==, GNUTLS_KP_TLS_WWW_SERVER);
  g_assert_cmpint (gnutls_x509_crt_get_expiration_time (opened.server), ==,
                   NOW + SP_SERVER_DAYS DAYS);
  g_assert_cmpint (gnutls_x509_crt_get_activation_time (opened.server), ==, NOW - 1 DAYS);
  g_assert_cmpint (gnutls_x509_crt_get_pk_algorithm (opened.server, &bits), ==, GNUTLS_PK_ECDSA);
  g_assert_cmpuint (bits, ==, 256);
  g_assert_false (sp_certificate_is_signed_by (opened.authority, opened.server));
}

static void
test_names (Fixture *fixture, gconstpointer data)
{
  g_auto (Opened) opened = open_at (fixture, names, NOW);
  g_auto (GStrv) present = sp_certificate_get_names (opened.server);

  g_assert_true (g_strv_equal ((const char *const *) present, names));
}

/* Opening once more changes the certificate only for a reason, and the pin for none. */
static void
test_renewal (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *const *wanted;
    gint64 days;
    gboolean renewed;
    const char *const *names; /* those that it has afterwards */
  } cases[] = {
    { names, 1, FALSE, names },
    { no_names, 1, FALSE, names },
    { fewer, 1, FALSE, names },
    { other, 1, TRUE, other },
    { names, SP_SERVER_DAYS - SP_CERTIFICATE_SOON, FALSE, names },
    { names, SP_SERVER_DAYS - SP_CERTIFICATE_SOON + 1, TRUE, names },
    { no_names, SP_SERVER_DAYS - SP_CERTIFICATE_SOON + 1, TRUE, names },
    { fewer, SP_SERVER_DAYS + 500, TRUE, fewer },
    { names, -5000, FALSE, names }, /* a clock that was not set yet */
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      int removed = g_unlink (fixture->file); /* each with keys of its own */
      g_auto (Opened) first = open_at (fixture, names, NOW);
      g_auto (Opened) second = open_at (fixture, cases[i].wanted, NOW + cases[i].days DAYS);
      g_auto (GStrv) present = sp_certificate_get_names (second.server);

      g_test_message ("case %u", i);
      g_assert_cmpint (removed, ==, i == 0 ? -1 : 0);
      g_assert_cmpint (g_bytes_equal (first.server_bytes, second.server_bytes), ==,
                       !cases[i].renewed);
      g_assert_cmpmem (first.pin, SP_PIN_SIZE, second.pin, SP_PIN_SIZE);
      g_assert_true (g_strv_equal ((const char *const *) present, cases[i].names));
    }
}

/* While the store is open: what it gives out is the new one, and the next opening finds it. */
static void
test_renewal_while_open (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *const *wanted;
    SpRenew when;
    gint64 days;
    gboolean renewed;
    const char *const *names;
  } steps[] = {
    { names, SP_RENEW_IF_NEEDED, 0, FALSE, names },
    { no_names, SP_RENEW_ALWAYS, 0, TRUE, names },
    { fewer, SP_RENEW_IF_NEEDED, 0, FALSE, names },
    { fewer, SP_RENEW_ALWAYS, 0, TRUE, fewer },
    { other, SP_RENEW_IF_NEEDED, 1, TRUE, other },
    { no_names, SP_RENEW_IF_NEEDED, SP_SERVER_DAYS - SP_CERTIFICATE_SOON, FALSE, other },
    { no_names, SP_RENEW_IF_NEEDED, SP_SERVER_DAYS - SP_CERTIFICATE_SOON + 2, TRUE, other },
  };
  g_autoptr (SpDatabase) database = sp_database_open (fixture->file, NULL);
  g_autoptr (SpKeyStore) store = sp_key_store_open (database, names, NOW, NULL);
  g_autoptr (SpKeyStore) again = NULL;
  guint8 pin[SP_PIN_SIZE];

  memcpy (pin, sp_key_store_get_pin (store), sizeof pin);
  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      g_autoptr (GBytes) before = g_bytes_ref (sp_key_store_get_server (store));
      g_auto (GStrv) present = NULL;
      gboolean renewed = !steps[i].renewed;

      g_test_message ("step %u", i);
      g_assert_true (sp_key_store_renew (store, steps[i].wanted, steps[i].when,
                                         NOW + steps[i].days DAYS, &renewed, NULL));
      g_assert_cmpint (renewed, ==, steps[i].renewed);
      g_assert_cmpint (g_bytes_equal (before, sp_key_store_get_server (store)), ==, !renewed);
      g_assert_cmpmem (pin, sizeof pin, sp_key_store_get_pin (store), SP_PIN_SIZE);
      present = sp_certificate_get_names (sp_key_store_get_server_certificate (store));
      g_assert_true (g_strv_equal ((const char *const *) present, steps[i].names));
      g_assert_true (sp_certificate_is_signed_by (sp_key_store_get_server_certificate (store),
                                                  sp_key_store_get_authority_certificate (store)));
    }
  again = sp_key_store_open (database, no_names, NOW, NULL);
  g_assert_true (g_bytes_equal (sp_key_store_get_server (store), sp_key_store_get_server (again)));
}

/* The authority's own renewal: for those who trust the old certificate, the new server's is good as
 * long as that lives. */
static void
test_authority_renewal (Fixture *fixture, gconstpointer data)
{
  gint64 late = NOW + (SP_AUTHORITY_DAYS - SP_SERVER_DAYS) DAYS;
  g_auto (Opened) first = open_at (fixture, names, NOW);
  g_auto (Opened) second = open_at (fixture, names, late);

  g_assert_cmpint (gnutls_x509_crt_get_expiration_time (second.authority), ==,
                   MIN (late + SP_AUTHORITY_DAYS DAYS, SP_TIME_LAST));
  g_assert_true (sp_certificate_is_signed_by (second.server, first.authority));
  g_assert_cmpmem (first.pin, SP_PIN_SIZE, second.pin, SP_PIN_SIZE);
}

static void
test_two_installations (Fixture *fixture, gconstpointer data)
{
  Fixture elsewhere;

  set_up (&elsewhere, NULL);
  {
    g_auto (Opened) first = open_at (fixture, names, NOW);
    g_auto (Opened) second = open_at (&elsewhere, names, NOW);
    char one[128];
    char two[128];
    gsize one_size = sizeof one;
    gsize two_size = sizeof two;

    g_assert_cmpint (gnutls_x509_crt_get_dn (first.authority, one, &one_size), ==, 0);
    g_assert_cmpint (gnutls_x509_crt_get_dn (second.authority, two, &two_size), ==, 0);
    g_assert_cmpstr (one, !=, two);
    g_assert_false (sp_certificate_is_signed_by (first.server, second.authority));
  }
  tear_down (&elsewhere, NULL);
}

static void
test_damaged (Fixture *fixture, gconstpointer data)
{
  static const char *const damages[] = {
    "UPDATE keys SET certificate = x'3000' WHERE name = 'server'",
    "UPDATE keys SET private_key = x'00' WHERE name = 'authority'",
    "UPDATE keys SET private_key = (SELECT private_key FROM keys WHERE name = 'authority')",
  };

  for (guint i = 0; i < G_N_ELEMENTS (damages); i++)
    {
      g_autoptr (SpDatabase) database = NULL;
      g_autoptr (GError) error = NULL;
      sqlite3 *handle;
      Opened opened;

      (void) g_unlink (fixture->file);
      opened = open_at (fixture, names, NOW);
      opened_clear (&opened);
      g_assert_cmpint (sqlite3_open (fixture->file, &handle), ==, SQLITE_OK);
      g_assert_cmpint (sqlite3_exec (handle, damages[i], NULL, NULL, NULL), ==, SQLITE_OK);
      g_assert_cmpint (sqlite3_close (handle), ==, SQLITE_OK);
      database = sp_database_open (fixture->file, NULL);
      g_assert_null (sp_key_store_open (database, names, NOW, &error));
      g_assert_error (error, SP_ERROR, SP_ERROR_CERTIFICATE_INVALID);
    }
}

static void
test_name_syntax (void)
{
  static const struct
  {
    const char *bytes;
    gsize size;
    const char *usable[4];
  } cases[] = {
    { "", 0, { NULL } },
    { "a.example", 10, { "a.example" } },
    { "a.example\000b_c\000*.d.e", 20, { "a.example", "b_c", "*.d.e" } },
    { "192.0.2.1\000::1", 14, { "192.0.2.1", "::1" } },
    { "\000\000x", 4, { "x" } },
    { "two words", 10, { NULL } },
    { "a..b", 5, { NULL } },
    { "-a", 3, { NULL } },
    { "a-", 3, { NULL } },
    { "*", 2, { NULL } },
    { "a.*.b", 6, { NULL } },
    { "m\xc3\xbcnchen", 9, { NULL } },
    { "192.0.2.1/24", 13, { NULL } },
    { "(none)\000good", 12, { "good" } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (GStrv) read =
          sp_certificate_names_read ((const guint8 *) cases[i].bytes, cases[i].size, NULL);

      g_test_message ("case %u", i);
      g_assert_true (g_strv_equal ((const char *const *) read, cases[i].usable));
    }
}

static void
test_name_without_end (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (sp_certificate_names_read ((const guint8 *) "a.example", 9, &error));
  g_assert_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function)                                                                        \
  g_test_add ("/key-store/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("first", test_first);
  ADD ("names", test_names);
  ADD ("renewal", test_renewal);
  ADD ("renewal-while-open", test_renewal_while_open);
  ADD ("authority-renewal", test_authority_renewal);
  ADD ("two-installations", test_two_installations);
  ADD ("damaged", test_damaged);
  g_test_add_func ("/key-store/name-syntax", test_name_syntax);
  g_test_add_func ("/key-store/name-without-end", test_name_without_end);
  return g_test_run ();
}
