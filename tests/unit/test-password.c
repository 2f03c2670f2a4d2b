/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hash-queue.h"
#include "password-reader.h"
#include "password.h"

#include "base/error.h"
#include "base/io.h"
#include "base/secret.h"

#include <string.h>
#include <unistd.h>

static gboolean
check (const char *password, gsize length, const char *verifier)
{
  gboolean right = FALSE;

  g_assert_true (sp_password_check ((const guint8 *) password, length, verifier, &right, NULL));
  return right;
}

static char *
make (const char *password, gsize length)
{
  g_autoptr (GError) error = NULL;
  char *verifier = sp_password_make_verifier ((const guint8 *) password, length, &error);

  g_assert_no_error (error);
  return verifier;
}

static void
test_verifier (void)
{
  g_autoptr (SpSecretText) verifier = make ("correct horse", 13);
  g_autoptr (SpSecretText) again = make ("correct horse", 13);

  g_assert_true (g_str_has_prefix (verifier, "$y$"));
  g_assert_cmpstr (verifier, !=, again);
  g_assert_true (check ("correct horse", 13, verifier));
  g_assert_true (check ("correct horse", 13, again));
  g_assert_false (check ("correct horse ", 14, verifier));
  g_assert_false (check ("correct hors", 12, verifier));
  g_assert_false (check ("Correct horse", 13, verifier));
}

/* Every byte counts, in the longest one, too; all values but zero are fine. */
static void
test_any_bytes (void)
{
  char password[SP_PASSWORD_MAX];
  g_autoptr (SpSecretText) verifier = NULL;

  for (guint i = 0; i < sizeof password; i++)
    password[i] = (char) (1 + i % 255);
  verifier = make (password, sizeof password);
  g_assert_true (check (password, sizeof password, verifier));
  password[sizeof password - 1] ^= 2;
  g_assert_false (check (password, sizeof password, verifier));
}

static void
test_acceptable (void)
{
  guint8 bytes[SP_PASSWORD_MAX + 1];

  memset (bytes, 'x', sizeof bytes);
  g_assert_false (sp_password_is_acceptable (bytes, 0));
  g_assert_true (sp_password_is_acceptable (bytes, 1));
  g_assert_true (sp_password_is_acceptable (bytes, SP_PASSWORD_MAX));
  g_assert_false (sp_password_is_acceptable (bytes, SP_PASSWORD_MAX + 1));
  bytes[5] = 0;
  g_assert_false (sp_password_is_acceptable (bytes, 6));
  g_assert_true (sp_password_is_acceptable (bytes, 5));
}

static void
test_damaged_verifier (void)
{
  static const char *const verifiers[] = { "",         "*0",      "*",
                                           "$y$",      "$y$j9T$", "$y$zzz$salt$hash",
                                           "$unknown$" };

  for (guint i = 0; i < G_N_ELEMENTS (verifiers); i++)
    {
      g_autoptr (GError) error = NULL;
      gboolean right = FALSE;

      if (!sp_password_check ((const guint8 *) "x", 1, verifiers[i], &right, &error))
        g_assert_nonnull (error);
      g_assert_false (right);
    }
}

/* What the queue answered, in order. */
typedef struct
{
  GString *order;
  guint freed;
  char *verifier;
} Answers;

typedef struct
{
  Answers *answers;
  char name;
} Job;

static void
hashed_cb (gpointer user_data, SpHashOutcome outcome, const char *verifier)
{
  Job *job = user_data;

  if (job->answers->verifier == NULL && outcome == SP_HASH_RIGHT)
    job->answers->verifier = g_strdup (verifier);
  g_string_append_c (job->answers->order, job->name);
  g_string_append_c (job->answers->order, "+-lf"[outcome]);
}

static void
free_job (gpointer data)
{
  Job *job = data;

  job->answers->freed++;
  g_free (job);
}

static gboolean
enqueue_from (SpHashQueue *queue,
              SpHashLane lane,
              guint64 network,
              const char *password,
              const char *verifier,
              Answers *answers,
              char name)
{
  Job *job = g_new0 (Job, 1);

  job->answers = answers;
  job->name = name;
  if (sp_hash_queue_check (queue, lane, network, (const guint8 *) password, strlen (password),
                           verifier, hashed_cb, job, free_job))
    return TRUE;
  g_free (job);
  return FALSE;
}

static gboolean
enqueue (SpHashQueue *queue,
         SpHashLane lane,
         const char *password,
         const char *verifier,
         Answers *answers,
         char name)
{
  return enqueue_from (queue, lane, 1, password, verifier, answers, name);
}

static void
wait_for (Answers *answers, guint n)
{
  while (answers->freed < n)
    (void) g_main_context_iteration (NULL, TRUE);
}

static void
answers_clear (Answers *answers)
{
  g_string_free (answers->order, TRUE);
  g_free (answers->verifier);
}

static void
test_queue (void)
{
  g_autoptr (SpHashQueue) queue = sp_hash_queue_new (NULL);
  Answers answers = { .order = g_string_new (NULL) };
  Job *job = g_new0 (Job, 1);

  *job = (Job){ &answers, 'm' };
  g_assert_true (sp_hash_queue_make (queue, SP_HASH_OWNER, (const guint8 *) "secret", 6, hashed_cb,
                                     job, free_job));
  wait_for (&answers, 1);
  g_assert_true (enqueue (queue, SP_HASH_STRANGER, "secret", answers.verifier, &answers, 'a'));
  wait_for (&answers, 2);
  g_assert_true (enqueue (queue, SP_HASH_STRANGER, "Secret", answers.verifier, &answers, 'b'));
  wait_for (&answers, 3);
  g_assert_true (enqueue (queue, SP_HASH_STRANGER, "secret", NULL, &answers, 'c'));
  wait_for (&answers, 4);
  g_assert_true (enqueue (queue, SP_HASH_STRANGER, "secret", "*", &answers, 'd'));
  wait_for (&answers, 5);
  g_assert_cmpstr (answers.order->str, ==, "m+a+b-c-df");
  answers_clear (&answers);
}

/* Who is known comes before all strangers that wait, and a full lane takes no more. */
static void
test_lanes (void)
{
  g_autoptr (SpHashQueue) queue = sp_hash_queue_new (NULL);
  Answers answers = { .order = g_string_new (NULL) };
  guint strangers = 0;

  while (enqueue (queue, SP_HASH_STRANGER, "x", NULL, &answers, 's'))
    strangers++;
  g_assert_cmpuint (strangers, >=, SP_HASH_WAITING_MAX);
  g_assert_cmpuint (strangers, <=, SP_HASH_WAITING_MAX + 4); /* the threads took some */
  g_assert_true (enqueue (queue, SP_HASH_KNOWN, "x", NULL, &answers, 'k'));
  wait_for (&answers, 20);
  g_assert_nonnull (strchr (answers.order->str, 'k'));
  sp_hash_queue_free (g_steal_pointer (&queue)); /* the others are dropped, not answered */
  g_assert_cmpuint (answers.freed, ==, strangers + 1);
  g_assert_cmpuint (answers.order->len, <, 2 * strangers);
  answers_clear (&answers);
}

/* Guesses of one network wait behind each other, not before somebody else. */
static void
test_crowd (void)
{
  g_autoptr (SpHashQueue) queue = sp_hash_queue_new (NULL);
  Answers answers = { .order = g_string_new (NULL) };

  for (guint i = 0; i < 24; i++)
    g_assert_true (enqueue_from (queue, SP_HASH_STRANGER, 1, "x", NULL, &answers, 's'));
  g_assert_true (enqueue_from (queue, SP_HASH_STRANGER, 2, "x", NULL, &answers, 'a'));
  wait_for (&answers, 25);
  g_assert_nonnull (strchr (answers.order->str, 'a'));
  /* behind those only that threads had taken before it came, two letters each */
  g_assert_cmpint (strchr (answers.order->str, 'a') - answers.order->str, <, 24);
  answers_clear (&answers);
}

/* Many of one network are not kept waiting by single ones of others who go on arriving. */
static void
test_office (void)
{
  g_autoptr (SpHashQueue) queue = sp_hash_queue_new (NULL);
  Answers answers = { .order = g_string_new (NULL) };
  guint n_others = 0;
  guint n_office = 0;

  for (guint i = 0; i < 8; i++)
    g_assert_true (enqueue_from (queue, SP_HASH_STRANGER, 1, "x", NULL, &answers, 'o'));
  for (guint i = 0; i < 4; i++)
    g_assert_true (
        enqueue_from (queue, SP_HASH_STRANGER, 100 + n_others++, "x", NULL, &answers, 's'));
  for (guint n_answered = 1; n_answered <= 40; n_answered++)
    {
      wait_for (&answers, n_answered);
      g_assert_true (
          enqueue_from (queue, SP_HASH_STRANGER, 100 + n_others++, "x", NULL, &answers, 's'));
    }
  for (gsize i = 0; i < 2 * 40; i++)
    n_office += answers.order->str[i] == 'o';
  g_assert_cmpuint (n_office, >=, 6);
  g_assert_cmpuint (n_office, <=, 8);
  wait_for (&answers, 8 + n_others);
  answers_clear (&answers);
}

typedef struct
{
  char *password; /* NULL until it is read */
  GError *error;
  GMainLoop *loop;
} Reading;

static void
read_cb (gpointer user_data, const guint8 *password, gsize length, const GError *error)
{
  Reading *reading = user_data;

  if (error != NULL)
    reading->error = g_error_copy (error);
  else
    reading->password = g_strndup ((const char *) password, length);
  g_main_loop_quit (reading->loop);
}

static char *
read_from (int fd, guint seconds, GError **error)
{
  Reading reading = { .loop = g_main_loop_new (NULL, FALSE) };
  SpPasswordReader *reader = sp_password_reader_new (fd, seconds, read_cb, &reading);

  g_main_loop_run (reading.loop);
  g_main_loop_unref (reading.loop);
  sp_password_reader_free (reader);
  if (reading.error != NULL)
    g_propagate_error (error, reading.error);
  return reading.password;
}

static char *
read_bytes (const char *bytes, gsize size, GError **error)
{
  int fds[2];

  g_assert_no_errno (pipe (fds));
  g_assert_cmpint (write (fds[1], bytes, size), ==, (gssize) size);
  g_assert_no_errno (close (fds[1]));
  return read_from (fds[0], 5, error);
}

static void
test_reader (void)
{
  static const struct
  {
    const char *bytes;
    gsize size;
    const char *password; /* NULL: refused */
  } cases[] = {
    { "secret", 6, "secret" },   { "secret\n", 7, "secret" },   { "two\n\n", 5, "two\n" },
    { "\nfirst", 6, "\nfirst" }, { " spaces ", 8, " spaces " }, { "", 0, NULL },
    { "\n", 1, NULL },           { "a\0b", 3, NULL },           { "dos\r\n", 5, "dos\r" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *password = read_bytes (cases[i].bytes, cases[i].size, &error);

      g_assert_cmpstr (password, ==, cases[i].password);
      if (password == NULL)
        g_assert_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS);
    }
}

static void
test_reader_bounds (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *bytes = g_strnfill (SP_PASSWORD_MAX + 2, 'x');
  g_autofree char *longest = NULL;

  g_assert_null (read_bytes (bytes, SP_PASSWORD_MAX + 1, &error));
  g_assert_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS);
  g_clear_error (&error);
  g_assert_null (read_bytes (bytes, SP_PASSWORD_MAX + 2, &error));
  g_assert_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS);
  bytes[SP_PASSWORD_MAX] = '\n';
  longest = read_bytes (bytes, SP_PASSWORD_MAX + 1, NULL);
  g_assert_cmpuint (strlen (longest), ==, SP_PASSWORD_MAX);
}

static void
test_reader_patience (void)
{
  g_autoptr (GError) error = NULL;
  int fds[2];

  g_assert_no_errno (pipe (fds));
  g_assert_cmpint (write (fds[1], "half", 4), ==, 4);
  g_assert_null (read_from (fds[0], 1, &error));
  g_assert_error (error, SP_ERROR, SP_ERROR_TIMEOUT);
  g_assert_no_errno (close (fds[1]));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/password/verifier", test_verifier);
  g_test_add_func ("/password/any-bytes", test_any_bytes);
  g_test_add_func ("/password/acceptable", test_acceptable);
  g_test_add_func ("/password/damaged-verifier", test_damaged_verifier);
  g_test_add_func ("/password/queue", test_queue);
  g_test_add_func ("/password/lanes", test_lanes);
  g_test_add_func ("/password/crowd", test_crowd);
  g_test_add_func ("/password/office", test_office);
  g_test_add_func ("/password/reader", test_reader);
  g_test_add_func ("/password/reader-bounds", test_reader_bounds);
  g_test_add_func ("/password/reader-patience", test_reader_patience);
  return g_test_run ();
}
