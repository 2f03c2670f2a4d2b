/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "ocserv-map.h"

G_BEGIN_DECLS

/* What an ocserv's configuration and its files of users and groups become here, before any of it is
 * done.  Read with the rights of the caller. */

typedef struct
{
  const SpOcservUser *user; /* of the password file */
  GVariant *values;         /* a{sv} of AddUser */
  gboolean keeps_password;
  const char *words; /* why not */
  char *outcome;     /* after it was tried: what went wrong, or NULL */
} SpImportPerson;

typedef struct
{
  const SpImportGroup *group;
  GVariant *values;  /* a{sv} of AddGroup */
  GVariant *members; /* a{sv} of AddUser, for each of them */
  char *outcome;     /* as of a person */
} SpImportedGroup;

typedef struct
{
  GPtrArray *files; /* of arrays of SpOcservLine, which the report names */
  SpImport *import;
  GArray *user_lines;  /* of SpImportLine: of files of users and groups */
  GPtrArray *accounts; /* of SpOcservUser */
  guint strange;
  GPtrArray *people; /* of SpImportPerson */
  GPtrArray *groups; /* of SpImportedGroup */
} SpImportPlan;

/* `password_file`: NULL where the configuration says which.  To be cleared whatever it returns.
 * Errors: of reading, SP_CTL_ERROR_USAGE. */
gboolean sp_import_plan_read (SpImportPlan *plan,
                              const char *path,
                              const char *password_file,
                              GError **error);
void sp_import_plan_clear (SpImportPlan *plan);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SpImportPlan, sp_import_plan_clear)

G_END_DECLS
