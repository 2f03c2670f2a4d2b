/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/limits.h"
#include "user-value.h"

#include <glib-object.h>

G_BEGIN_DECLS

/* Somebody who may sign in.  Passwords are not here: the keyholder has a verifier, nobody the
 * password. Read-only properties: login, created (µs since the epoch), and one for each value of
 * user-value-table.h, in kebab case ("full-name"). */
#define SP_TYPE_USER (sp_user_get_type ())
G_DECLARE_FINAL_TYPE (SpUser, sp_user, SP, USER, GObject)

typedef struct
{
  guint8 id[SP_ID_SIZE];
  char *login;
  gint64 created;
  SpUserValues values;
} SpUserRecord;

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

/* For the registry alone, after the change was stored. */
void sp_user_change (SpUser *self, const SpUserValues *values);

G_END_DECLS
