/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "database.h"
#include "walls/main-keyholder.h"

G_BEGIN_DECLS

/* Users as far as signing in needs them.  A login is compared byte by byte: no case folding, no
 * normal form; whoever wants "Anna" and "anna" to be one user refuses one of them before. */

#define SP_VERIFIER_MAX 256 /* with its terminator */

typedef struct
{
  guint8 id[SP_ID_SIZE];
  SpBar bar;           /* as main said */
  gint64 ends;         /* microseconds since the epoch; G_MAXINT64 = never */
  gint64 paused_until; /* likewise; 0 = it is not */
  gint64 first_login;  /* likewise; 0 = not yet */
  gboolean two_step_required;
  guint16 groups_length;
  guint8 groups[SP_GROUP_NAMES_MAX]; /* as main said */
  SpSignInMethod sign_in;
  gboolean has_verifier;
  char verifier[SP_VERIFIER_MAX];
} SpUserEntry;

/* Where users signed in from (a narrow prefix, base/prefix.h) */
#define SP_PLACES_MAX     16 /* for one user; the one unseen for longest goes first */
#define SP_PLACE_KEPT     (G_GINT64_CONSTANT (90) * 24 * 3600) /* seconds */
#define SP_PLACE_INTERVAL G_GINT64_CONSTANT (3600) /* seconds between two notes of one place */

typedef struct _SpUserStore SpUserStore;

SpUserStore *sp_user_store_new (SpDatabase *database, GError **error);
void sp_user_store_free (SpUserStore *store);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpUserStore, sp_user_store_free)

/* Makes a user, or changes the one with this id; writes nothing if it is so already, since main
 * says it of all users at every start.  Errors: SP_ERROR_INVALID_ARGUMENTS, SP_ERROR_EXISTS
 * (another user has this login, and a password). */
gboolean sp_user_store_put (SpUserStore *store, const SpPutUser *user, GError **error);
/* Errors: SP_ERROR_NOT_FOUND. */
gboolean sp_user_store_remove (SpUserStore *store, const guint8 *user, GError **error);
gboolean sp_user_store_set_verifier (SpUserStore *store,
                                     const guint8 *user,
                                     const char *verifier,
                                     GError **error);

/* Errors: SP_ERROR_NOT_FOUND. */
gboolean sp_user_store_find_by_login (SpUserStore *store,
                                      const guint8 *login,
                                      gsize login_length,
                                      SpUserEntry *ret_user,
                                      GError **error);
gboolean sp_user_store_find_by_id (SpUserStore *store,
                                   const guint8 *user,
                                   SpUserEntry *ret_user,
                                   GError **error);
void sp_user_entry_clear (SpUserEntry *user);
/* What keeps the user out at `now` (microseconds since the epoch). */
SpBar sp_user_entry_get_bar (const SpUserEntry *user, gint64 now);

/* Notes that the user signed in from there; `now` in seconds since the epoch. */
gboolean sp_user_store_note_place (
    SpUserStore *store, const guint8 *user, guint64 place, gint64 now, GError **error);
typedef void (*SpPlaceSeen) (gpointer user_data, const guint8 *user, guint64 place);
/* Drops those that are too old and tells the newest `most` of the others, the newest last. */
gboolean sp_user_store_tell_places (SpUserStore *store,
                                    gint64 now,
                                    guint most,
                                    SpPlaceSeen seen,
                                    gpointer user_data,
                                    GError **error);

G_END_DECLS
