/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* What a person types to sign in, made of what others call them. */

typedef enum
{
  SP_LOGIN_GOOD,
  SP_LOGIN_EMPTY,
  SP_LOGIN_BLANK, /* it has a blank or something invisible */
  SP_LOGIN_LONG,
  SP_LOGIN_TAKEN,
  SP_LOGIN_REMOVED, /* taken by somebody who was removed and can be restored */
} SpLoginVerdict;

/* `users`: of SpBusUser.  What the service would say of it. */
SpLoginVerdict sp_login_judge (const char *login, GListModel *users);

/* "Anna Keller" becomes "anna", "anna.keller" where there is an anna, "anna2" and so on where both
 * are taken.  Empty if the name has nothing to make one of.  New. */
char *sp_login_propose (const char *full_name, GListModel *users);

G_END_DECLS
