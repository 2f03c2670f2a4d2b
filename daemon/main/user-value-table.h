/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/limits.h"
#include "user-quota.h"

/* Everything that can be set of a user, once.  The keys of AddUser() and Update() on the bus, their
 * checks, the properties of the user's object and the rows of the database come from this list; the
 * words for people stand at the properties in org.sallyport.Sallyport1.User.xml.
 *
 * VALUE (NAME, name, type, default, least, most, check)
 *   NAME      SP_USER_NAME in code
 *   name      on the bus and in the database; in kebab case the property of SpUser
 *   type      "s", "u", "t", "b" or "as"
 *   default   as g_variant_parse() reads it; what has it is not stored
 *   least, most   of a number, of the bytes of a text, of the entries of a list
 *   check     what else must hold (SpBusCheck), or NULL
 */

#define SP_TIME_MAX G_GUINT64_CONSTANT (253402300799999999) /* the end of the year 9999, in µs */

/* clang-format off */
#define SP_USER_VALUES(VALUE)                                                                      \
  VALUE (FULL_NAME, "FullName", "s", "''",   0, SP_FULL_NAME_MAX, NULL)                            \
  VALUE (ENABLED,   "Enabled",  "b", "true", 0, 0,                NULL)                            \
  VALUE (RATE_UP,   "RateUp",   "t", "0",    0, SP_RATE_MAX,      sp_user_check_rate)              \
  VALUE (RATE_DOWN, "RateDown", "t", "0",    0, SP_RATE_MAX,      sp_user_check_rate)              \
  VALUE (EXPIRES_AT,    "ExpiresAt",              "t", "0", 0, SP_TIME_MAX,     NULL)              \
  VALUE (EXPIRES_AFTER, "ExpiresAfterFirstLogin", "u", "0", 0, G_MAXUINT32,     NULL)              \
  VALUE (SESSIONS_MAX,  "SessionsMax",            "u", "0", 0, SP_SESSIONS_MAX, NULL)              \
  VALUE (DEVICES_MAX,   "DevicesMax",             "u", "10", 0, SP_DEVICES_PER_USER_MAX, NULL)       \
  VALUE (ROUTES,          "Routes",         "as", "[]", 0, SP_USER_ROUTES_MAX,   sp_user_check_routes) \
  VALUE (EXCLUDED_ROUTES, "ExcludedRoutes", "as", "[]", 0, SP_USER_ROUTES_MAX,   sp_user_check_excluded) \
  VALUE (DNS,             "Dns",            "as", "[]", 0, SP_DNS_SERVERS_MAX,   sp_user_check_dns)    \
  VALUE (DOMAINS,         "Domains",        "as", "[]", 0, SP_SPLIT_DNS_DOMAINS, sp_user_check_domains) \
  VALUE (SPLIT_DNS,       "SplitDns",       "as", "[]", 0, SP_SPLIT_DNS_DOMAINS, sp_user_check_split_dns) \
  VALUE (FIXED_ADDRESSES, "FixedAddresses", "as", "[]", 0, 2, sp_user_check_fixed)                  \
  VALUE (NETWORKS_BEHIND, "NetworksBehind", "as", "[]", 0, SP_NETWORKS_BEHIND_MAX, sp_user_check_behind) \
  VALUE (GROUPS,          "Groups",         "as", "[]", 0, SP_GROUPS_MAX, sp_user_check_groups)        \
  VALUE (SIGN_IN,       "SignIn",                 "s", "''", 0, 32, sp_user_check_sign_in)             \
  VALUE (REACH,     "Reach",    "s", "''",   0, 8,                sp_user_check_reach)             \
  VALUE (REACH_HOSTS, "ReachHosts", "as", "[]", 0, SP_REACH_HOSTS_MAX, sp_user_check_hosts)        \
  VALUE (SEES_OTHER_DEVICES, "SeesOtherDevices", "s", "''", 0, 8, sp_user_check_choice)             \
  VALUE (TWO_STEP_REQUIRED, "TwoStepRequired", "b", "false", 0, 0, NULL)                           \
  VALUE (PAUSED_UNTIL,  "PausedUntil",            "t", "0", 0, SP_TIME_MAX,     NULL)              \
  VALUE (QUOTA,         "Quota",                  "t", "0", 0, G_MAXINT64,      NULL)              \
  VALUE (QUOTA_DAY,     "QuotaStartDay",          "u", "1", 1, SP_QUOTA_DAY_MAX, NULL)
/* clang-format on */
