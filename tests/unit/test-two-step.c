/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ticket-table.h"
#include "two-step-store.h"
#include "user-store.h"

#include "base/error.h"

#include <glib/gstdio.h>
#include <liboath/oath.h>
#include <string.h>

#define SECOND ((gint64) G_USEC_PER_SEC)
#define START  (1000 * SECOND)                  /* of tickets' clock */
#define NOW    (G_GINT64_CONSTANT (1700000000)) /* seconds; a step begins 20 s before */
#define STEP   (NOW / SP_TOTP_PERIOD)

static const guint8 anna[SP_ID_SIZE] = { 1 };
static const guint8 bert[SP_ID_SIZE] = { 2 };

/* --- codes --- */

/* RFC 6238, appendix B, of which the last six digits count. */
static void
test_vectors (void)
{
  static const guint8 secret[] = "12345678901234567890";
  static const struct
  {
    gint64 time;
    const char *code;
  } vectors[] = {
    { 59, "287082" },         { 1111111109, "081804" },
    { 1111111111, "050471" }, { 1234567890, "005924" },
    { 2000000000, "279037" }, { G_GINT64_CONSTANT (20000000000), "353130" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (vectors); i++)
    {
      const guint8 *code = (const guint8 *) vectors[i].code;
      gint64 time = vectors[i].time;
      gint64 step = 0;

      g_assert_true (sp_totp_find_step (secret, time, code, 6, &step));
      g_assert_cmpint (step, ==, time / 30);
      g_assert_true (sp_totp_find_step (secret, time + 30, code, 6, &step));
      g_assert_true (sp_totp_find_step (secret, MAX (time - 30, 30), code, 6, &step));
      g_assert_cmpint (step, ==, time / 30);
      g_assert_false (sp_totp_find_step (secret, time + 60, code, 6, &step));
      g_assert_false (sp_totp_find_step (secret, time, code, 5, &step));
      g_assert_false (sp_totp_find_step (secret, time, (const guint8 *) "2870820", 7, &step));
    }
}

static void
test_uri (void)
{
  static const guint8 secret[] = "12345678901234567890";
  char longest[SP_LOGIN_MAX + 1];
  g_autofree char *uri = sp_totp_make_uri (secret, "jo:e & ä", "My VPN/1");
  g_autofree char *long_one = NULL;

  g_assert_cmpstr (uri, ==,
                   "otpauth://totp/My%20VPN%2F1:jo%3Ae%20%26%20%C3%A4?secret="
                   "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=My%20VPN%2F1&algorithm=SHA1&digits=6"
                   "&period=30");
  memset (longest, '%', sizeof longest);
  longest[SP_LOGIN_MAX] = '\0';
  long_one = sp_totp_make_uri (secret, longest, longest);
  g_assert_true (g_str_has_suffix (long_one, "&digits=6&period=30"));
}

static void
test_recovery_code (void)
{
  char text[SP_RECOVERY_TEXT_SIZE];
  char other[SP_RECOVERY_TEXT_SIZE];
  guint8 normal[SP_CODE_MAX];

  sp_readable_secret_make (SP_RECOVERY_CODE_SIZE, SP_RECOVERY_GROUP, text);
  sp_readable_secret_make (SP_RECOVERY_CODE_SIZE, SP_RECOVERY_GROUP, other);
  g_assert_cmpuint (strlen (text), ==, 19);
  g_assert_cmpstr (text, !=, other);
  g_assert_cmpuint (sp_readable_secret_normalise ((const guint8 *) text, 19, normal, sizeof normal),
                    ==, SP_RECOVERY_CODE_SIZE);
  g_assert_cmpuint (
      sp_readable_secret_normalise ((const guint8 *) " AB-c d--", 9, normal, sizeof normal), ==, 4);
  g_assert_cmpmem (normal, 4, "abcd", 4);
  memset (text, ' ', sizeof text);
  g_assert_cmpuint (
      sp_readable_secret_normalise ((const guint8 *) text, sizeof text, normal, sizeof normal), ==,
      0);
}

/* --- the store --- */

typedef struct
{
  char *folder;
  char *file;
  SpDatabase *database;
  SpUserStore *users;
  SpTwoStepStore *store;
  guint8 secret[SP_TOTP_SECRET_SIZE];
  SpRecoveryTexts texts;
  guint n_told;
} Fixture;

static void
open_store (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;

  fixture->database = sp_database_open (fixture->file, &error);
  g_assert_no_error (error);
  fixture->users = sp_user_store_new (fixture->database, &error);
  fixture->store = sp_two_step_store_new (fixture->database, &error);
  g_assert_no_error (error);
}

static void
close_store (Fixture *fixture)
{
  sp_two_step_store_free (fixture->store);
  sp_user_store_free (fixture->users);
  sp_database_close (fixture->database);
}

static void
put_user (Fixture *fixture, const guint8 *id, const char *login)
{
  SpPutUser user = { .login_length = (guint16) strlen (login) };

  memcpy (user.user, id, SP_ID_SIZE);
  memcpy (user.login, login, user.login_length);
  g_assert_true (sp_user_store_put (fixture->users, &user, NULL));
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = g_dir_make_tmp ("two-step-XXXXXX", NULL);
  fixture->file = g_build_filename (fixture->folder, "test.db", NULL);
  open_store (fixture);
  put_user (fixture, anna, "anna");
  put_user (fixture, bert, "bert");
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  close_store (fixture);
  g_assert_no_errno (g_unlink (fixture->file));
  g_assert_no_errno (g_rmdir (fixture->folder));
  g_free (fixture->folder);
  g_free (fixture->file);
}

/* What a phone shows. */
static void
find_code (const guint8 *secret, gint64 step, char ret_code[SP_CODE_DIGITS + 1])
{
  g_assert_cmpint (oath_totp_generate ((const char *) secret, SP_TOTP_SECRET_SIZE,
                                       (time_t) (step * SP_TOTP_PERIOD), SP_TOTP_PERIOD, 0,
                                       SP_CODE_DIGITS, ret_code),
                   ==, OATH_OK);
}

static gboolean
confirm (Fixture *fixture, const char *code, GError **error)
{
  return sp_two_step_store_confirm (fixture->store, anna, (const guint8 *) code, strlen (code), NOW,
                                    fixture->texts, error);
}

static void
switch_on (Fixture *fixture)
{
  char code[SP_CODE_DIGITS + 1];

  g_assert_true (sp_two_step_store_enroll (fixture->store, anna, fixture->secret, NULL));
  find_code (fixture->secret, STEP - 1, code);
  g_assert_true (confirm (fixture, code, NULL));
}

static SpCodeOutcome
use (Fixture *fixture, const char *code)
{
  return sp_two_step_store_use (fixture->store, anna, (const guint8 *) code, strlen (code), NOW,
                                NULL);
}

static SpCodeOutcome
use_step (Fixture *fixture, gint64 step)
{
  char code[SP_CODE_DIGITS + 1];

  find_code (fixture->secret, step, code);
  return use (fixture, code);
}

static SpTwoStepState
look (Fixture *fixture, guint *ret_codes)
{
  return sp_two_step_store_look (fixture->store, anna, ret_codes, NULL);
}

static void
test_enrolment (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  char code[SP_CODE_DIGITS + 1];
  guint8 nobody[SP_ID_SIZE] = { 9 };
  guint codes;

  g_assert_false (confirm (fixture, "123456", &error));
  g_assert_error (error, SP_ERROR, SP_ERROR_NOT_FOUND);
  g_assert_false (sp_two_step_store_enroll (fixture->store, nobody, fixture->secret, NULL));
  g_assert_true (sp_two_step_store_enroll (fixture->store, anna, fixture->secret, NULL));
  g_assert_cmpint (look (fixture, NULL), ==, SP_TWO_STEP_OFF);
  g_assert_cmpint (use_step (fixture, STEP), ==, SP_CODE_WRONG); /* it does not count yet */
  g_clear_error (&error);
  find_code (fixture->secret, STEP + 2, code);
  g_assert_false (confirm (fixture, code, &error));
  g_assert_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS);
  find_code (fixture->secret, STEP, code);
  g_assert_true (confirm (fixture, code, NULL));
  g_assert_cmpint (look (fixture, &codes), ==, SP_TWO_STEP_ON);
  g_assert_cmpuint (codes, ==, SP_RECOVERY_CODES);
  g_assert_false (confirm (fixture, code, NULL));           /* once */
  g_assert_cmpint (use (fixture, code), ==, SP_CODE_WRONG); /* it was used up */
  g_assert_cmpint (use_step (fixture, STEP + 1), ==, SP_CODE_RIGHT);
}

/* A code counts once, whatever happens in between, and none that is older. */
static void
test_replay (Fixture *fixture, gconstpointer data)
{
  switch_on (fixture);
  g_assert_cmpint (use_step (fixture, STEP), ==, SP_CODE_RIGHT);
  g_assert_cmpint (use_step (fixture, STEP), ==, SP_CODE_WRONG);
  close_store (fixture);
  open_store (fixture);
  g_assert_cmpint (use_step (fixture, STEP), ==, SP_CODE_WRONG);
  g_assert_cmpint (use_step (fixture, STEP + 1), ==, SP_CODE_RIGHT); /* a phone that is fast */
  g_assert_cmpint (use_step (fixture, STEP - 1), ==, SP_CODE_WRONG);
  g_assert_cmpint (use_step (fixture, STEP), ==, SP_CODE_WRONG);
  g_assert_cmpint (use_step (fixture, STEP + 2), ==, SP_CODE_WRONG); /* too fast */
}

static void
test_recovery (Fixture *fixture, gconstpointer data)
{
  SpRecoveryTexts old;
  g_autofree char *upper = NULL;
  guint codes;

  switch_on (fixture);
  memcpy (old, fixture->texts, sizeof old);
  for (guint i = 0; i < 3; i++)
    {
      g_assert_cmpint (use (fixture, old[i]), ==, SP_CODE_RECOVERY);
      g_assert_cmpint (use (fixture, old[i]), ==, SP_CODE_WRONG);
    }
  upper = g_ascii_strup (old[3], -1);
  g_assert_cmpint (use (fixture, upper), ==, SP_CODE_RECOVERY);
  g_assert_cmpint (look (fixture, &codes), ==, SP_TWO_STEP_ON);
  g_assert_cmpuint (codes, ==, SP_RECOVERY_CODES - 4);
  g_assert_cmpint (sp_two_step_store_use (fixture->store, bert, (const guint8 *) old[4],
                                          strlen (old[4]), NOW, NULL),
                   ==, SP_CODE_WRONG); /* another's */
  g_assert_cmpint (use (fixture, "aaaa-bbbb-cccc-dddd"), ==, SP_CODE_WRONG);
  g_assert_cmpint (use (fixture, ""), ==, SP_CODE_WRONG);

  switch_on (fixture); /* a new phone: new codes, and the old ones are void */
  g_assert_cmpint (use (fixture, old[5]), ==, SP_CODE_WRONG);
  g_assert_cmpint (use (fixture, fixture->texts[5]), ==, SP_CODE_RECOVERY);
}

/* Until a new phone is confirmed, the old one serves. */
static void
test_new_phone (Fixture *fixture, gconstpointer data)
{
  guint8 next[SP_TOTP_SECRET_SIZE];

  switch_on (fixture);
  g_assert_true (sp_two_step_store_enroll (fixture->store, anna, next, NULL));
  g_assert_cmpint (look (fixture, NULL), ==, SP_TWO_STEP_ON);
  g_assert_cmpint (use_step (fixture, STEP), ==, SP_CODE_RIGHT);
  g_assert_cmpint (use (fixture, fixture->texts[0]), ==, SP_CODE_RECOVERY);
}

static void
told_cb (gpointer user_data, const guint8 *user, guint recovery_codes)
{
  Fixture *fixture = user_data;

  fixture->n_told++;
  g_assert_cmpmem (user, SP_ID_SIZE, anna, SP_ID_SIZE);
  g_assert_cmpuint (recovery_codes, ==, SP_RECOVERY_CODES);
}

static void
test_removal (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  switch_on (fixture);
  g_assert_true (sp_two_step_store_enroll (fixture->store, bert, fixture->secret, NULL));
  g_assert_true (sp_two_step_store_tell (fixture->store, told_cb, fixture, NULL));
  g_assert_cmpuint (fixture->n_told, ==, 1); /* whose is on */
  g_assert_true (sp_two_step_store_remove (fixture->store, anna, NULL));
  g_assert_cmpint (look (fixture, NULL), ==, SP_TWO_STEP_OFF);
  g_assert_cmpint (use (fixture, fixture->texts[0]), ==, SP_CODE_WRONG);
  g_assert_false (sp_two_step_store_remove (fixture->store, anna, &error));
  g_assert_error (error, SP_ERROR, SP_ERROR_NOT_FOUND);
  switch_on (fixture);
  g_assert_true (sp_user_store_remove (fixture->users, anna, NULL)); /* it goes with its user */
  g_assert_cmpint (look (fixture, NULL), ==, SP_TWO_STEP_OFF);
}

/* --- tickets --- */

static void
test_tickets (void)
{
  g_autoptr (SpTicketTable) table = sp_ticket_table_new ();
  const guint8 nothing[SP_TICKET_SIZE] = { 0 };
  guint8 id[SP_TICKET_SIZE];
  SpTicket *ticket = sp_ticket_table_issue (table, anna, START);

  memcpy (id, ticket->id, sizeof id);
  g_assert_null (sp_ticket_table_find (table, nothing, START));
  g_assert_true (sp_ticket_table_find (table, id, START + SP_TICKET_LIFE - 1) == ticket);
  g_assert_null (sp_ticket_table_find (table, id, START + SP_TICKET_LIFE));
  g_assert_null (sp_ticket_table_find (table, id, START)); /* it was wiped */
  ticket = sp_ticket_table_issue (table, anna, START);
  memcpy (id, ticket->id, sizeof id);
  sp_ticket_clear (ticket);
  g_assert_null (sp_ticket_table_find (table, id, START));
}

/* One who asks for many pushes out their own, and all together the oldest. */
static void
test_many_tickets (void)
{
  g_autoptr (SpTicketTable) table = sp_ticket_table_new ();
  guint8 ids[SP_TICKETS_USER_MAX + 1][SP_TICKET_SIZE];
  guint8 berts[SP_TICKET_SIZE];
  guint8 user[SP_ID_SIZE] = { 3 };

  memcpy (berts, sp_ticket_table_issue (table, bert, START)->id, sizeof berts);
  for (guint i = 0; i <= SP_TICKETS_USER_MAX; i++)
    memcpy (ids[i], sp_ticket_table_issue (table, anna, START + 1 + i)->id, sizeof ids[i]);
  g_assert_null (sp_ticket_table_find (table, ids[0], START + SECOND));
  for (guint i = 1; i <= SP_TICKETS_USER_MAX; i++)
    g_assert_nonnull (sp_ticket_table_find (table, ids[i], START + SECOND));
  g_assert_nonnull (sp_ticket_table_find (table, berts, START + SECOND));
  for (guint i = 0; i < SP_TICKETS_MAX - SP_TICKETS_USER_MAX; i++)
    {
      user[1] = (guint8) i;
      user[2] = (guint8) (i >> 8);
      (void) sp_ticket_table_issue (table, user, START + SECOND + i);
    }
  g_assert_null (sp_ticket_table_find (table, berts, START + SECOND));
  g_assert_nonnull (sp_ticket_table_find (table, ids[1], START + SECOND));
}

#define ADD(name, function)                                                                        \
  g_test_add ("/two-step/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (sp_totp_prepare (NULL));
  g_test_add_func ("/two-step/vectors", test_vectors);
  g_test_add_func ("/two-step/uri", test_uri);
  g_test_add_func ("/two-step/recovery-code", test_recovery_code);
  ADD ("enrolment", test_enrolment);
  ADD ("replay", test_replay);
  ADD ("recovery", test_recovery);
  ADD ("new-phone", test_new_phone);
  ADD ("removal", test_removal);
  g_test_add_func ("/two-step/tickets", test_tickets);
  g_test_add_func ("/two-step/many-tickets", test_many_tickets);
  return g_test_run ();
}
