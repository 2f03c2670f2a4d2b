/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "user-registry.h"

G_BEGIN_DECLS

/* A user's second step, which the keyholder has; its secrets pass main in sealed files. */

/* Makes a secret that does not count before it is confirmed.  The URI that a phone reads is in the
 * file that _finish returns (owned by the caller; -1: an error).  Errors: SP_ERROR_NOT_FOUND,
 * SP_ERROR_BUSY, SP_ERROR_FAILED. */
void sp_user_enroll_totp_async (SpUserRegistry *users,
                                SpUser *user,
                                const char *issuer,
                                GAsyncReadyCallback callback,
                                gpointer user_data);
/* From now on the second step is asked for.  The file has recovery codes, a line each.  Errors:
 * also SP_ERROR_INVALID_ARGUMENTS (the code is wrong). */
void sp_user_confirm_totp_async (SpUserRegistry *users,
                                 SpUser *user,
                                 const char *code,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);
int sp_user_totp_finish (SpUserRegistry *users, GAsyncResult *result, GError **error);

/* Errors: SP_ERROR_NOT_FOUND (there is none). */
void sp_user_remove_totp_async (SpUserRegistry *users,
                                SpUser *user,
                                GAsyncReadyCallback callback,
                                gpointer user_data);
gboolean sp_user_remove_totp_finish (SpUserRegistry *users, GAsyncResult *result, GError **error);

G_END_DECLS
