/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/error.h"
#include "base/io.h"
#include "base/names.h"
#include "link/channel.h"
#include "walls/keyholder-token.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* The real program between its wall, which this test plays, and a token of SoftHSM. */

#define PATIENCE 20000 /* milliseconds */
#define PIN      "1234"

typedef struct
{
  char *folder;
  char *module;
  pid_t pid;
  int wall;
  SpPermit permit;
} Room;

/* --- a token that is files --- */

static void G_GNUC_PRINTF (2, 3) run (const char *folder, const char *format, ...)
{
  g_autofree char *command = NULL;
  g_autofree char *whole = NULL;
  va_list arguments;
  int status = 0;
  g_autoptr (GError) error = NULL;

  va_start (arguments, format);
  command = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  whole = g_strdup_printf ("SOFTHSM2_CONF=%s/conf sh -c 'cd %s && %s' >/dev/null 2>&1", folder,
                           folder, command);
  {
    const char *const words[] = { "sh", "-c", whole, NULL };

    g_assert_true (g_spawn_sync (NULL, (char **) words, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL,
                                 NULL, &status, &error));
  }
  g_assert_no_error (error);
  if (status != 0)
    g_error ("%s: status %d", command, status);
}

static void
add_key (const char *folder, const char *name, const char *kind, guint number)
{
  run (folder, "openssl genpkey %s -out %s.pem && openssl pkey -in %s.pem -pubout -out %s.pub",
       kind, name, name, name);
  run (folder, "softhsm2-util --import %s.pem --token unit --label %s --id %02u --pin " PIN, name,
       name, number);
}

static char *
make_token (void)
{
  char *folder = g_dir_make_tmp ("token-XXXXXX", NULL);
  g_autofree char *settings = g_build_filename (folder, "conf", NULL);
  g_autofree char *text = g_strdup_printf ("directories.tokendir = %s/tokens\n"
                                           "objectstore.backend = file\nlog.level = ERROR\n",
                                           folder);

  g_assert_nonnull (folder);
  g_assert_true (g_file_set_contents (settings, text, -1, NULL));
  run (folder, "mkdir tokens");
  run (folder, "softhsm2-util --init-token --free --label unit --pin " PIN " --so-pin 5678");
  add_key (folder, "p256", "-algorithm EC -pkeyopt ec_paramgen_curve:P-256", 1);
  add_key (folder, "p384", "-algorithm EC -pkeyopt ec_paramgen_curve:P-384", 2);
  add_key (folder, "rsa", "-algorithm RSA -pkeyopt rsa_keygen_bits:2048", 3);
  return folder;
}

/* --- the room --- */

static void
become_token (Room *room, int wall)
{
  g_autofree char *settings = g_strdup_printf ("SOFTHSM2_CONF=%s/conf", room->folder);
  char *const arguments[] = { (char *) SP_ROOM_TOKEN, NULL };
  char *const environment[] = { settings, NULL };

  if (dup2 (wall, SP_WALL_FD) < 0)
    _exit (126);
  (void) close_range (SP_WALL_FD + 1, ~0U, 0);
  (void) execve (g_getenv ("SALLYPORT_TOKEN"), arguments, environment);
  _exit (127);
}

static void
start (Room *room)
{
  int pair[2];

  g_assert_true (sp_socket_pair (pair, NULL));
  room->pid = fork ();
  g_assert_cmpint (room->pid, >=, 0);
  if (room->pid == 0)
    become_token (room, pair[1]);
  sp_fd_clear (&pair[1]);
  room->wall = pair[0];
  sp_permit_init (&room->permit, &sp_wall_keyholder_token, SP_KEYHOLDER_TOKEN_KEYHOLDER);
}

/* Nothing that it is told or not told makes it crash. */
static void
end (Room *room)
{
  int status;

  sp_fd_clear (&room->wall);
  g_assert_cmpint (waitpid (room->pid, &status, 0), ==, room->pid);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 0);
}

static void
set_up (Room *room, gconstpointer data)
{
  room->folder = g_strdup (data);
  room->module = g_strdup ("/usr/lib/softhsm/libsofthsm2.so");
  start (room);
}

static void
tear_down (Room *room, gconstpointer data)
{
  end (room);
  g_free (room->folder);
  g_free (room->module);
}

static void
receive (Room *room, gpointer ret_message, gsize size)
{
  struct pollfd readable = { .fd = room->wall, .events = POLLIN };
  g_autofree SpEnvelope *envelope = g_new0 (SpEnvelope, 1);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (poll (&readable, 1, PATIENCE), ==, 1);
  (void) sp_channel_receive (room->wall, &room->permit, envelope, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (envelope->message_size, ==, size);
  memcpy (ret_message, envelope->message.bytes, size);
  sp_envelope_clear (envelope);
}

static void
ask (Room *room, guint8 type, gconstpointer question, gpointer ret_answer, gsize size)
{
  guint32 serial = sp_permit_ask (&room->permit, type);
  g_autoptr (GError) error = NULL;

  (void) sp_channel_send (room->wall, &sp_wall_keyholder_token, type, serial, question, NULL, 0,
                          &error);
  g_assert_no_error (error);
  receive (room, ret_answer, size);
}

static SpTokenState
open_uri (Room *room, const char *uri, const char *pin)
{
  SpOpenToken order = { 0 };
  SpTokenOpened answer;

  order.uri_length = (guint16) strlen (uri);
  memcpy (order.uri, uri, strlen (uri));
  order.pin_length = (guint16) strlen (pin);
  memcpy (order.pin, pin, strlen (pin));
  ask (room, SP_MESSAGE_OPEN_TOKEN, &order, &answer, sizeof answer);
  g_test_message ("%s: %u, %.*s", uri, answer.state, answer.text_length, answer.text);
  g_assert_cmpint (answer.state == SP_TOKEN_READY, ==, answer.text_length == 0);
  if (answer.state == SP_TOKEN_READY)
    sp_permit_enter (&room->permit, SP_KEYHOLDER_TOKEN_READY);
  return (SpTokenState) answer.state;
}

static SpTokenState
open_key (Room *room, const char *name, const char *pin)
{
  g_autofree char *uri =
      g_strdup_printf ("pkcs11:token=unit;object=%s?module-path=%s", name, room->module);

  return open_uri (room, uri, pin);
}

/* --- what is tried --- */

static const struct
{
  const char *key;
  guint8 form;
  gsize length;
  gnutls_sign_algorithm_t algorithm;
} signatures[] = {
  { "p256", SP_TOKEN_ECDSA, 32, GNUTLS_SIGN_ECDSA_SHA256 },
  { "p256", SP_TOKEN_ECDSA, 48, GNUTLS_SIGN_ECDSA_SHA384 },
  { "p256", SP_TOKEN_ECDSA, 64, GNUTLS_SIGN_ECDSA_SHA512 },
  { "p384", SP_TOKEN_ECDSA, 48, GNUTLS_SIGN_ECDSA_SHA384 },
  { "p384", SP_TOKEN_ECDSA, 64, GNUTLS_SIGN_ECDSA_SHA512 },
  { "rsa", SP_TOKEN_RSA_PSS, 32, GNUTLS_SIGN_RSA_PSS_RSAE_SHA256 },
  { "rsa", SP_TOKEN_RSA_PKCS1, 32, GNUTLS_SIGN_RSA_SHA256 },
  { "rsa", SP_TOKEN_RSA_PKCS1, 48, GNUTLS_SIGN_RSA_SHA384 },
  { "rsa", SP_TOKEN_RSA_PKCS1, 64, GNUTLS_SIGN_RSA_SHA512 },
};

static gnutls_pubkey_t
read_public_key (const Room *room, const char *name)
{
  g_autofree char *path = g_strdup_printf ("%s/%s.pub", room->folder, name);
  g_autofree char *pem = NULL;
  gsize size;
  gnutls_datum_t datum;
  gnutls_pubkey_t key;

  g_assert_true (g_file_get_contents (path, &pem, &size, NULL));
  datum = (gnutls_datum_t){ (guint8 *) pem, (unsigned) size };
  g_assert_cmpint (gnutls_pubkey_init (&key), ==, 0);
  g_assert_cmpint (gnutls_pubkey_import (key, &datum, GNUTLS_X509_FMT_PEM), ==, 0);
  return key;
}

static void
sign (Room *room, const char *name, gsize i)
{
  SpSignBlock block = { .form = signatures[i].form };
  SpBlockSigned answer;
  gnutls_pubkey_t key = read_public_key (room, name);
  gnutls_datum_t digest = { block.digest, (unsigned) signatures[i].length };
  gnutls_datum_t signature;

  block.digest_length = (guint16) signatures[i].length;
  sp_random_bytes (block.digest, signatures[i].length);
  ask (room, SP_MESSAGE_SIGN_BLOCK, &block, &answer, sizeof answer);
  g_test_message ("%s %u/%zu: %.*s", name, block.form, signatures[i].length, answer.text_length,
                  answer.text);
  signature = (gnutls_datum_t){ answer.signature, answer.signature_length };
  g_assert_cmpint (
      gnutls_pubkey_verify_hash2 (key, signatures[i].algorithm, 0, &digest, &signature), >=, 0);
  gnutls_pubkey_deinit (key);
}

static void
test_signatures (Room *room, gconstpointer data)
{
  static const char *const names[] = { "p256", "p384", "rsa" };

  for (guint key = 0; key < G_N_ELEMENTS (names); key++)
    {
      if (key > 0)
        {
          end (room);
          start (room);
        }
      g_assert_cmpint (open_key (room, names[key], PIN), ==, SP_TOKEN_READY);
      for (gsize i = 0; i < G_N_ELEMENTS (signatures); i++)
        if (g_str_equal (signatures[i].key, names[key]))
          for (guint again = 0; again < 3; again++)
            sign (room, names[key], i);
    }
}

static void
test_refusals (Room *room, gconstpointer data)
{
  static const struct
  {
    guint8 form;
    guint16 length;
  } cases[] = { { SP_TOKEN_ECDSA, 0 },      { SP_TOKEN_ECDSA, 33 },   { SP_TOKEN_RSA_PSS, 32 },
                { SP_TOKEN_RSA_PKCS1, 32 }, { SP_TOKEN_RSA_PSS, 64 }, { 200, 32 } };

  g_assert_cmpint (open_key (room, "p256", PIN), ==, SP_TOKEN_READY);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      SpSignBlock block = { .form = cases[i].form, .digest_length = cases[i].length };
      SpBlockSigned answer;

      ask (room, SP_MESSAGE_SIGN_BLOCK, &block, &answer, sizeof answer);
      g_assert_cmpuint (answer.signature_length, ==, 0);
      g_assert_cmpuint (answer.text_length, >, 0);
    }
  sign (room, "p256", 0); /* and it goes on */
}

static const struct
{
  const char *uri; /* %s: the module */
  const char *pin;
  SpTokenState state;
} openings[] = {
  { "pkcs11:token=unit;object=none?module-path=%s", PIN, SP_TOKEN_ABSENT },
  { "pkcs11:token=other;object=p256?module-path=%s", PIN, SP_TOKEN_ABSENT },
  { "pkcs11:token=unit;object=p256?module-path=%s", "4321", SP_TOKEN_WRONG_PIN },
  { "pkcs11:token=unit;object=p256?module-path=%s", "", SP_TOKEN_WRONG_PIN },
  { "pkcs11:token=unit;object=p256?module-path=%s&pin-value=1234", PIN, SP_TOKEN_NO_MODULE },
  { "pkcs11:token=unit;object=p256?module-path=%s&pin-source=/etc/passwd", PIN,
    SP_TOKEN_NO_MODULE },
  { "pkcs11:token=unit;object=p256", PIN, SP_TOKEN_NO_MODULE },
  { "pkcs11:token=unit?module-path=/usr/lib/none.so", PIN, SP_TOKEN_NO_MODULE },
  { "pkcs11:token=unit?module-path=relative.so", PIN, SP_TOKEN_NO_MODULE },
  { "pkcs11:token=unit?module-path=/usr/lib/../../tmp/x.so", PIN, SP_TOKEN_NO_MODULE },
  { "pkcs11:token=unit?module-path=/usr/lib", PIN, SP_TOKEN_NO_MODULE },
  { "pkcs11:token=unit?module-path=/etc/passwd", PIN, SP_TOKEN_NO_MODULE },
  { "pkcs11:token=unit?module-path=/usr/lib/os-release", PIN, SP_TOKEN_NO_MODULE },
  { "pkcs11:%%%%", PIN, SP_TOKEN_NO_MODULE },
  { "http://example.org/", PIN, SP_TOKEN_NO_MODULE },
  { "", PIN, SP_TOKEN_NO_MODULE },
};

static void
test_openings (Room *room, gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (openings); i++)
    {
      g_auto (GStrv) pieces = g_strsplit (openings[i].uri, "%s", 2);
      g_autofree char *uri = g_strjoinv (room->module, pieces);

      g_assert_cmpint (open_uri (room, uri, openings[i].pin), ==, openings[i].state);
      end (room);
      start (room);
    }
}

/* A module that somebody else could write is not loaded, wherever it lies. */
static void
test_foreign_modules (Room *room, gconstpointer data)
{
  g_autofree char *uri = g_strdup_printf ("pkcs11:token=unit?module-path=%s/evil.so", room->folder);

  run (room->folder, "cp %s evil.so", room->module);
  g_assert_cmpint (open_uri (room, uri, PIN), ==, SP_TOKEN_NO_MODULE);
}

/* What breaks the wall's rules ends the room, in order. */
static void
test_rules (Room *room, gconstpointer data)
{
  const SpSignBlock block = { 0 };

  g_assert_true (sp_channel_send (room->wall, &sp_wall_keyholder_token, SP_MESSAGE_SIGN_BLOCK, 1,
                                  &block, NULL, 0, NULL));
}

#define ADD(name, test) g_test_add ("/token/" name, Room, folder, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_autofree char *found = g_find_program_in_path ("softhsm2-util");
  g_autofree char *folder = NULL;
  int status;

  g_test_init (&argc, &argv, NULL);
  if (found == NULL)
    return 77;
  folder = make_token ();
  ADD ("signatures", test_signatures);
  ADD ("refusals", test_refusals);
  ADD ("openings", test_openings);
  ADD ("foreign-modules", test_foreign_modules);
  ADD ("rules", test_rules);
  status = g_test_run ();
  run (folder, "rm -r tokens && rm -f *.pem *.pub *.so conf");
  (void) g_rmdir (folder);
  return status;
}
