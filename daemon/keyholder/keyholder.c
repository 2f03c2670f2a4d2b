/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "keyholder.h"

#include "backup-job.h"
#include "backup-place.h"
#include "backup-stream.h"
#include "base/error.h"
#include "base/io.h"
#include "base/names.h"
#include "base/secret.h"
#include "certificate-import.h"
#include "certificate-order.h"
#include "dns-password.h"
#include "from-main.h"
#include "from-worker.h"
#include "invitation-order.h"
#include "pam-login.h"
#include "password-change.h"
#include "two-step-change.h"

#include <string.h>

/* What main may be told in one go: all cookies as known, all as expired, whose second step is on,
 * and some answers. */
#define TWO_STEP_USERS_MAX 20000
#define MAIN_QUEUE_MAX     (2 * SP_COOKIES_MAX + TWO_STEP_USERS_MAX + 1024)

#define RENEWAL_CHECK_SECONDS 3600 /* what ends in a month is looked at in time */

#define EXPIRY_CHECK_MAX (60 * 1000) /* milliseconds; a clock that jumps is noticed by then */

SpKeyholder *
sp_keyholder_new (int wall_fd)
{
  SpKeyholder *keyholder = g_new0 (SpKeyholder, 1);

  keyholder->loop = g_main_loop_new (NULL, FALSE);
  keyholder->sign_in = SP_SIGN_IN_PASSWORD;
  keyholder->workers = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL,
                                              (GDestroyNotify) sp_worker_peer_end);
  keyholder->token_keys = g_hash_table_new (NULL, NULL);
  keyholder->changes =
      g_hash_table_new_full (NULL, NULL, (GDestroyNotify) sp_password_change_free, NULL);
  keyholder->pam = sp_pam_login_new_table ();
  keyholder->main = sp_link_new (wall_fd, &sp_wall_main_keyholder, SP_MAIN_KEYHOLDER_KEYHOLDER,
                                 &sp_from_main, keyholder);
  /* main tells where a worker's client comes from before that worker gets it */
  sp_link_set_priority (keyholder->main, G_PRIORITY_HIGH);
  sp_link_set_queue_max (keyholder->main, MAIN_QUEUE_MAX);
  return keyholder;
}

static void
remove_source (GSource **source)
{
  if (*source == NULL)
    return;
  g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

void
sp_keyholder_free (SpKeyholder *keyholder)
{
  if (keyholder == NULL)
    return;
  sp_hash_queue_free (keyholder->hashes); /* first: it works for all the others */
  sp_certificate_import_free (keyholder->import);
  sp_backup_job_free (keyholder->backup);
  sp_dns_password_free (keyholder->dns_password);
  g_hash_table_unref (keyholder->changes);
  g_hash_table_unref (keyholder->pam);
  g_hash_table_unref (keyholder->workers);
  sp_serving_free (keyholder->serving); /* with keys in tokens, which say goodbye to main */
  g_hash_table_unref (keyholder->token_keys);
  sp_link_free (keyholder->main);
  remove_source (&keyholder->expiry);
  remove_source (&keyholder->renewal);
  sp_ticket_table_free (keyholder->tickets);
  sp_two_step_store_free (keyholder->two_step);
  sp_app_password_store_free (keyholder->app_passwords);
  sp_login_limiter_free (keyholder->limiter);
  sp_token_limiter_free (keyholder->tokens);
  sp_invitation_store_free (keyholder->invitations);
  sp_cookie_registry_free (keyholder->cookies);
  sp_certificate_store_free (keyholder->certificates);
  sp_request_store_free (keyholder->requests);
  sp_key_store_free (keyholder->keys);
  sp_device_store_free (keyholder->devices);
  sp_user_store_free (keyholder->users);
  sp_database_close (keyholder->database);
  g_main_loop_unref (keyholder->loop);
  g_free (keyholder);
}

int
sp_keyholder_run (SpKeyholder *keyholder)
{
  g_main_loop_run (keyholder->loop);
  return keyholder->status;
}

void
sp_keyholder_quit (SpKeyholder *keyholder, int status)
{
  keyholder->status = status;
  g_main_loop_quit (keyholder->loop);
}

static void
cookie_gone_cb (gpointer user_data, const guint8 *session, SpBar bar)
{
  SpKeyholder *keyholder = user_data;
  SpCookieExpired expired = { .bar = (guint8) bar };

  memcpy (expired.session, session, SP_ID_SIZE);
  sp_link_send (keyholder->main, SP_MESSAGE_COOKIE_EXPIRED, &expired, NULL, 0);
}

void
sp_keyholder_tell_first_login (SpKeyholder *keyholder, const guint8 *user, gint64 at)
{
  SpFirstLogin first = { .at = (guint64) at };

  memcpy (first.user, user, SP_ID_SIZE);
  sp_link_send (keyholder->main, SP_MESSAGE_FIRST_LOGIN, &first, NULL, 0);
}

static void
cookie_known_cb (gpointer user_data, const guint8 *session, const guint8 *user, gint64 expires)
{
  SpKeyholder *keyholder = user_data;
  SpSessionKnown known = { .expires = (guint64) expires };

  memcpy (known.session, session, SP_ID_SIZE);
  memcpy (known.user, user, SP_ID_SIZE);
  sp_link_send (keyholder->main, SP_MESSAGE_SESSION_KNOWN, &known, NULL, 0);
}

typedef struct
{
  SpLoginLimiter *limiter;
  gint64 time;
} Remembering;

static void
place_seen_cb (gpointer user_data, const guint8 *user, guint64 place)
{
  Remembering *remembering = user_data;

  sp_login_limiter_remember (remembering->limiter, user, place, remembering->time++);
}

/* The order in which places are told stands for their age. */
static gboolean
remember_places (SpKeyholder *keyholder, gint64 now, GError **error)
{
  Remembering remembering = { keyholder->limiter, g_get_monotonic_time () - SP_LOGIN_PAIRS_MAX };

  return sp_user_store_tell_places (keyholder->users, now, SP_LOGIN_PAIRS_MAX, place_seen_cb,
                                    &remembering, error);
}

static gboolean
open_stores (SpKeyholder *keyholder, const SpPrepare *prepare, gint64 now, GError **error)
{
  g_auto (GStrv) names = sp_certificate_names_read (prepare->names, prepare->names_length, error);

  if (names == NULL)
    return FALSE;
  keyholder->database = sp_database_open (SP_KEYHOLDER_DATABASE, error);
  if (keyholder->database == NULL)
    return FALSE;
  keyholder->keys =
      sp_key_store_open (keyholder->database, (const char *const *) names, now, error);
  if (keyholder->keys == NULL)
    return FALSE;
  keyholder->certificates = sp_certificate_store_new (keyholder->database, error);
  if (keyholder->certificates == NULL)
    return FALSE;
  keyholder->requests = sp_request_store_new (keyholder->database, error);
  if (keyholder->requests == NULL)
    return FALSE;
  keyholder->users = sp_user_store_new (keyholder->database, error);
  if (keyholder->users == NULL)
    return FALSE;
  keyholder->devices = sp_device_store_new (keyholder->database, error);
  if (keyholder->devices == NULL)
    return FALSE;
  keyholder->invitations = sp_invitation_store_new (keyholder->database, error);
  if (keyholder->invitations == NULL)
    return FALSE;
  keyholder->two_step = sp_two_step_store_new (keyholder->database, error);
  if (keyholder->two_step == NULL)
    return FALSE;
  keyholder->app_passwords = sp_app_password_store_new (keyholder->database, error);
  if (keyholder->app_passwords == NULL)
    return FALSE;
  keyholder->cookies = sp_cookie_registry_new (keyholder->database, prepare->cookie_seconds,
                                               cookie_gone_cb, keyholder, error);
  return keyholder->cookies != NULL;
}

/* Keys and certificates are written once and then lie in the log for long. */
static void
fold_log (SpKeyholder *keyholder)
{
  g_autoptr (GError) error = NULL;

  if (!sp_database_fold (keyholder->database, &error))
    sp_log (SP_LOG_WARNING, "database", "%s", error->message);
}

gboolean
sp_keyholder_prepare (SpKeyholder *keyholder, const SpPrepare *prepare, GError **error)
{
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  guint64 seed[2];

  if (!sp_backup_begin (error) || !sp_backup_place_settle (prepare->origin, error) ||
      !open_stores (keyholder, prepare, now, error))
    return FALSE;
  fold_log (keyholder);
  keyholder->serving = sp_serving_new ();
  if (!sp_certificate_order_serve (keyholder, error))
    return FALSE;
  keyholder->hashes = sp_hash_queue_new (error);
  if (keyholder->hashes == NULL)
    return FALSE;
  keyholder->tickets = sp_ticket_table_new ();
  sp_random_bytes (seed, sizeof seed);
  keyholder->limiter = sp_login_limiter_new (seed);
  keyholder->tokens = sp_token_limiter_new (seed);
  return remember_places (keyholder, now, error);
}

static gboolean
renewal_cb (gpointer user_data)
{
  sp_certificate_order_renew_in_time (user_data);
  return G_SOURCE_CONTINUE;
}

static void
watch_renewal (SpKeyholder *keyholder)
{
  keyholder->renewal = g_timeout_source_new_seconds (RENEWAL_CHECK_SECONDS);
  g_source_set_callback (keyholder->renewal, renewal_cb, keyholder, NULL);
  g_source_attach (keyholder->renewal, NULL);
}

gboolean
sp_keyholder_restore (SpKeyholder *keyholder, GError **error)
{
  if (!sp_cookie_registry_restore (keyholder->cookies, g_get_real_time (), cookie_known_cb,
                                   error) ||
      !sp_two_step_change_tell_all (keyholder, error) ||
      !sp_invitation_order_tell_all (keyholder, error) ||
      !sp_dns_password_tell_all (keyholder, error))
    return FALSE;
  sp_keyholder_watch_expiry (keyholder);
  watch_renewal (keyholder);
  return TRUE;
}

static gboolean
expiry_cb (gpointer user_data)
{
  SpKeyholder *keyholder = user_data;
  g_autoptr (GError) error = NULL;

  if (!sp_cookie_registry_expire (keyholder->cookies, g_get_real_time (), &error))
    sp_log (SP_LOG_ERROR, "cookies", "dropping what expired: %s", error->message);
  sp_invitation_order_expire (keyholder);
  sp_keyholder_watch_expiry (keyholder);
  return G_SOURCE_REMOVE;
}

static void
arm_expiry (SpKeyholder *keyholder, gint64 end)
{
  gint64 delay;

  remove_source (&keyholder->expiry);
  keyholder->next_end = end;
  if (end == G_MAXINT64)
    return;
  delay = CLAMP ((end - g_get_real_time ()) / 1000 + 1, 1, EXPIRY_CHECK_MAX);
  keyholder->expiry = g_timeout_source_new ((guint) delay);
  g_source_set_callback (keyholder->expiry, expiry_cb, keyholder, NULL);
  g_source_attach (keyholder->expiry, NULL);
}

void
sp_keyholder_watch_expiry (SpKeyholder *keyholder)
{
  arm_expiry (keyholder, MIN (sp_cookie_registry_get_next_end (keyholder->cookies),
                              sp_invitation_store_get_next_end (keyholder->invitations)));
}

void
sp_keyholder_expect_end (SpKeyholder *keyholder, gint64 end)
{
  if (end < keyholder->next_end)
    arm_expiry (keyholder, end);
}

SpDone
sp_done_from_error (const GError *error)
{
  if (error == NULL)
    return SP_DONE_OK;
  if (g_error_matches (error, SP_ERROR, SP_ERROR_NOT_FOUND))
    return SP_DONE_NOT_FOUND;
  if (g_error_matches (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS) ||
      g_error_matches (error, SP_ERROR, SP_ERROR_EXISTS))
    return SP_DONE_INVALID;
  if (g_error_matches (error, SP_ERROR, SP_ERROR_BUSY))
    return SP_DONE_BUSY;
  return SP_DONE_FAILED;
}

guint16
sp_text_copy (const char *text, guint8 *field, gsize field_size)
{
  gsize length = MIN (strlen (text), field_size);
  const char *end;

  /* what is cut in the middle of a character, or is no text at all, ends where text ends */
  (void) g_utf8_validate_len (text, length, &end);
  memcpy (field, text, (gsize) (end - text));
  return (guint16) (end - text);
}

G_STATIC_ASSERT (sizeof (SpUserPut) == sizeof (SpPasswordSet));
G_STATIC_ASSERT (sizeof (SpUserPut) == sizeof (SpUserRemoved));
G_STATIC_ASSERT (sizeof (SpUserPut) == sizeof (SpDeviceRevoked));
G_STATIC_ASSERT (sizeof (SpUserPut) == sizeof (SpDeviceRemoved));

void
sp_keyholder_answer_done (SpKeyholder *keyholder, guint8 type, guint32 serial, const GError *error)
{
  SpUserPut answer = { .done = (guint8) sp_done_from_error (error) };

  if (error != NULL)
    answer.text_length = sp_text_copy (error->message, answer.text, sizeof answer.text);
  sp_link_answer (keyholder->main, type, serial, &answer, NULL, 0);
}
