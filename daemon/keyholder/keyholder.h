/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "app-password-store.h"
#include "certificate-store.h"
#include "cookie-registry.h"
#include "device-store.h"
#include "hash-queue.h"
#include "invitation-store.h"
#include "key-store.h"
#include "link/link.h"
#include "login-limiter.h"
#include "request-store.h"
#include "serving.h"
#include "ticket-table.h"
#include "token-limiter.h"
#include "two-step-store.h"
#include "user-store.h"

#include "base/log.h"
#include "walls/main-keyholder.h"

G_BEGIN_DECLS

/* The room as a whole: what its two dispatchers (from-main.c, from-worker.c) work on. */
typedef struct
{
  GMainLoop *loop;
  int status; /* of the process, once the loop ended */
  SpLink *main;

  /* NULL until PREPARE */
  SpDatabase *database;
  SpSignInMethod sign_in;     /* of users of whom nothing else is said */
  gboolean two_step_required; /* of all of them */
  SpUserStore *users;
  SpDeviceStore *devices;
  SpKeyStore *keys;
  SpCertificateStore *certificates; /* that were imported */
  SpRequestStore *requests;
  SpServing *serving;
  SpCookieRegistry *cookies;
  SpLoginLimiter *limiter;
  SpHashQueue *hashes;
  SpTwoStepStore *two_step;
  SpAppPasswordStore *app_passwords;
  SpTicketTable *tickets;
  SpInvitationStore *invitations;
  SpTokenLimiter *tokens; /* of invitations */

  GHashTable *token_keys; /* main's number of its room → SpTokenKey, which its signer owns */
  guint32 token_rooms;    /* numbers given so far */

  GHashTable *workers; /* main's number → SpWorkerPeer */
  GHashTable *changes; /* of SpPasswordChange */
  GHashTable *pam;     /* sign-ins by PAM: number → SpPamLogin */
  guint64 last_pam;
  SpLogThrottle pam_failures;
  struct _SpBackupJob *backup;         /* at work, or NULL */
  struct _SpCertificateImport *import; /* likewise */
  struct _SpDnsPassword *dns_password; /* one that is set now, or NULL */
  GSource *expiry;                     /* of cookies */
  gint64 next_end;                     /* what it waits for, since the epoch; G_MAXINT64: nothing */
  GSource *renewal;                    /* of certificates */
  SpLogThrottle rule_breakers;
  SpLogThrottle cookie_failures;
} SpKeyholder;

/* Takes `wall_fd`. */
SpKeyholder *sp_keyholder_new (int wall_fd);
void sp_keyholder_free (SpKeyholder *keyholder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpKeyholder, sp_keyholder_free)

/* Until main is gone.  Returns the exit status of the process. */
int sp_keyholder_run (SpKeyholder *keyholder);
void sp_keyholder_quit (SpKeyholder *keyholder, int status);

/* Opens the database in the current folder and makes all that serves. */
gboolean sp_keyholder_prepare (SpKeyholder *keyholder, const SpPrepare *prepare, GError **error);
/* Tells main which sessions live on, and which do not. */
gboolean sp_keyholder_restore (SpKeyholder *keyholder, GError **error);

/* To be called when an end of a cookie or of a user was set. */
void sp_keyholder_watch_expiry (SpKeyholder *keyholder);
/* The same where it is known (microseconds since the epoch): nothing is looked up. */
void sp_keyholder_expect_end (SpKeyholder *keyholder, gint64 end);

void sp_keyholder_tell_first_login (SpKeyholder *keyholder, const guint8 *user, gint64 at);

/* For what an error stands in an answer to main; none is SP_DONE_OK. */
SpDone sp_done_from_error (const GError *error);
/* A text as it goes into a BYTES field: cut at a character's end.  Returns its length. */
guint16 sp_text_copy (const char *text, guint8 *field, gsize field_size);
/* An answer that says whether it was done, and if not, why; no error means done. */
void sp_keyholder_answer_done (SpKeyholder *keyholder,
                               guint8 type,
                               guint32 serial,
                               const GError *error);

G_END_DECLS
