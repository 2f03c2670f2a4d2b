/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "keyholder-story.h"

#include "base/io.h"

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
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
  guint8 fingerprint[SP_FINGERPRINT_SIZE];
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
  Issued issued;

  room_question (room, SP_MESSAGE_ISSUE_DEVICE, order, fds, 2);
  room_receive (room, SP_MESSAGE_DEVICE_ISSUED, &answer);
  made = read_all (passphrase);
  issued = (Issued){ .done = answer.done,
                     .text = g_strndup ((const char *) answer.text, answer.text_length),
                     .not_after = answer.not_after,
                     .file = read_all (file),
                     .passphrase =
                         g_bytes_get_size (made) == 0
                             ? g_strdup ("")
                             : g_strndup (g_bytes_get_data (made, NULL), g_bytes_get_size (made)) };
  memcpy (issued.fingerprint, answer.fingerprint, SP_FINGERPRINT_SIZE);
  return issued;
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
expect_good (const Opened *opened, const Issued *issued)
{
  g_autofree char *name = g_malloc0 (128);
  gsize size = 128;
  unsigned failures = 0;
  guint8 ids[2][20];
  gsize id_size = 20;
  guint8 fingerprint[SP_FINGERPRINT_SIZE];
  gsize fingerprint_size = sizeof fingerprint;

  g_assert_cmpint (gnutls_x509_crt_get_fingerprint (opened->certificate, GNUTLS_DIG_SHA256,
                                                    fingerprint, &fingerprint_size),
                   ==, 0);
  g_assert_cmpmem (fingerprint, fingerprint_size, issued->fingerprint, SP_FINGERPRINT_SIZE);
  g_assert_cmpint (gnutls_x509_crt_verify (opened->certificate,
                                           (gnutls_x509_crt_t *) &opened->authority, 1, 0,
                                           &failures),
                   ==, 0);
  g_assert_cmpuint (failures, ==, 0);
  g_assert_cmpint (gnutls_x509_crt_get_dn (opened->certificate, name, &size), ==, 0);
  g_assert_cmpstr (name, ==, "CN=anna (phone),UID=anna");
  g_assert_cmpint (gnutls_x509_crt_get_expiration_time (opened->certificate), ==,
                   (gint64) issued->not_after / G_USEC_PER_SEC);
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
      expect_good (&opened, &first);
      g_assert_cmpint (parse_archive (second.file, "wrong horse", &other), <, 0);
      g_assert_cmpint (parse_archive (second.file, PASSPHRASE, &other), ==, 0);
      expect_good (&other, &second);
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

/* --- who shows one --- */

static void
add_message (GByteArray *handshake, guint8 type, gconstpointer body, gsize size)
{
  const guint8 header[] = { type, (guint8) (size >> 16), (guint8) (size >> 8), (guint8) size };

  g_byte_array_append (handshake, header, sizeof header);
  g_byte_array_append (handshake, body, (guint) size);
}

/* What a side signs of its handshake (RFC 8446 4.4.3); `content` has room for it. */
static guint16
fill_content (guint8 *content, const char *context, const GByteArray *handshake)
{
  gsize prefix = 64 + strlen (context) + 1;

  memset (content, ' ', 64);
  memcpy (content + 64, context, strlen (context) + 1);
  g_assert_cmpint (
      gnutls_hash_fast (GNUTLS_DIG_SHA256, handshake->data, handshake->len, content + prefix), ==,
      0);
  return (guint16) (prefix + 32);
}

/* The worker's connection has its signature, for a handshake of which only the order is real. */
static GByteArray *
begin_handshake (Worker *worker, const char *hello)
{
  static const guint8 server[] = { 2, 8, 13, 11 };
  GByteArray *handshake = g_byte_array_new ();
  SpSignVerify question = { 0 };
  SpSignedVerify answer;

  add_message (handshake, 1, hello, strlen (hello));
  for (guint i = 0; i < G_N_ELEMENTS (server); i++)
    add_message (handshake, server[i], "words", 5);
  question.content_length =
      fill_content (question.content, "TLS 1.3, server CertificateVerify", handshake);
  worker_send (worker, SP_MESSAGE_SIGN_VERIFY, &question);
  worker_receive (worker, SP_MESSAGE_SIGNED_VERIFY, &answer);
  g_assert_cmpuint (answer.signature_length, >, 0);
  return handshake;
}

static void
add_signature (GByteArray *handshake, gnutls_x509_privkey_t key)
{
  guint8 content[SP_CERTIFICATE_VERIFY_MAX];
  gnutls_datum_t data = { content,
                          fill_content (content, "TLS 1.3, client CertificateVerify", handshake) };
  gnutls_datum_t signature = { NULL, 0 };
  gnutls_privkey_t signer;
  g_autoptr (GByteArray) body = g_byte_array_new ();

  g_assert_cmpint (gnutls_privkey_init (&signer), ==, 0);
  g_assert_cmpint (gnutls_privkey_import_x509 (signer, key, 0), ==, 0);
  g_assert_cmpint (
      gnutls_privkey_sign_data2 (signer, GNUTLS_SIGN_ECDSA_SHA256, 0, &data, &signature), ==, 0);
  g_byte_array_append (body, (const guint8[]){ 4, 3, 0, (guint8) signature.size }, 4);
  g_byte_array_append (body, signature.data, signature.size);
  add_message (handshake, 15, body->data, body->len);
  gnutls_free (signature.data);
  gnutls_privkey_deinit (signer);
}

/* The client's part, with this certificate and that key. */
static void
end_handshake (GByteArray *handshake, const gnutls_datum_t *der, gnutls_x509_privkey_t key)
{
  g_autoptr (GByteArray) body = g_byte_array_new ();
  guint size = der->size;
  const guint8 lengths[] = {
    0, 0, (guint8) ((size + 5) >> 8), (guint8) (size + 5), 0, (guint8) (size >> 8), (guint8) size
  };

  add_message (handshake, 15, "signed", 6);
  add_message (handshake, 20, "finished", 8);
  g_byte_array_append (body, lengths, sizeof lengths);
  g_byte_array_append (body, der->data, der->size);
  g_byte_array_append (body, (const guint8[]){ 0, 0 }, 2);
  add_message (handshake, 11, body->data, body->len);
  add_signature (handshake, key);
}

static SpLogin
name_certificate (Worker *worker, const gnutls_datum_t *der, const GByteArray *handshake)
{
  g_autofree SpProveCertificate *proof = g_new0 (SpProveCertificate, 1);
  g_autofree SpTryCertificate *question = g_new0 (SpTryCertificate, 1);
  SpCertificateVerdict answer;

  if (handshake != NULL)
    {
      proof->handshake_length = (guint16) handshake->len;
      memcpy (proof->handshake, handshake->data, handshake->len);
      worker_send (worker, SP_MESSAGE_PROVE_CERTIFICATE, proof);
    }
  question->certificate_length = (guint16) der->size;
  memcpy (question->certificate, der->data, der->size);
  question->has_chosen = 1;
  worker_send (worker, SP_MESSAGE_TRY_CERTIFICATE, question);
  worker_receive (worker, SP_MESSAGE_CERTIFICATE_VERDICT, &answer);
  return answer.verdict;
}

/* A worker that was taken over has a certificate, which is no secret, of somebody who is not
 * connected to it. */
static void
test_only_its_client_shows_it (Story *story, gconstpointer data)
{
  const SpIssueDevice order = make_order (PHONE, SP_DEVICE_PKCS12_AES, SP_PASSPHRASE_GIVEN);
  g_auto (Issued) issued = issue (story->room, &order, PASSPHRASE);
  g_auto (Opened) opened = { NULL, NULL, NULL };
  Worker *workers[4];
  GByteArray *handshakes[4];
  gnutls_datum_t der = { NULL, 0 };
  gnutls_x509_privkey_t other;

  g_assert_cmpint (parse_archive (issued.file, PASSPHRASE, &opened), ==, 0);
  g_assert_cmpint (gnutls_x509_crt_export2 (opened.certificate, GNUTLS_X509_FMT_DER, &der), ==, 0);
  g_assert_cmpint (gnutls_x509_privkey_init (&other), ==, 0);
  g_assert_cmpint (gnutls_x509_privkey_generate (other, GNUTLS_PK_ECDSA, 256, 0), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (workers); i++)
    {
      g_autofree char *hello = g_strdup_printf ("hello %u", i);

      workers[i] = worker_new (story->room, "198.51.100.7");
      handshakes[i] = begin_handshake (workers[i], hello);
      end_handshake (handshakes[i], &der, i == 1 ? other : opened.key);
    }
  g_assert_cmpint (name_certificate (workers[0], &der, NULL), ==, SP_LOGIN_CERTIFICATE_UNKNOWN);
  g_assert_cmpint (name_certificate (workers[1], &der, handshakes[1]), ==,
                   SP_LOGIN_CERTIFICATE_UNKNOWN);
  g_assert_cmpint (name_certificate (workers[2], &der, handshakes[3]), ==,
                   SP_LOGIN_CERTIFICATE_UNKNOWN);
  g_assert_cmpint (name_certificate (workers[3], &der, handshakes[3]), ==,
                   SP_LOGIN_PASSWORD_WANTED);
  for (guint i = 0; i < G_N_ELEMENTS (workers); i++)
    {
      worker_free (workers[i]);
      g_byte_array_unref (handshakes[i]);
    }
  gnutls_x509_privkey_deinit (other);
  gnutls_free (der.data);
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
  ADD_ANNA ("device/only-its-client-shows-it", test_only_its_client_shows_it);
  return g_test_run ();
}
