/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>
#include <sys/types.h>

typedef struct
{
  uid_t uid;
  gid_t gid;
} SpAccount;

/* The system account of this name; when there is none, a number from the range that systemd keeps
 * for dynamic users (61184 to 65519) which nobody has, the same one each time.  Errors:
 * SP_ERROR_FAILED. */
gboolean sp_account_find (const char *name, SpAccount *ret, GError **error);

/* Makes the folder (mode 0700) if it is missing; gives it and what is in it to the account if it
 * belongs to another, as after a reinstallation.  Symbolic links are not followed, files with
 * several names are left alone: another user may have put them there.  Errors:
 * SP_ERROR_NOT_AUTHORIZED, SP_ERROR_FAILED. */
gboolean sp_account_give_folder (const SpAccount *account, const char *folder, GError **error);
