/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The options that say how much a user may. */
typedef struct
{
  char *until;
  char *access_for;
  char *sessions_max;
  char *quota;
  char *quota_day;
} SpUserLimits;

#define SP_USER_LIMIT_OPTIONS 5

void sp_user_limits_clear (SpUserLimits *limits);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SpUserLimits, sp_user_limits_clear)

/* Writes SP_USER_LIMIT_OPTIONS entries that fill `limits`. */
void sp_user_limits_describe (SpUserLimits *limits, GOptionEntry *ret_entries);
/* Adds what was given to the values of a user.  SP_CTL_ERROR_USAGE. */
gboolean sp_user_limits_read (const SpUserLimits *limits, GVariantDict *values, GError **error);

G_END_DECLS
