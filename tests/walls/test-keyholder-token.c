/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "keyholder-story.h"

#include "base/error.h"
#include "base/io.h"
#include "walls/keyholder-token.h"

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/x509.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

/* The real program, with a server key in a token; the test plays main, workers and the token. */

#define URI      "pkcs11:token=home;object=vpn?module-path=/usr/lib/module.so"
#define PIN      "2468"
#define PATIENCE 60000 /* milliseconds */

typedef struct
{
  Story story;
  gnutls_x509_privkey_t key;
  GByteArray *certificate; /* DER */
  guint8 id[SP_ID_SIZE];
  /* the room of the token */
  guint32 number;
  int wall;
  SpPermit permit;
  guint32 serial; /* of the last question */
} Scene;

/* --- main --- */

static void
receive (
    int wall, SpPermit *permit, guint8 type, gpointer ret_message, gsize size, guint32 *ret_serial)
{
  struct pollfd readable = { .fd = wall, .events = POLLIN };
  g_autofree SpEnvelope *envelope = g_new0 (SpEnvelope, 1);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (poll (&readable, 1, PATIENCE), ==, 1);
  (void) sp_channel_receive (wall, permit, envelope, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (sp_wall_find (permit->wall, envelope->header.type)->name, ==,
                   sp_wall_find (permit->wall, type)->name);
  g_assert_cmpuint (envelope->message_size, ==, size);
  memcpy (ret_message, envelope->message.bytes, size);
  *ret_serial = envelope->header.serial;
  sp_envelope_clear (envelope);
}

/* It asks for a room, and gets the wall of one that this test plays. */
static void
give_room (Scene *scene)
{
  Room *room = scene->story.room;
  SpStartToken order;
  SpTokenStarted started;
  guint32 serial;
  int pair[2];

  receive (room->wall, &room->permit, SP_MESSAGE_START_TOKEN, &order, sizeof order, &serial);
  g_assert_cmpuint (order.room, >, scene->number);
  scene->number = started.room = order.room;
  g_assert_true (sp_socket_pair (pair, NULL));
  g_assert_true (sp_channel_send (room->wall, &sp_wall_main_keyholder, SP_MESSAGE_TOKEN_STARTED,
                                  serial, &started, &pair[1], 1, NULL));
  sp_fd_clear (&pair[1]);
  sp_fd_clear (&scene->wall);
  scene->wall = pair[0];
  sp_permit_init (&scene->permit, &sp_wall_keyholder_token, SP_KEYHOLDER_TOKEN_TOKEN);
}

static void
expect_end (Scene *scene)
{
  SpEndToken order;

  room_receive (scene->story.room, SP_MESSAGE_END_TOKEN, &order);
  g_assert_cmpuint (order.room, ==, scene->number);
}

static void
expect_health (Scene *scene, SpTokenState state)
{
  SpTokenHealth health;

  room_receive (scene->story.room, SP_MESSAGE_TOKEN_HEALTH, &health);
  g_assert_cmpuint (health.state, ==, state);
  g_assert_cmpint (health.text_length == 0, ==, state == SP_TOKEN_READY);
}

/* --- the token --- */

static void
say (Scene *scene, guint8 type, gconstpointer message)
{
  g_assert_true (sp_channel_send (scene->wall, &sp_wall_keyholder_token, type, scene->serial,
                                  message, NULL, 0, NULL));
}

static void
open_token (Scene *scene, const char *pin, SpTokenState state)
{
  SpOpenToken order;
  SpTokenOpened opened = { .state = (guint8) state, .text_length = 5, .text = "words" };

  if (state == SP_TOKEN_READY)
    opened.text_length = 0;
  receive (scene->wall, &scene->permit, SP_MESSAGE_OPEN_TOKEN, &order, sizeof order,
           &scene->serial);
  g_assert_cmpmem (order.uri, order.uri_length, URI, strlen (URI));
  g_assert_cmpmem (order.pin, order.pin_length, pin, strlen (pin));
  say (scene, SP_MESSAGE_TOKEN_OPENED, &opened);
  if (state == SP_TOKEN_READY)
    sp_permit_enter (&scene->permit, SP_KEYHOLDER_TOKEN_READY);
}

static SpSignBlock
expect_block (Scene *scene)
{
  SpSignBlock block;

  receive (scene->wall, &scene->permit, SP_MESSAGE_SIGN_BLOCK, &block, sizeof block,
           &scene->serial);
  g_assert_cmpuint (block.form, ==, SP_TOKEN_ECDSA);
  return block;
}

static void
sign (Scene *scene, const SpSignBlock *block)
{
  gnutls_datum_t digest = { (guint8 *) block->digest, block->digest_length };
  gnutls_datum_t datum;
  gnutls_privkey_t key;
  SpBlockSigned answer = { 0 };
  gnutls_sign_algorithm_t algorithm = block->digest_length == 32   ? GNUTLS_SIGN_ECDSA_SHA256
                                      : block->digest_length == 48 ? GNUTLS_SIGN_ECDSA_SHA384
                                                                   : GNUTLS_SIGN_ECDSA_SHA512;

  g_assert_cmpint (gnutls_privkey_init (&key), ==, 0);
  g_assert_cmpint (gnutls_privkey_import_x509 (key, scene->key, 0), ==, 0);
  g_assert_cmpint (gnutls_privkey_sign_hash2 (key, algorithm, 0, &digest, &datum), ==, 0);
  answer.signature_length = (guint16) datum.size;
  memcpy (answer.signature, datum.data, datum.size);
  gnutls_free (datum.data);
  gnutls_privkey_deinit (key);
  say (scene, SP_MESSAGE_BLOCK_SIGNED, &answer);
}

static void
be_good (Scene *scene)
{
  SpSignBlock trial;

  give_room (scene);
  open_token (scene, PIN, SP_TOKEN_READY);
  trial = expect_block (scene);
  sign (scene, &trial);
}

/* --- its certificate --- */

static void
make_certificate (Scene *scene)
{
  gnutls_x509_crt_t certificate;
  gnutls_datum_t der;
  const time_t now = (time_t) (g_get_real_time () / G_USEC_PER_SEC);

  g_assert_cmpint (gnutls_x509_privkey_init (&scene->key), ==, 0);
  g_assert_cmpint (gnutls_x509_privkey_generate (scene->key, GNUTLS_PK_ECDSA,
                                                 GNUTLS_CURVE_TO_BITS (GNUTLS_ECC_CURVE_SECP256R1),
                                                 0),
                   ==, 0);
  g_assert_cmpint (gnutls_x509_crt_init (&certificate), ==, 0);
  g_assert_cmpint (gnutls_x509_crt_set_version (certificate, 3), ==, 0);
  g_assert_cmpint (gnutls_x509_crt_set_serial (certificate, "\1", 1), ==, 0);
  g_assert_cmpint (gnutls_x509_crt_set_activation_time (certificate, now - 3600), ==, 0);
  g_assert_cmpint (gnutls_x509_crt_set_expiration_time (certificate, now + 30 * 24 * 3600), ==, 0);
  g_assert_cmpint (gnutls_x509_crt_set_key (certificate, scene->key), ==, 0);
  g_assert_cmpint (gnutls_x509_crt_set_dn (certificate, "CN=vpn.example.net", NULL), ==, 0);
  g_assert_cmpint (gnutls_x509_crt_set_subject_alt_name (certificate, GNUTLS_SAN_DNSNAME,
                                                         "vpn.example.net", 15, 0),
                   ==, 0);
  g_assert_cmpint (
      gnutls_x509_crt_sign2 (certificate, certificate, scene->key, GNUTLS_DIG_SHA256, 0), ==, 0);
  g_assert_cmpint (gnutls_x509_crt_export2 (certificate, GNUTLS_X509_FMT_DER, &der), ==, 0);
  scene->certificate = g_byte_array_append (g_byte_array_new (), der.data, der.size);
  gnutls_free (der.data);
  gnutls_x509_crt_deinit (certificate);
}

static void
bring (Scene *scene, gboolean keep)
{
  SpCheckCertificate order = {
    .keep = keep ? 1 : 0, .files = 1, .has_passphrase = 1, .token_length = (guint16) strlen (URI)
  };
  sp_autofd int file = make_memfd (scene->certificate->data, scene->certificate->len);
  sp_autofd int pin = make_memfd (PIN "\n", strlen (PIN) + 1);
  sp_autofd int nothing = make_memfd ("", 0);
  const int fds[] = { file, nothing, nothing, nothing, pin, nothing };

  memcpy (order.token, URI, strlen (URI));
  room_question (scene->story.room, SP_MESSAGE_CHECK_CERTIFICATE, &order, fds, G_N_ELEMENTS (fds));
}

static void
import (Scene *scene)
{
  g_autofree SpCertificateKnown *known = g_new0 (SpCertificateKnown, 1);
  g_autofree SpCertificateChecked *checked = g_new0 (SpCertificateChecked, 1);

  bring (scene, TRUE);
  be_good (scene);
  room_receive (scene->story.room, SP_MESSAGE_CERTIFICATE_KNOWN, known);
  g_assert_cmpmem (known->token, known->token_length, URI, strlen (URI));
  room_receive (scene->story.room, SP_MESSAGE_CERTIFICATE_CHECKED, checked);
  g_assert_cmpuint (checked->kept, ==, 1);
  memcpy (scene->id, checked->id, SP_ID_SIZE);
  expect_end (scene);
}

static void
activate (Scene *scene)
{
  Room *room = scene->story.room;
  SpActivateCertificate order;
  g_autofree SpServeWith *with = g_new0 (SpServeWith, 1);

  memcpy (order.id, scene->id, SP_ID_SIZE);
  room_question (room, SP_MESSAGE_ACTIVATE_CERTIFICATE, &order, NULL, 0);
  for (guint i = 0; i < 3; i++)
    room_receive (room, SP_MESSAGE_CERTIFICATE_KNOWN, NULL);
  room_receive (room, SP_MESSAGE_SERVE_WITH, with);
  memcpy (room->pin, with->pin, SP_PIN_SIZE);
  room_receive (room, SP_MESSAGE_CERTIFICATE_ACTIVATED, NULL);
}

static void
set_up (Scene *scene, gconstpointer data)
{
  scene->wall = -1;
  story_begin_with_anna (&scene->story, NULL);
  make_certificate (scene);
  import (scene);
}

static void
serve (Scene *scene)
{
  activate (scene);
  be_good (scene);
  expect_health (scene, SP_TOKEN_READY);
}

static void
tear_down (Scene *scene, gconstpointer data)
{
  story_end (&scene->story, NULL);
  sp_fd_clear (&scene->wall);
  gnutls_x509_privkey_deinit (scene->key);
  g_byte_array_unref (scene->certificate);
}

/* --- workers --- */

static void
ask_verify (Worker *worker)
{
  static const char context[] = "TLS 1.3, server CertificateVerify";
  SpSignVerify question = { .content_length = 64 + sizeof context + 32 };

  memset (question.content, ' ', 64);
  memcpy (question.content + 64, context, sizeof context);
  worker_send (worker, SP_MESSAGE_SIGN_VERIFY, &question);
}

static void
ask_digest (Worker *worker)
{
  const SpSignDigest question = { .algorithm = SP_DIGEST_SHA384, .digest_length = 48 };

  worker_send (worker, SP_MESSAGE_SIGN_DIGEST, &question);
}

static guint16
answer_of (Worker *worker, guint8 type)
{
  SpSignedVerify answer;

  worker_receive (worker, type, &answer);
  return answer.signature_length;
}

/* --- the stories --- */

static void
test_signatures (Scene *scene, gconstpointer data)
{
  Worker *worker;
  SpSignBlock block;

  serve (scene);
  worker = worker_new (scene->story.room, HOME);
  ask_verify (worker);
  block = expect_block (scene);
  g_assert_cmpuint (block.digest_length, ==, 32);
  sign (scene, &block);
  g_assert_cmpuint (answer_of (worker, SP_MESSAGE_SIGNED_VERIFY), >, 60);
  g_assert_cmpint (worker_try (worker, "anna", "wrong"), ==, SP_LOGIN_WRONG); /* it may sign in */
  expect_failed_login (scene->story.room, SP_LOGIN_WRONG, "anna");
  worker_free (worker);
  worker = worker_new (scene->story.room, HOME);
  ask_digest (worker);
  block = expect_block (scene);
  g_assert_cmpuint (block.digest_length, ==, 48);
  sign (scene, &block);
  g_assert_cmpuint (answer_of (worker, SP_MESSAGE_SIGNED_DIGEST), >, 60);
  worker_free (worker);
}

/* While it thinks, others sign in and use their cookies. */
static void
test_others_go_on (Scene *scene, gconstpointer data)
{
  Room *room = scene->story.room;
  Worker *other = worker_in_login (room, AWAY); /* with our own key */
  Worker *worker;
  guint8 cookie[SP_COOKIE_SIZE];
  guint8 session[SP_ID_SIZE];
  SpSignBlock block;

  serve (scene);
  worker = worker_new (room, HOME);
  ask_verify (worker);
  block = expect_block (scene);
  g_assert_cmpint (worker_sign_in (other, "anna", "right", cookie, session), ==, SP_LOGIN_ACCEPTED);
  worker_free (other);
  sign (scene, &block);
  g_assert_cmpuint (answer_of (worker, SP_MESSAGE_SIGNED_VERIFY), >, 60);
  worker_free (worker);
}

/* One signature a connection, however a worker hurries. */
static void
test_one_at_a_time (Scene *scene, gconstpointer data)
{
  Worker *worker;
  SpSignBlock block;

  serve (scene);
  worker = worker_new (scene->story.room, HOME);
  ask_verify (worker);
  block = expect_block (scene);
  ask_digest (worker);
  g_assert_cmpuint (answer_of (worker, SP_MESSAGE_SIGNED_DIGEST), ==, 0);
  sign (scene, &block);
  g_assert_cmpuint (answer_of (worker, SP_MESSAGE_SIGNED_VERIFY), >, 60);
  worker_free (worker);
  /* who does not wait is forgotten */
  worker = worker_new (scene->story.room, HOME);
  ask_verify (worker);
  block = expect_block (scene);
  worker_free (worker);
  sign (scene, &block);
  room_expect_silence (scene->story.room);
}

/* What is no signature of this key goes nowhere, and its room is replaced. */
static void
test_wrong_signature (Scene *scene, gconstpointer data)
{
  Worker *worker;
  SpSignBlock block;

  serve (scene);
  worker = worker_new (scene->story.room, HOME);
  ask_verify (worker);
  block = expect_block (scene);
  block.digest[0] ^= 1;
  sign (scene, &block);
  g_assert_cmpuint (answer_of (worker, SP_MESSAGE_SIGNED_VERIFY), ==, 0);
  expect_end (scene);
  expect_health (scene, SP_TOKEN_FAILED);
  worker_free (worker);
  worker = worker_new (scene->story.room, HOME);
  ask_verify (worker); /* nobody waits for the next one */
  g_assert_cmpuint (answer_of (worker, SP_MESSAGE_SIGNED_VERIFY), ==, 0);
  worker_free (worker);
  be_good (scene);
  expect_health (scene, SP_TOKEN_READY);
}

static void
test_silence (Scene *scene, gconstpointer data)
{
  Worker *worker;

  serve (scene);
  worker = worker_new (scene->story.room, HOME);
  ask_verify (worker);
  (void) expect_block (scene);
  g_assert_cmpuint (answer_of (worker, SP_MESSAGE_SIGNED_VERIFY), ==, 0);
  worker_free (worker);
  expect_end (scene);
  expect_health (scene, SP_TOKEN_SILENT);
  be_good (scene);
  expect_health (scene, SP_TOKEN_READY);
}

/* It says what nobody asked for, or is gone. */
static void
test_broken_rules (Scene *scene, gconstpointer data)
{
  const SpBlockSigned unasked = { .signature_length = 1 };

  serve (scene);
  scene->serial = 4711;
  say (scene, SP_MESSAGE_BLOCK_SIGNED, &unasked);
  expect_end (scene);
  expect_health (scene, SP_TOKEN_ENDED);
  be_good (scene);
  expect_health (scene, SP_TOKEN_READY);
  sp_fd_clear (&scene->wall);
  expect_end (scene);
  expect_health (scene, SP_TOKEN_ENDED);
}

/* Another key, whoever says what: the certificate is not taken. */
static void
test_foreign_key (Scene *scene, gconstpointer data)
{
  g_autofree SpCertificateChecked *checked = g_new0 (SpCertificateChecked, 1);
  SpSignBlock trial;

  bring (scene, FALSE);
  give_room (scene);
  open_token (scene, PIN, SP_TOKEN_READY);
  trial = expect_block (scene);
  trial.digest[5] ^= 1;
  sign (scene, &trial);
  expect_end (scene);
  room_receive (scene->story.room, SP_MESSAGE_CERTIFICATE_CHECKED, checked);
  g_assert_cmpuint (checked->usable | checked->kept, ==, 0);
  g_assert_nonnull (memmem (checked->findings, checked->findings_length, "not that of", 11));
}

/* Tried once: neither by this process nor by the next one. */
static void
test_wrong_pin (Scene *scene, gconstpointer data)
{
  Room *room = scene->story.room;

  activate (scene);
  give_room (scene);
  open_token (scene, PIN, SP_TOKEN_WRONG_PIN);
  expect_end (scene);
  expect_health (scene, SP_TOKEN_WRONG_PIN);
  g_usleep (3 * G_USEC_PER_SEC); /* other failures are tried again by then */
  room_expect_silence (room);
  room_kill (room);
  room_start (room);
  room_prepare (room, story_names, sizeof story_names, STORY_SECONDS);
  scene->number = 0;
  give_room (scene);
  open_token (scene, "", SP_TOKEN_WRONG_PIN);
  expect_end (scene);
  expect_health (scene, SP_TOKEN_WRONG_PIN);
}

/* Main could not start it. */
static void
test_refused (Scene *scene, gconstpointer data)
{
  Room *room = scene->story.room;
  SpStartToken order;
  SpTokenRefused refused = { .text_length = 4, .text = "gone" };
  guint32 serial;

  activate (scene);
  receive (room->wall, &room->permit, SP_MESSAGE_START_TOKEN, &order, sizeof order, &serial);
  scene->number = refused.room = order.room;
  g_assert_true (sp_channel_send (room->wall, &sp_wall_main_keyholder, SP_MESSAGE_TOKEN_REFUSED,
                                  serial, &refused, NULL, 0, NULL));
  expect_end (scene);
  expect_health (scene, SP_TOKEN_ENDED);
  be_good (scene);
  expect_health (scene, SP_TOKEN_READY);
}

#define ADD_SCENE(name, test)                                                                      \
  g_test_add ("/keyholder/token/" name, Scene, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD_SCENE ("signatures", test_signatures);
  ADD_SCENE ("others-go-on", test_others_go_on);
  ADD_SCENE ("one-at-a-time", test_one_at_a_time);
  ADD_SCENE ("wrong-signature", test_wrong_signature);
  ADD_SCENE ("silence", test_silence);
  ADD_SCENE ("broken-rules", test_broken_rules);
  ADD_SCENE ("foreign-key", test_foreign_key);
  ADD_SCENE ("wrong-pin", test_wrong_pin);
  ADD_SCENE ("refused", test_refused);
  return g_test_run ();
}
