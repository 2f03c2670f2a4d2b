/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "database.h"
#include "walls/main-keyholder.h"

G_BEGIN_DECLS

/* The cookies that stand for a password.  A cookie is told once, to the client, and kept as a hash.
 * Its session id is public and what main names it by.  All times are microseconds since the epoch
 * and come from the caller. */

#define SP_COOKIE_SLACK       (G_GINT64_CONSTANT (15) * G_USEC_PER_SEC)
#define SP_COOKIES_MAX        4096 /* all together */
#define SP_COOKIES_UNUSED_MAX 32   /* of one user; the one that ends first makes room */

typedef struct _SpCookieRegistry SpCookieRegistry;

typedef enum
{
  SP_COOKIE_GOOD,
  SP_COOKIE_BLOCKED,
  SP_COOKIE_UNKNOWN, /* also: expired, forgotten, of a user who may not */
  SP_COOKIE_FAILED   /* the database cannot be read; the error says why */
} SpCookieState;

/* Whose a cookie is, and how it came to be. */
typedef struct
{
  guint8 session[SP_ID_SIZE];
  guint8 user[SP_ID_SIZE];
  gint64 signed_in;                /* 0 = not known */
  guint8 address[SP_ADDRESS_SIZE]; /* of the client that signed in; unset = not known */
  guint8 device[SP_ID_SIZE];       /* that it signed in with; all zero = none */
  guint16 group_length;
  guint8 group[SP_GROUP_NAME_MAX]; /* that was chosen; none: empty */
} SpCookieOwner;

/* A cookie is gone for a reason that main does not know yet: its own time was over, or its user is
 * kept out.  Must not call the registry. */
typedef void (*SpCookieGone) (gpointer user_data, const guint8 *session, SpBar bar);
typedef void (*SpCookieKnown) (gpointer user_data,
                               const guint8 *session,
                               const guint8 *user,
                               gint64 expires);

/* `seconds`: how long an unused cookie lives, before the slack. */
SpCookieRegistry *sp_cookie_registry_new (
    SpDatabase *database, guint32 seconds, SpCookieGone gone, gpointer user_data, GError **error);
void sp_cookie_registry_free (SpCookieRegistry *registry);
/* For cookies from now on. */
void sp_cookie_registry_set_unused_seconds (SpCookieRegistry *registry, guint32 seconds);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpCookieRegistry, sp_cookie_registry_free)

/* Once, at the start: what expired meanwhile is gone, what was held when the keyholder ended is
 * released for `seconds`, and all that are still good are told. */
gboolean sp_cookie_registry_restore (SpCookieRegistry *registry,
                                     gint64 now,
                                     SpCookieKnown known,
                                     GError **error);

/* A new cookie of a new session, whose id and time are set in `owner`; the caller wipes it.  It
 * outlives this process at once, and a loss of power a second later: before that its client would
 * have to sign in again.  `ret_first`: it is the first that its user ever got.
 * Errors: SP_ERROR_BUSY: all are in use. */
gboolean sp_cookie_registry_issue (SpCookieRegistry *registry,
                                   SpCookieOwner *owner,
                                   gint64 now,
                                   guint8 *ret_cookie,
                                   gboolean *ret_first,
                                   GError **error);

/* A good cookie lives on for the slack at least, so that main's HOLD_COOKIE finds it. */
SpCookieState sp_cookie_registry_redeem (SpCookieRegistry *registry,
                                         const guint8 *cookie,
                                         gint64 now,
                                         SpCookieOwner *ret_owner,
                                         GError **error);

/* Its owner gives it up: a cookie that is good, or blocked, is gone.  `gone` is not called.  What
 * it was is returned. */
SpCookieState sp_cookie_registry_give_up (SpCookieRegistry *registry,
                                          const guint8 *cookie,
                                          gint64 now,
                                          guint8 *ret_session,
                                          GError **error);

/* What main says about a session; an unknown one is not an error. */
gboolean sp_cookie_registry_hold (SpCookieRegistry *registry,
                                  const guint8 *session,
                                  GError **error);
gboolean sp_cookie_registry_release (
    SpCookieRegistry *registry, const guint8 *session, guint32 seconds, gint64 now, GError **error);
gboolean sp_cookie_registry_block (SpCookieRegistry *registry,
                                   const guint8 *session,
                                   gboolean on,
                                   GError **error);
gboolean sp_cookie_registry_forget (SpCookieRegistry *registry,
                                    const guint8 *session,
                                    GError **error);

/* All cookies of the user are gone, held or not; `bar` is why. */
gboolean sp_cookie_registry_forget_user (SpCookieRegistry *registry,
                                         const guint8 *user,
                                         SpBar bar,
                                         GError **error);
/* Likewise all that were earned with the device. */
gboolean sp_cookie_registry_forget_device (SpCookieRegistry *registry,
                                           const guint8 *device,
                                           GError **error);
/* Likewise those of the user that were earned with a group which is not among `groups` (names, each
 * ended by a line feed); SP_BAR_GROUP is told. */
gboolean sp_cookie_registry_forget_groups (SpCookieRegistry *registry,
                                           const guint8 *user,
                                           const guint8 *groups,
                                           gsize length,
                                           GError **error);
/* All that ended by now are gone, and those of users whose time is over. */
gboolean sp_cookie_registry_expire (SpCookieRegistry *registry, gint64 now, GError **error);
/* When the next one ends by itself or with its user; G_MAXINT64 if none does. */
gint64 sp_cookie_registry_get_next_end (SpCookieRegistry *registry);

G_END_DECLS
