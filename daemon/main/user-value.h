/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "bus-options.h"
#include "user-value-table.h"

#include <glib.h>

G_BEGIN_DECLS

/* What can be set of a user: see user-value-table.h. */

#define SP_USER_VALUE_ENUM(NAME, name, type, standard, least, most, check) SP_USER_##NAME,
typedef enum
{
  SP_USER_VALUES (SP_USER_VALUE_ENUM) SP_USER_N_VALUES
} SpUserValue;
#undef SP_USER_VALUE_ENUM

/* All values of one user; all zero: the defaults. */
typedef struct
{
  GVariant *set[SP_USER_N_VALUES]; /* NULL: the default */
} SpUserValues;

/* The table, as keys of a dictionary on the bus. */
extern const SpBusKey sp_user_value_keys[SP_USER_N_VALUES];

void sp_user_values_copy (SpUserValues *ret_copy, const SpUserValues *values);
void sp_user_values_clear (SpUserValues *values);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SpUserValues, sp_user_values_clear)

/* Takes over what a dictionary a{sv} says; keys that are no values are passed over.  It was checked
 * against sp_user_value_keys before. */
void sp_user_values_apply (SpUserValues *values, GVariant *changes);
/* Sets one (a floating reference is taken), NULL for the default. */
void sp_user_values_set (SpUserValues *values, SpUserValue which, GVariant *value);

/* Lent: the value or its default, never NULL. */
GVariant *sp_user_values_get (const SpUserValues *values, SpUserValue which);
gboolean sp_user_values_is_default (const SpUserValues *values, SpUserValue which);

/* By type: "u" or "t"; "b"; "s"; "as" (free the vector alone with g_free). */
guint64 sp_user_values_get_number (const SpUserValues *values, SpUserValue which);
gboolean sp_user_values_get_flag (const SpUserValues *values, SpUserValue which);
const char *sp_user_values_get_text (const SpUserValues *values, SpUserValue which);
const char **sp_user_values_get_texts (const SpUserValues *values, SpUserValue which);

/* The value of that name; SP_USER_N_VALUES when there is none. */
SpUserValue sp_user_value_find (const char *name);

G_END_DECLS
