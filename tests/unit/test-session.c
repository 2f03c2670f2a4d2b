/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session.h"

static const guint8 id[SP_ID_SIZE] = { 1, 2, 3 };

static SpSession *
make_session (gint64 age_in_seconds)
{
  SpUserRecord *record = g_new0 (SpUserRecord, 1);
  g_autoptr (SpUser) user = NULL;
  SpSession *session;

  record->login = g_strdup ("alice");
  user = sp_user_new (record);
  session = sp_session_new (id, user);
  if (age_in_seconds != G_MININT64)
    sp_session_get_estate (session)->record.created =
        g_get_real_time () - age_in_seconds * G_USEC_PER_SEC;
  sp_user_record_free (record);
  return session;
}

/* A session's age counts from its sign-in, however often it comes back. */
static void
test_seconds_left (void)
{
  static const struct
  {
    gint64 age; /* G_MININT64: not known */
    guint timeout;
    guint left;
  } rows[] = {
    { G_MININT64, 0, G_MAXUINT },
    { G_MININT64, 60, 60 },
    { 1000000, 0, G_MAXUINT },
    { 50, 60, 10 },
    { 60, 60, 0 },
    { 61, 60, 0 },
    { 1000000, 60, 0 },
    { -5, 60, 60 }, /* the clock was put back */
    { 31000000, 31536000, 536000 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (SpSession) session = make_session (rows[i].age);
      guint left = sp_session_get_seconds_left (session, rows[i].timeout);

      g_test_message ("%u", i);
      if (rows[i].left > 0 && rows[i].left < rows[i].timeout)
        g_assert_cmpuint (left, >=, rows[i].left - 1); /* a second may have passed */
      else
        g_assert_cmpuint (left, ==, rows[i].left);
      g_assert_cmpuint (left, <=, rows[i].left);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/session/seconds-left", test_seconds_left);
  return g_test_run ();
}
