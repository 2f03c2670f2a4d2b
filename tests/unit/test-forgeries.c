/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "app-password-store.h"
#include "certificate-bundle.h"
#include "cookie-registry.h"
#include "device-store.h"
#include "invitation-store.h"
#include "password.h"
#include "ticket-table.h"
#include "two-step-store.h"
#include "user-store.h"

#include "base/secret.h"
#include "base/token.h"

#include <glib/gstdio.h>
#include <gnutls/pkcs12.h>
#include <liboath/oath.h>
#include <string.h>

/* Whatever proves something to the keyholder is refused with any of its bits another, or any of its
 * characters, if it is typed; and it is good itself.  Where else something is compared, and by
 * which test it is forged there, says tests/README.md. */

#define SECOND    ((gint64) G_USEC_PER_SEC)
#define NOW       (G_GINT64_CONSTANT (1700000000) * SECOND)
#define PROOF_MAX 256

static const guint8 anna[SP_ID_SIZE] = { 1 };
static const guint8 phone[SP_ID_SIZE] = { 7 };
static const guint8 laptop[SP_ID_SIZE] = { 8 };

typedef struct
{
  char *folder;
  char *file;
  SpDatabase *database;
  SpUserStore *users;
  SpDeviceStore *devices;
  SpCookieRegistry *cookies;
  SpAppPasswordStore *app_passwords;
  SpTwoStepStore *two_steps;
  SpInvitationStore *invitations;
  SpTicketTable *tickets;
  guint8 totp_secret[SP_TOTP_SECRET_SIZE];
  char *verifier;
} Fixture;

/* --- what proves something: made, and judged --- */

static void
make_cookie (Fixture *fixture, guint8 *ret, gsize *ret_size)
{
  SpCookieOwner owner = { 0 };
  gboolean is_first;

  memcpy (owner.user, anna, SP_ID_SIZE);
  g_assert_true (sp_cookie_registry_issue (fixture->cookies, &owner, NOW, ret, &is_first, NULL));
  *ret_size = SP_COOKIE_SIZE;
}

static gboolean
redeem (Fixture *fixture, const guint8 *proof, gsize size)
{
  SpCookieOwner owner;

  return sp_cookie_registry_redeem (fixture->cookies, proof, NOW, &owner, NULL) == SP_COOKIE_GOOD;
}

static gboolean
give_up (Fixture *fixture, const guint8 *proof, gsize size)
{
  guint8 session[SP_ID_SIZE];

  return sp_cookie_registry_give_up (fixture->cookies, proof, NOW, session, NULL) == SP_COOKIE_GOOD;
}

static void
make_ticket (Fixture *fixture, guint8 *ret, gsize *ret_size)
{
  memcpy (ret, sp_ticket_table_issue (fixture->tickets, anna, SECOND)->id, SP_TICKET_SIZE);
  *ret_size = SP_TICKET_SIZE;
}

static gboolean
find_ticket (Fixture *fixture, const guint8 *proof, gsize size)
{
  return sp_ticket_table_find (fixture->tickets, proof, SECOND) != NULL;
}

static void
make_app_password (Fixture *fixture, guint8 *ret, gsize *ret_size)
{
  char text[SP_APP_PASSWORD_TEXT_SIZE];

  g_assert_true (sp_app_password_store_add (fixture->app_passwords, fixture->devices, phone, anna,
                                            text, NULL));
  *ret_size = strlen (text);
  memcpy (ret, text, *ret_size);
}

static gboolean
check_app_password (Fixture *fixture, const guint8 *proof, gsize size)
{
  guint8 device[SP_ID_SIZE];

  return sp_app_password_store_check (fixture->app_passwords, anna, proof, size, device, NULL);
}

static void
set_up_two_steps (Fixture *fixture, SpRecoveryTexts ret_texts)
{
  char code[SP_CODE_DIGITS + 1];
  time_t before = (time_t) (NOW / SECOND - SP_TOTP_PERIOD);

  g_assert_true (sp_two_step_store_enroll (fixture->two_steps, anna, fixture->totp_secret, NULL));
  g_assert_cmpint (oath_totp_generate ((const char *) fixture->totp_secret, SP_TOTP_SECRET_SIZE,
                                       before, SP_TOTP_PERIOD, 0, SP_CODE_DIGITS, code),
                   ==, OATH_OK);
  g_assert_true (sp_two_step_store_confirm (fixture->two_steps, anna, (const guint8 *) code,
                                            SP_CODE_DIGITS, NOW / SECOND, ret_texts, NULL));
}

static void
make_recovery_code (Fixture *fixture, guint8 *ret, gsize *ret_size)
{
  SpRecoveryTexts texts;

  set_up_two_steps (fixture, texts);
  *ret_size = strlen (texts[0]);
  memcpy (ret, texts[0], *ret_size);
}

static gboolean
use_recovery_code (Fixture *fixture, const guint8 *proof, gsize size)
{
  return sp_two_step_store_use (fixture->two_steps, anna, proof, size, NOW / SECOND, NULL) ==
         SP_CODE_RECOVERY;
}

/* RFC 6238, appendix B: a secret and a time whose neighbouring codes differ in several digits. */
static const guint8 vector_secret[] = "12345678901234567890";

static void
make_code (Fixture *fixture, guint8 *ret, gsize *ret_size)
{
  memcpy (ret, "005924", SP_CODE_DIGITS);
  *ret_size = SP_CODE_DIGITS;
}

static gboolean
check_code (Fixture *fixture, const guint8 *proof, gsize size)
{
  gint64 step;

  return sp_totp_find_step (vector_secret, 1234567890, proof, size, &step);
}

static void
make_invitation (Fixture *fixture, guint8 *ret, gsize *ret_size)
{
  SpInvitationKnown known = { .invitation = { 3 },
                              .created = (guint64) NOW,
                              .expires = (guint64) (NOW + 3600 * SECOND),
                              .name = "phone",
                              .name_length = 5 };
  guint8 hash[SP_TOKEN_HASH_SIZE];

  for (guint i = 0; i < SP_TOKEN_SIZE; i++)
    ret[i] = (guint8) (37 * i + 11);
  *ret_size = SP_TOKEN_SIZE;
  memcpy (known.user, anna, SP_ID_SIZE);
  sp_token_hash (ret, hash);
  g_assert_true (
      sp_invitation_store_add (fixture->invitations, &known, "https://vpn.test", hash, NULL));
}

static gboolean
open_invitation (Fixture *fixture, const guint8 *proof, gsize size)
{
  guint8 hash[SP_TOKEN_HASH_SIZE];
  SpInvitationEntry entry;

  sp_token_hash (proof, hash);
  return sp_invitation_store_find_open (fixture->invitations, hash, NOW, &entry, NULL);
}

/* The same as it stands in a link. */
static void
make_link (Fixture *fixture, guint8 *ret, gsize *ret_size)
{
  guint8 token[PROOF_MAX];
  gsize size;
  char text[SP_TOKEN_TEXT_LENGTH + 1];

  make_invitation (fixture, token, &size);
  sp_token_write (token, text);
  *ret_size = SP_TOKEN_TEXT_LENGTH;
  memcpy (ret, text, SP_TOKEN_TEXT_LENGTH);
}

static gboolean
open_link (Fixture *fixture, const guint8 *proof, gsize size)
{
  guint8 token[SP_TOKEN_SIZE];

  return sp_token_read ((const char *) proof, size, token) &&
         open_invitation (fixture, token, sizeof token);
}

static void
make_certificate (Fixture *fixture, guint8 *ret, gsize *ret_size)
{
  guint8 fingerprint[SP_FINGERPRINT_SIZE];

  *ret_size = PROOF_MAX;
  for (guint i = 0; i < PROOF_MAX; i++)
    ret[i] = (guint8) i;
  g_assert_true (sp_device_store_add (fixture->devices, laptop, anna, NULL));
  g_assert_true (sp_device_store_fingerprint (ret, *ret_size, fingerprint));
  g_assert_true (
      sp_device_store_add_certificate (fixture->devices, laptop, fingerprint, NOW, NULL));
}

static gboolean
find_certificate (Fixture *fixture, const guint8 *proof, gsize size)
{
  guint8 fingerprint[SP_FINGERPRINT_SIZE];
  SpDeviceEntry device;

  return sp_device_store_fingerprint (proof, size, fingerprint) &&
         sp_device_store_find_certificate (fixture->devices, fingerprint, &device, NULL);
}

static void
make_password (Fixture *fixture, guint8 *ret, gsize *ret_size)
{
  static const char password[] = "correct horse";

  *ret_size = strlen (password);
  memcpy (ret, password, *ret_size);
  fixture->verifier = sp_password_make_verifier (ret, *ret_size, NULL);
  g_assert_nonnull (fixture->verifier);
}

static gboolean
check_password (Fixture *fixture, const guint8 *proof, gsize size)
{
  gboolean right = FALSE;

  return sp_password_check (proof, size, fixture->verifier, &right, NULL) && right;
}

/* --- the table --- */

#define READABLE "abcdefghijklmnopqrstuvwxyz0123456789"
#define ADDRESS  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

/* `characters`: those that a typed proof may have, any of which is tried at each place but at
 * hyphens of readable secrets; NULL: each bit is flipped; "": one bit of each byte, since each try
 * is expensive. */
static const struct
{
  const char *name;
  void (*make) (Fixture *fixture, guint8 *ret, gsize *ret_size);
  gboolean (*accept) (Fixture *fixture, const guint8 *proof, gsize size);
  const char *characters;
} proofs[] = {
  { "cookie", make_cookie, redeem, NULL },
  { "cookie-given-up", make_cookie, give_up, NULL },
  { "ticket", make_ticket, find_ticket, NULL },
  { "app-password", make_app_password, check_app_password, READABLE },
  { "recovery-code", make_recovery_code, use_recovery_code, READABLE },
  { "code", make_code, check_code, "0123456789" },
  { "invitation", make_invitation, open_invitation, NULL },
  { "link", make_link, open_link, ADDRESS },
  { "certificate", make_certificate, find_certificate, NULL },
  { "password", make_password, check_password, "" },
};

static void
forge_bits (Fixture *fixture, guint row, guint8 *proof, gsize size, guint step)
{
  for (gsize bit = 0; bit < 8 * size; bit += step)
    {
      proof[bit / 8] ^= (guint8) (1 << bit % 8);
      if (proofs[row].accept (fixture, proof, size))
        g_error ("bit %" G_GSIZE_FORMAT " does not matter", bit);
      proof[bit / 8] ^= (guint8) (1 << bit % 8);
    }
}

static void
forge_characters (Fixture *fixture, guint row, guint8 *proof, gsize size)
{
  const char *all = proofs[row].characters;

  for (gsize i = 0; i < size; i++)
    {
      guint8 right = proof[i];

      if (right == '-' && strchr (all, '-') == NULL)
        continue;
      for (const char *other = all; *other != '\0'; other++)
        {
          proof[i] = (guint8) *other;
          if (proof[i] != right && proofs[row].accept (fixture, proof, size))
            g_error ("“%c” is as good as “%c” at %" G_GSIZE_FORMAT, *other, right, i);
        }
      proof[i] = right;
    }
}

static void
test_proof (Fixture *fixture, gconstpointer data)
{
  guint row = GPOINTER_TO_UINT (data);
  const char *characters = proofs[row].characters;
  guint8 proof[PROOF_MAX] = { 0 };
  gsize size;

  proofs[row].make (fixture, proof, &size);
  if (characters != NULL && characters[0] != '\0')
    forge_characters (fixture, row, proof, size);
  else
    forge_bits (fixture, row, proof, size, characters == NULL ? 1 : 8);
  /* It was the genuine one all the time. */
  g_assert_true (proofs[row].accept (fixture, proof, size));
}

/* The other way round: a verifier with another character in its hash is nobody's. */
static void
test_verifier (Fixture *fixture, gconstpointer data)
{
  guint8 password[PROOF_MAX];
  gsize size;
  char *hash;

  make_password (fixture, password, &size);
  hash = strrchr (fixture->verifier, '$') + 1;
  for (char *at = hash; *at != '\0'; at++)
    {
      char right = *at;

      *at = right == 'z' ? 'y' : 'z';
      g_assert_false (check_password (fixture, password, size));
      *at = right;
    }
  g_assert_true (check_password (fixture, password, size));
}

/* What an invitation gave out fetches its files, and nothing else does. */
static void
test_claim (Fixture *fixture, gconstpointer data)
{
  SpInvitationKnown known = { .invitation = { 3 } };
  g_autoptr (SpTransaction) transaction = NULL;
  guint8 claim[SP_TOKEN_SIZE] = { 9, 9, 9 };
  guint8 token[PROOF_MAX];
  guint8 hash[SP_TOKEN_HASH_SIZE];
  SpInvitationEntry entry;
  g_autoptr (GBytes) file = NULL;
  gsize size;

  make_invitation (fixture, token, &size);
  g_assert_true (sp_device_store_add (fixture->devices, phone, anna, NULL));
  memcpy (known.user, anna, SP_ID_SIZE);
  memcpy (known.device, phone, SP_ID_SIZE);
  known.opened = (guint64) NOW;
  known.expires = (guint64) (NOW + 3600 * SECOND);
  sp_token_hash (claim, hash);
  transaction = sp_transaction_begin (fixture->database, SP_DURABLE, NULL);
  g_assert_true (sp_invitation_store_claim (fixture->invitations, &known, hash,
                                            (const guint8 *) "file", 4, NULL));
  g_assert_true (sp_transaction_commit (&transaction, NULL));
  for (guint bit = 0; bit < 8 * sizeof claim; bit++)
    {
      claim[bit / 8] ^= (guint8) (1 << bit % 8);
      sp_token_hash (claim, hash);
      g_assert_false (
          sp_invitation_store_find_claimed (fixture->invitations, hash, NOW, &entry, &file, NULL));
      claim[bit / 8] ^= (guint8) (1 << bit % 8);
    }
  sp_token_hash (claim, hash);
  g_assert_true (
      sp_invitation_store_find_claimed (fixture->invitations, hash, NOW, &entry, &file, NULL));
  g_assert_false (open_invitation (fixture, token, size)); /* used up */
}

/* A PKCS #12 file with a key, sealed with a passphrase. */
static gnutls_datum_t
make_sealed_key (void)
{
  gnutls_datum_t sealed = { NULL, 0 };
  gnutls_datum_t bytes = { NULL, 0 };
  gnutls_x509_privkey_t key;
  gnutls_pkcs12_bag_t bag;
  gnutls_pkcs12_t file;

  g_assert_cmpint (gnutls_x509_privkey_init (&key), ==, 0);
  g_assert_cmpint (gnutls_x509_privkey_generate (
                       key, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS (GNUTLS_ECC_CURVE_SECP256R1), 0),
                   ==, 0);
  g_assert_cmpint (
      gnutls_x509_privkey_export2_pkcs8 (key, GNUTLS_X509_FMT_DER, NULL, GNUTLS_PKCS_PLAIN, &bytes),
      ==, 0);
  g_assert_cmpint (gnutls_pkcs12_bag_init (&bag), ==, 0);
  g_assert_cmpint (gnutls_pkcs12_bag_set_data (bag, GNUTLS_BAG_PKCS8_KEY, &bytes), >=, 0);
  g_assert_cmpint (gnutls_pkcs12_init (&file), ==, 0);
  g_assert_cmpint (gnutls_pkcs12_set_bag (file, bag), ==, 0);
  g_assert_cmpint (gnutls_pkcs12_generate_mac2 (file, GNUTLS_MAC_SHA256, "secret"), ==, 0);
  g_assert_cmpint (gnutls_pkcs12_export2 (file, GNUTLS_X509_FMT_DER, &sealed), ==, 0);
  gnutls_pkcs12_deinit (file);
  gnutls_pkcs12_bag_deinit (bag);
  gnutls_x509_privkey_deinit (key);
  gnutls_free (bytes.data);
  return sealed;
}

#define ENVELOPE 30 /* bytes that say what follows, and are not sealed */

static void
test_sealed_key (void)
{
  gnutls_datum_t sealed = make_sealed_key ();
  g_autoptr (SpBundle) genuine = sp_bundle_new ();

  /* Each try derives a key slowly, so only some bytes. */
  for (guint i = ENVELOPE; i < sealed.size; i += 11)
    {
      g_autoptr (SpBundle) bundle = sp_bundle_new ();

      g_test_message ("byte %u of %u", i, sealed.size);
      sealed.data[i] ^= (guint8) (1 << i % 8);
      g_assert_cmpint (sp_bundle_add (bundle, sealed.data, sealed.size, "secret"), !=,
                       SP_BUNDLE_READ);
      sealed.data[i] ^= (guint8) (1 << i % 8);
    }
  g_assert_cmpint (sp_bundle_add (genuine, sealed.data, sealed.size, "secret"), ==, SP_BUNDLE_READ);
  g_assert_cmpuint (genuine->keys->len, ==, 1);
  gnutls_free (sealed.data);
}

/* --- life --- */

static void
gone_cb (gpointer user_data, const guint8 *session, SpBar bar)
{
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  SpPutUser user = { .login = "anna", .login_length = 4 };

  g_assert_true (sp_totp_prepare (NULL));
  fixture->folder = g_dir_make_tmp ("forgeries-XXXXXX", NULL);
  fixture->file = g_build_filename (fixture->folder, "test.db", NULL);
  fixture->database = sp_database_open (fixture->file, NULL);
  g_assert_nonnull (fixture->database);
  fixture->users = sp_user_store_new (fixture->database, NULL);
  fixture->devices = sp_device_store_new (fixture->database, NULL);
  fixture->cookies = sp_cookie_registry_new (fixture->database, 300, gone_cb, fixture, NULL);
  fixture->app_passwords = sp_app_password_store_new (fixture->database, NULL);
  fixture->two_steps = sp_two_step_store_new (fixture->database, NULL);
  fixture->invitations = sp_invitation_store_new (fixture->database, NULL);
  fixture->tickets = sp_ticket_table_new ();
  memcpy (user.user, anna, SP_ID_SIZE);
  g_assert_true (sp_user_store_put (fixture->users, &user, NULL));
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  sp_ticket_table_free (fixture->tickets);
  sp_invitation_store_free (fixture->invitations);
  sp_two_step_store_free (fixture->two_steps);
  sp_app_password_store_free (fixture->app_passwords);
  sp_cookie_registry_free (fixture->cookies);
  sp_device_store_free (fixture->devices);
  sp_user_store_free (fixture->users);
  sp_database_close (fixture->database);
  sp_secret_text_free (fixture->verifier);
  g_assert_no_errno (g_unlink (fixture->file));
  g_assert_no_errno (g_rmdir (fixture->folder));
  g_free (fixture->folder);
  g_free (fixture->file);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (proofs); i++)
    {
      g_autofree char *path = g_strdup_printf ("/forgeries/%s", proofs[i].name);

      g_test_add (path, Fixture, GUINT_TO_POINTER (i), set_up, test_proof, tear_down);
    }
  g_test_add_func ("/forgeries/sealed-key", test_sealed_key);
  g_test_add ("/forgeries/verifier", Fixture, NULL, set_up, test_verifier, tear_down);
  g_test_add ("/forgeries/claim", Fixture, NULL, set_up, test_claim, tear_down);
  return g_test_run ();
}
