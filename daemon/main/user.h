/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/limits.h"
#include "user-value.h"
#include "walls/main-keyholder.h"

#include <glib-object.h>

G_BEGIN_DECLS

/* Somebody who may sign in.  Passwords are not here: the keyholder has a verifier, nobody the
 * password.  Read-only properties: login, created, first-login, removed-at, ends-at (µs since the
 * epoch, 0: never), removed, status (a word), used (bytes), used-since, quota-level (per cent),
 * two-step (whether a code is asked for), recovery-codes-left, and one for each value of
 * user-value-table.h, in kebab case ("full-name"). */
#define SP_TYPE_USER (sp_user_get_type ())
G_DECLARE_FINAL_TYPE (SpUser, sp_user, SP, USER, GObject)

typedef struct
{
  guint8 id[SP_ID_SIZE];
  char *login;
  gint64 created;
  gint64 first_login; /* as the keyholder said; 0: not yet */
  gint64 removed_at;  /* 0: is not */
  guint64 used;       /* bytes, in the period of the quota; not stored with the user */
  gint64 used_since;  /* when that began; likewise */
  SpUserValues values;
} SpUserRecord;

#define SP_USER_KEPT (G_GINT64_CONSTANT (30) * 24 * 3600 * G_USEC_PER_SEC) /* when removed */

SpUserRecord *sp_user_record_copy (const SpUserRecord *record);
void sp_user_record_free (SpUserRecord *record);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpUserRecord, sp_user_record_free)

SpUser *sp_user_new (const SpUserRecord *record);
const SpUserRecord *sp_user_get_record (SpUser *self);
const guint8 *sp_user_get_id (SpUser *self);
const char *sp_user_get_login (SpUser *self);
/* The id in lower-case hexadecimal; never the login, which may change.  Owned by the user. */
const char *sp_user_get_path_element (SpUser *self);

/* The property of a value: "full-name". */
const char *sp_user_get_property_name (SpUserValue which);
/* A value, by its type; see user-value.h. */
guint64 sp_user_get_number (SpUser *self, SpUserValue which);
gboolean sp_user_get_flag (SpUser *self, SpUserValue which);
const char *sp_user_get_text (SpUser *self, SpUserValue which);
const char **sp_user_get_texts (SpUser *self, SpUserValue which);

/* When access ends, whatever comes first; G_MAXINT64: never. */
gint64 sp_user_record_get_end (const SpUserRecord *record);
/* What keeps the user out at `now`. */
SpBar sp_user_get_bar (SpUser *self, gint64 now);
/* The word for it, as in the status and where a session is over: "user-expired"; NULL for none. */
const char *sp_bar_to_reason (SpBar bar);
/* A sentence for the person. */
const char *sp_bar_to_text (SpBar bar);
/* While on, what keeps the user out leaves the cookies where they are: it may be undone. */
void sp_user_set_cookies_kept (SpUser *self, gboolean kept);
/* What the keyholder has to know of it. */
void sp_user_describe (SpUser *self, const SpUserRecord *record, SpPutUser *ret_message);

/* As the keyholder says. */
void sp_user_set_two_step (SpUser *self, gboolean on, guint recovery_codes);

/* For the registry and the watch alone, after the change was stored. */
void sp_user_change (SpUser *self, const SpUserRecord *record); /* values and removal */
void sp_user_set_first_login (SpUser *self, gint64 at);         /* stored by the keyholder */
/* Both properties may be told a little later. */
void sp_user_set_usage (SpUser *self, gint64 since, guint64 used);
void sp_user_tell_usage (SpUser *self);
/* 80, 95 or 100 per cent of the quota are used; 0: less, or there is none. */
guint sp_user_get_quota_level (SpUser *self);
/* Time has passed: follows with the status. */
void sp_user_refresh (SpUser *self, gint64 now);

G_END_DECLS
