/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "from-worker.h"

G_BEGIN_DECLS

/* A worker's client tries to sign in, by one question on its wall, which is answered once.  What is
 * decided is told to main first and then to the worker. */
typedef struct
{
  SpWorkerPeer *peer;
  guint32 serial;
  guint8
      answer; /* the message that answers the question: PASSWORD_, CODE_ or CERTIFICATE_VERDICT */
  gboolean last; /* no further try on this connection */
  guint16 login_length;
  guint8 login[SP_LOGIN_MAX];
  gboolean has_user;       /* somebody has this login */
  guint8 user[SP_ID_SIZE]; /* theirs, or what stands for the login in the limiter */
  guint64 place;
  guint8 device[SP_ID_SIZE]; /* that signs in; all zero: none */
  SpTry admitted;            /* of a password; REFUSED: nothing is to be given back */
  gboolean by_pam;           /* PAM says whether the password is right */
  guint16 group_length;
  guint8 group[SP_GROUP_NAME_MAX]; /* that was chosen; empty: none */
} SpLoginAttempt;

SpLoginAttempt *sp_login_attempt_new (SpWorkerPeer *peer, guint32 serial, guint8 answer);
void sp_login_attempt_free (SpLoginAttempt *attempt);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpLoginAttempt, sp_login_attempt_free)

/* As it was typed; kept to be told to main. */
void sp_login_attempt_set_login (SpLoginAttempt *attempt, const guint8 *login, gsize length);

void sp_login_attempt_set_group (SpLoginAttempt *attempt, const guint8 *group, gsize length);

/* The charge for trying a password. */
void sp_login_attempt_give_back (const SpLoginAttempt *attempt);

/* A session, a cookie.  Without a cookie it is postponed. */
void sp_login_attempt_accept (const SpLoginAttempt *attempt);
/* Main is told, too.  WRONG becomes DENIED when it was the last try. */
void sp_login_attempt_fail (const SpLoginAttempt *attempt, SpLogin verdict);
/* The same for a code, after which another may be tried with this ticket. */
void sp_login_attempt_fail_code (const SpLoginAttempt *attempt, const guint8 *ticket);
/* "Come back": it was not judged, so it is nobody's failure. */
void sp_login_attempt_postpone (const SpLoginAttempt *attempt);
/* Only the worker is told; `ticket` may be NULL. */
void sp_login_attempt_answer (const SpLoginAttempt *attempt, SpLogin verdict, const guint8 *ticket);
/* CODE_WANTED, in these words. */
void sp_login_attempt_ask (const SpLoginAttempt *attempt,
                           const guint8 *ticket,
                           const guint8 *prompt,
                           gsize prompt_length);

/* Whether PAM is to be asked; of nobody's login as of anybody's of whom nothing is set. */
gboolean sp_login_attempt_needs_pam (const SpLoginAttempt *attempt, const SpUserEntry *user);

/* Whether the user may sign in with the password of that verifier (NULL: by something else) now:
 * since it was read the user may have been removed, barred or given another password.  ACCEPTED, or
 * what to say instead; WRONG is said to who chose a group that is not the user's, too. */
SpLogin sp_login_attempt_judge (const SpLoginAttempt *attempt,
                                const char *verifier,
                                gboolean *ret_two_step_required); /* may be NULL */
/* The same with the certificate of the worker's client, whose user this is: ACCEPTED when that is
 * enough, PASSWORD_WANTED when it is not; GROUP_WANTED when it is, but one of several groups may be
 * chosen and nothing was; WRONG: a group that is not the user's. */
SpLogin sp_login_attempt_judge_certificate (const SpLoginAttempt *attempt, gboolean has_chosen);

G_END_DECLS
