/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "user-registry.h"

G_BEGIN_DECLS

/* For the files that the registry consists of. */
struct _SpUserRegistry
{
  GObject parent;
  SpStore *store;
  SpKeyholderClient *keyholder;
  GPtrArray *users; /* of SpUser */
  /* The same, to be found; both lend. */
  GHashTable *by_id;    /* id → SpUser */
  GHashTable *by_login; /* login → SpUser */
  guint announced;      /* how many of them the keyholder was told about since it started */
  SpUserJudge judge;    /* or NULL */
  gpointer judge_data;
  SpUserGroupKnown group_known; /* or NULL */
  gpointer group_data;
  GQueue changes;          /* of GTask: changes of users, of which only the first is on its way */
  GPtrArray *first_logins; /* of SpUser: whose first sign-in is not stored yet */
  guint first_login_timer; /* that stores them */
};

/* user-change.c: changes come to an end one after the other, so that none works on what another is
 * about to replace. */

/* After a change was stored. */
void sp_user_registry_take_new (SpUserRegistry *self, SpUser *user);
void sp_user_registry_take_record (SpUserRegistry *self, SpUser *user, const SpUserRecord *record);
void sp_user_registry_drop (SpUserRegistry *self, SpUser *user);

G_END_DECLS
