/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "bus/interfaces.h"

G_BEGIN_DECLS

/* Who the users are at this moment: how many there are of each kind, who is connected, who fits a
 * search.  Follows three lists. */

typedef enum
{
  SP_USERS_ALL, /* all that are not removed, as the next three */
  SP_USERS_CONNECTED,
  SP_USERS_OFF,      /* Enabled is false */
  SP_USERS_EXPIRING, /* the access ends within SP_EXPIRING_DAYS, or is over */
  SP_USERS_REMOVED,
  SP_USERS_KINDS
} SpUsersKind;

#define SP_EXPIRING_DAYS 7

/* Signal "changed": what is said here may be another now.  Comes once for many changes, from the
 * main loop.  Signal "renamed", before it: somebody is called otherwise now. */
#define SP_TYPE_USER_CENSUS (sp_user_census_get_type ())
G_DECLARE_FINAL_TYPE (SpUserCensus, sp_user_census, SP, USER_CENSUS, GObject)

/* Lists of SpBusUser, SpBusSession and SpBusDevice. */
SpUserCensus *sp_user_census_new (GListModel *users, GListModel *sessions, GListModel *devices);

guint sp_user_census_count (SpUserCensus *census, SpUsersKind kind);
gboolean sp_user_census_is_of (SpUserCensus *census, SpBusUser *user, SpUsersKind kind);
/* How many sessions the user has. */
guint sp_user_census_count_sessions (SpUserCensus *census, SpBusUser *user);

/* Whether name, login, a device's name or an address of the user has `text` in it, which went
 * through sp_user_census_fold(); an empty one is in everything. */
gboolean sp_user_census_matches (SpUserCensus *census, SpBusUser *user, const char *text);
/* As texts are compared: without regard to case.  New. */
char *sp_user_census_fold (const char *text);

/* What people call the user: the name, or the login where there is none.  Lent. */
const char *sp_user_get_shown_name (SpBusUser *user);

/* The path of a proxy, or of an object that a test has made; lent, NULL if it has none. */
const char *sp_client_path_of (gpointer object);
/* The last part of it. */
const char *sp_client_id_of (gpointer object);

G_END_DECLS
