/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "walls/keyholder-token.h"
#include "walls/main-keyholder.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* The keyholder as main sees it: running whenever the daemon runs, started again when it dies. */
typedef struct _SpKeyholderClient SpKeyholderClient;

typedef struct
{
  void (*ready) (gpointer user_data); /* after each start: the certificate can be read below */
  void (*failed) (gpointer user_data, const char *text); /* it cannot prepare its keys */
  void (*lost) (gpointer user_data);                     /* every wall B is dead with it */
  void (*login_decided) (gpointer user_data, const SpLoginDecided *decided);
  void (*login_failed) (gpointer user_data, const SpLoginFailed *failed);
  void (*session_known) (gpointer user_data, const SpSessionKnown *known);
  void (*cookie_expired) (gpointer user_data, const guint8 *session, SpBar bar);
  void (*first_login) (gpointer user_data, const guint8 *user, gint64 at);
  void (*logged_out) (gpointer user_data, const guint8 *session);
  void (*certificate_changed) (gpointer user_data); /* what can be read below is another */
  void (*certificate_known) (gpointer user_data, const SpCertificateKnown *known);
  void (*invitation_known) (gpointer user_data, const SpInvitationKnown *known);
  void (*invitation_gone) (gpointer user_data, const guint8 *invitation);
  void (*two_step_known) (gpointer user_data, const SpTwoStepKnown *known);
  void (*dns_password_known) (gpointer user_data); /* see keyholder-dns.h */
  void (*certificate_gone) (gpointer user_data, const guint8 *id);
  void (*token_health) (gpointer user_data, SpTokenState state, const char *text);
} SpKeyholderEvents;

typedef struct
{
  guint8 origin; /* SP_ORIGIN_… */
  guint32 cookie_seconds;
  const char *names; /* as in PREPARE */
  gsize names_length;
} SpKeyholderWishes;

SpKeyholderClient *sp_keyholder_client_new (const char *libexec_folder,
                                            const char *pam_socket, /* see pam-rooms.h */
                                            const char *state_folder,
                                            const SpKeyholderEvents *events,
                                            gpointer user_data);
void sp_keyholder_client_free (SpKeyholderClient *self);
/* The wishes are copied and used again at every restart. */
gboolean sp_keyholder_client_start (SpKeyholderClient *self,
                                    const SpKeyholderWishes *wishes,
                                    GError **error);
/* The names for its next start. */
void sp_keyholder_client_set_names (SpKeyholderClient *self, GBytes *names);
guint sp_keyholder_client_get_deaths (SpKeyholderClient *self); /* since the daemon began */
gboolean sp_keyholder_client_is_ready (SpKeyholderClient *self);
/* One that could not prepare itself is replaced by another, which tries, too. */
void sp_keyholder_client_try_again (SpKeyholderClient *self);
/* What PREPARED or SERVE_WITH brought last; only after `ready`. */
const SpPrepared *sp_keyholder_client_get_certificate (SpKeyholderClient *self);

/* Certificates; the tasks return a boolean.  SP_ERROR_BUSY while the keyholder is away.  Each is
 * told as an event before the task ends. */
void sp_keyholder_client_list_certificates (SpKeyholderClient *self, GTask *task);
void sp_keyholder_client_renew_certificate (SpKeyholderClient *self,
                                            GBytes *names, /* as in RENEW_CERTIFICATE */
                                            gboolean always,
                                            GTask *task);

/* The task returns SpCertificateChecked, for g_free.  `fds`: all of CHECK_CERTIFICATE's, lent. */
void sp_keyholder_client_check_certificate (SpKeyholderClient *self,
                                            const SpCheckCertificate *order,
                                            const int *fds,
                                            GTask *task);
/* The task returns a pointer, SpCertificateRequested, to be freed with g_free. */
void sp_keyholder_client_request_certificate (SpKeyholderClient *self,
                                              const SpRequestCertificate *order,
                                              GTask *task);
void sp_keyholder_client_activate_certificate (SpKeyholderClient *self,
                                               const guint8 *id,
                                               GTask *task);
void sp_keyholder_client_remove_certificate (SpKeyholderClient *self,
                                             const guint8 *id,
                                             GTask *task);

/* Workers; none outlives a keyholder: without one these do nothing.  `pin`: of the chain shown */
void sp_keyholder_client_worker_started (SpKeyholderClient *self,
                                         guint64 worker,
                                         const guint8 *pin,
                                         int wall_fd);
void sp_keyholder_client_may_renew (SpKeyholderClient *self, guint64 worker, guint32 seconds);
void sp_keyholder_client_worker_adopted (SpKeyholderClient *self,
                                         guint64 worker,
                                         const guint8 *peer_address);
void sp_keyholder_client_worker_gone (SpKeyholderClient *self, guint64 worker);

/* Users; the task returns a boolean.  SP_ERROR_BUSY while the keyholder is away. */
void sp_keyholder_client_put_user (SpKeyholderClient *self, const SpPutUser *user, GTask *task);
void sp_keyholder_client_set_password (
    SpKeyholderClient *self, const guint8 *user, int fd, gboolean hashed, GTask *task);
void sp_keyholder_client_remove_user (SpKeyholderClient *self, const guint8 *user, GTask *task);

/* Backups: messages of wall C with their descriptors, which are lent.  The first two tasks return a
 * SpBackupSealed, to be freed with g_free; the third a boolean. */
#define SP_BACKUP_FDS 4
void sp_keyholder_client_seal_backup (SpKeyholderClient *self,
                                      const SpSealBackup *message,
                                      const int fds[SP_BACKUP_FDS],
                                      GTask *task);
void sp_keyholder_client_open_backup (SpKeyholderClient *self,
                                      const SpOpenBackup *message,
                                      const int fds[SP_BACKUP_FDS],
                                      GTask *task);
void sp_keyholder_client_set_backup_key (SpKeyholderClient *self, gboolean on, int fd, GTask *task);
void sp_keyholder_client_drop_restored (SpKeyholderClient *self, guint64 created);
void sp_keyholder_client_set_origin (SpKeyholderClient *self, guint8 origin);

/* Second steps; the task returns a boolean, and `file` (lent) has the secret then. */
void sp_keyholder_client_enroll_totp (SpKeyholderClient *self,
                                      const guint8 *user,
                                      const char *label,
                                      const char *issuer,
                                      int file,
                                      GTask *task);
void sp_keyholder_client_confirm_totp (
    SpKeyholderClient *self, const guint8 *user, const char *code, int file, GTask *task);
void sp_keyholder_client_remove_totp (SpKeyholderClient *self, const guint8 *user, GTask *task);

/* A device's password, likewise. */
void sp_keyholder_client_add_app_password (
    SpKeyholderClient *self, const guint8 *device, const guint8 *user, int file, GTask *task);

/* How long an unused cookie lives from now on, also after restarts. */
void sp_keyholder_client_set_cookie_seconds (SpKeyholderClient *self, guint32 seconds);

/* What users sign in with by default, and whether a password is enough; also after restarts. */
void sp_keyholder_client_set_sign_in (SpKeyholderClient *self,
                                      SpSignInMethod method,
                                      gboolean two_step_required);
/* Whether the keyholder may have PAM asked; not at first. */
void sp_keyholder_client_allow_pam (SpKeyholderClient *self, gboolean allowed);

/* Cookies, by the session's public id. */
void sp_keyholder_client_hold (SpKeyholderClient *self, const guint8 *session);
void sp_keyholder_client_release (SpKeyholderClient *self, const guint8 *session, guint32 seconds);
void sp_keyholder_client_block (SpKeyholderClient *self, const guint8 *session, gboolean on);
/* Kept until there is a keyholder, if it is away. */
void sp_keyholder_client_forget (SpKeyholderClient *self, const guint8 *session);

G_END_DECLS
