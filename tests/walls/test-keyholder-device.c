/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "keyholder-story.h"

#include "base/io.h"

#include <gnutls/pkcs12.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* The real program: devices, and the certificates that it makes for them. */

#define PHONE      1
#define PASSPHRASE "correct horse"

typedef struct
{
  gnutls_x509_privkey_t key;
  gnutls_x509_crt_t certificate;
  gnutls_x509_crt_t authority;
} Opened;

/* What an order gave. */
typedef struct
{
  SpDone done;
  char *text;
  guint64 not_after;
  GBytes *file;
  char *passphrase;
} Issued;

static void
issued_clear (Issued *issued)
{
  g_free (issued->text);
  g_free (issued->passphrase);
  g_bytes_unref (issued->file);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Issued, issued_clear)

static GBytes *
read_all (int fd)
{
  guint8 bytes[SP_DEVICE_FILE_MAX];
  ssize_t size = pread (fd, bytes, sizeof bytes, 0);

  g_assert_cmpint (size, >=, 0);
  return g_bytes_new (bytes, (gsize) size);
}

static SpIssueDevice
make_order (guint8 device, SpDeviceFormat format, SpPassphrase passphrase)
{
  SpIssueDevice order = { .format = (guint8) format,
                          .passphrase = (guint8) passphrase,
                          .days = 30,
                          .login_length = 4,
                          .name_length = 5 };

  order.device[0] = device;
  memset (order.user, ANNA, sizeof order.user);
  memcpy (order.login, "anna", 4);
  memcpy (order.name, "phone", 5);
  return order;
}

static Issued
issue (Room *room, const SpIssueDevice *order, const char *given)
{
  sp_autofd int file = memfd_create ("file", MFD_CLOEXEC);
  sp_autofd int passphrase = make_memfd (given, strlen (given));
  const int fds[] = { file, passphrase };
  SpDeviceIssued answer;
  g_autoptr (GBytes) made = NULL;

  room_question (room, SP_MESSAGE_ISSUE_DEVICE, order, fds, 2);
  room_receive (room, SP_MESSAGE_DEVICE_ISSUED, &answer);
  made = read_all (passphrase);
  return (Issued){ .done = answer.done,
                   .text = g_strndup ((const char *) answer.text, answer.text_length),
                   .not_after = answer.not_after,
                   .file = read_all (file),
                   .passphrase =
                       g_bytes_get_size (made) == 0
                           ? g_strdup ("")
                           : g_strndup (g_bytes_get_data (made, NULL), g_bytes_get_size (made)) };
}

static int
parse_archive (GBytes *file, const char *passphrase, Opened *opened)
{
  gsize size;
  gnutls_datum_t datum = { (guint8 *) g_bytes_get_data (file, &size), (unsigned) size };
  gnutls_pkcs12_t archive;
  gnutls_x509_crt_t *chain = NULL;
  unsigned length = 0;
  int code;

  g_assert_cmpint (gnutls_pkcs12_init (&archive), ==, 0);
  g_assert_cmpint (gnutls_pkcs12_import (archive, &datum, GNUTLS_X509_FMT_DER, 0), ==, 0);
  code = gnutls_pkcs12_verify_mac (archive, passphrase);
  if (code == 0)
    code = gnutls_pkcs12_simple_parse (archive, passphrase, &opened->key, &chain, &length, NULL,
                                       NULL, NULL, GNUTLS_PKCS12_SP_INCLUDE_SELF_SIGNED);
  gnutls_pkcs12_deinit (archive);
  if (code < 0)
    return code;
  g_assert_cmpuint (length, ==, 2);
  opened->certificate = chain[0];
  opened->authority = chain[1];
  gnutls_free (chain);
  return 0;
}

static void
opened_clear (Opened *opened)
{
  gnutls_x509_privkey_deinit (opened->key);
  gnutls_x509_crt_deinit (opened->certificate);
  gnutls_x509_crt_deinit (opened->authority);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Opened, opened_clear)

static void
expect_purpose (gnutls_x509_crt_t certificate)
{
  char purpose[64];
  gsize size = sizeof purpose;
  unsigned usage;
  unsigned critical;

  g_assert_cmpint (gnutls_x509_crt_get_key_purpose_oid (certificate, 0, purpose, &size, &critical),
                   >=, 0);
  g_assert_cmpstr (purpose, ==, GNUTLS_KP_TLS_WWW_CLIENT);
  size = sizeof purpose;
  g_assert_cmpint (gnutls_x509_crt_get_key_purpose_oid (certificate, 1, purpose, &size, &critical),
                   ==, GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE);
  g_assert_cmpint (gnutls_x509_crt_get_key_usage (certificate, &usage, &critical), ==, 0);
  g_assert_cmpuint (usage, ==, GNUTLS_KEY_DIGITAL_SIGNATURE);
  g_assert_cmpint (gnutls_x509_crt_get_ca_status (certificate, &critical), ==, 0);
}

static void
expect_good (const Opened *opened, guint64 not_after)
{
  g_autofree char *name = g_malloc0 (128);
  gsize size = 128;
  unsigned failures = 0;
  guint8 ids[2][20];
  gsize id_size = 20;

  g_assert_cmpint (gnutls_x509_crt_verify (opened->certificate,
                                           (gnutls_x509_crt_t *) &opened->authority, 1, 0,
                                           &failures),
                   ==, 0);
  g_assert_cmpuint (failures, ==, 0);
  g_assert_cmpint (gnutls_x509_crt_get_dn (opened->certificate, name, &size), ==, 0);
  g_assert_cmpstr (name, ==, "CN=anna (phone),UID=anna");
  g_assert_cmpint (gnutls_x509_crt_get_expiration_time (opened->certificate), ==,
                   (gint64) not_after / G_USEC_PER_SEC);
  g_assert_cmpint (gnutls_x509_crt_get_key_id (opened->certificate, 0, ids[0], &id_size), ==, 0);
  g_assert_cmpint (gnutls_x509_privkey_get_key_id (opened->key, 0, ids[1], &id_size), ==, 0);
  g_assert_cmpmem (ids[0], 20, ids[1], 20);
  expect_purpose (opened->certificate);
}

static void
test_archives (Story *story, gconstpointer data)
{
  for (guint i = SP_DEVICE_PKCS12; i <= SP_DEVICE_PKCS12_AES; i++)
    {
      const SpIssueDevice made = make_order ((guint8) (2 * i + 1), i, SP_PASSPHRASE_MADE);
      const SpIssueDevice given = make_order ((guint8) (2 * i + 2), i, SP_PASSPHRASE_GIVEN);
      g_auto (Issued) first = issue (story->room, &made, "");
      g_auto (Issued) second = issue (story->room, &given, PASSPHRASE "\n");
      g_auto (Opened) opened = { NULL, NULL, NULL };
      g_auto (Opened) other = { NULL, NULL, NULL };

      g_assert_cmpstr (first.text, ==, "");
      g_assert_cmpuint (strlen (first.passphrase), ==, 23);
      g_assert_cmpint (parse_archive (first.file, first.passphrase, &opened), ==, 0);
      expect_good (&opened, first.not_after);
      g_assert_cmpint (parse_archive (second.file, "wrong horse", &other), <, 0);
      g_assert_cmpint (parse_archive (second.file, PASSPHRASE, &other), ==, 0);
      expect_good (&other, second.not_after);
    }
}

/* With the tools that people have, too. */
static void
test_openssl_reads_them (Story *story, gconstpointer data)
{
  g_autofree char *openssl = g_find_program_in_path ("openssl");

  if (openssl == NULL)
    {
      g_test_skip ("there is no openssl");
      return;
    }
  for (guint i = SP_DEVICE_PKCS12; i <= SP_DEVICE_PKCS12_AES; i++)
    {
      const SpIssueDevice order = make_order ((guint8) (i + 1), i, SP_PASSPHRASE_MADE);
      g_auto (Issued) issued = issue (story->room, &order, "");
      g_autofree char *path = g_build_filename (story->room->folder, "client.p12", NULL);
      g_autofree char *word = g_strconcat ("pass:", issued.passphrase, NULL);
      const char *const command[] = { openssl,  "pkcs12",  "-in", path,
                                      "-noout", "-passin", word,  NULL };
      gsize size;
      const char *bytes = g_bytes_get_data (issued.file, &size);
      int status;

      g_assert_true (g_file_set_contents (path, bytes, (gssize) size, NULL));
      g_assert_true (g_spawn_sync (NULL, (char **) command, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL,
                                   NULL, &status, NULL));
      g_assert_cmpint (status, ==, 0);
      g_assert_no_errno (unlink (path));
    }
}

static void
test_pem (Story *story, gconstpointer data)
{
  const SpIssueDevice open = make_order (1, SP_DEVICE_PEM, SP_PASSPHRASE_NONE);
  const SpIssueDevice closed = make_order (2, SP_DEVICE_PEM, SP_PASSPHRASE_GIVEN);
  g_auto (Issued) first = issue (story->room, &open, "");
  g_auto (Issued) second = issue (story->room, &closed, PASSPHRASE);
  g_autofree char *plain =
      g_strndup (g_bytes_get_data (first.file, NULL), g_bytes_get_size (first.file));
  g_autofree char *encrypted =
      g_strndup (g_bytes_get_data (second.file, NULL), g_bytes_get_size (second.file));

  g_assert_true (g_str_has_prefix (plain, "-----BEGIN PRIVATE KEY-----"));
  g_assert_true (g_str_has_prefix (encrypted, "-----BEGIN ENCRYPTED PRIVATE KEY-----"));
  g_assert_nonnull (strstr (plain, "-----END CERTIFICATE-----\n-----BEGIN CERTIFICATE-----"));
  g_assert_cmpuint (strlen (first.passphrase), ==, 0);
}

static void
expect_refused (Room *room, SpIssueDevice order, const char *given, SpDone done, const char *text)
{
  g_auto (Issued) issued = issue (room, &order, given);

  g_assert_cmpstr (issued.text, ==, text);
  g_assert_cmpint (issued.done, ==, done);
  g_assert_cmpuint (g_bytes_get_size (issued.file), ==, 0);
}

static void
test_refusals (Story *story, gconstpointer data)
{
  Room *room = story->room;
  SpIssueDevice order = make_order (PHONE, SP_DEVICE_PKCS12, SP_PASSPHRASE_NONE);

  expect_refused (room, order, "", SP_DONE_INVALID, "the file needs a passphrase");
  order.passphrase = SP_PASSPHRASE_GIVEN;
  expect_refused (room, order, "seven77", SP_DONE_INVALID,
                  "a passphrase has 8 to 127 bytes of text");
  expect_refused (room, order, "not text\xff", SP_DONE_INVALID,
                  "a passphrase has 8 to 127 bytes of text");
  order.days = 3651;
  expect_refused (room, order, PASSPHRASE, SP_DONE_INVALID,
                  "a certificate is good for 1 to 3650 days");
  order.days = 1;
  order.format = SP_DEVICE_FORMAT_LAST + 1;
  expect_refused (room, order, PASSPHRASE, SP_DONE_INVALID, "there is no such format");
  order.format = SP_DEVICE_PKCS12;
  order.renew = 1;
  expect_refused (room, order, PASSPHRASE, SP_DONE_NOT_FOUND, "there is no such device");
}

/* A key that nobody has any more is not to be found where the keyholder stores things. */
static void
test_key_is_not_kept (Story *story, gconstpointer data)
{
  const SpIssueDevice order = make_order (PHONE, SP_DEVICE_PKCS12_AES, SP_PASSPHRASE_GIVEN);
  g_auto (Issued) issued = issue (story->room, &order, PASSPHRASE);
  g_auto (Opened) opened = { NULL, NULL, NULL };
  static const char *const files[] = { "keyholder.db", "keyholder.db-wal" };
  gnutls_datum_t k;
  gnutls_ecc_curve_t curve;

  g_assert_cmpint (parse_archive (issued.file, PASSPHRASE, &opened), ==, 0);
  g_assert_cmpint (gnutls_x509_privkey_export_ecc_raw (opened.key, &curve, NULL, NULL, &k), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = g_build_filename (story->room->folder, files[i], NULL);
      g_autofree char *bytes = NULL;
      gsize size;

      g_assert_true (g_file_get_contents (path, &bytes, &size, NULL));
      g_assert_null (memmem (bytes, size, k.data + k.size - 16, 16));
      g_assert_null (memmem (bytes, size, PASSPHRASE, strlen (PASSPHRASE)));
    }
  gnutls_free (k.data);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD_ANNA ("device/archives", test_archives);
  ADD_ANNA ("device/openssl-reads-them", test_openssl_reads_them);
  ADD_ANNA ("device/pem", test_pem);
  ADD_ANNA ("device/refusals", test_refusals);
  ADD_ANNA ("device/key-is-not-kept", test_key_is_not_kept);
  return g_test_run ();
}
