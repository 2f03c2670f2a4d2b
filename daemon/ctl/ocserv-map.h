/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "ocserv-file.h"

G_BEGIN_DECLS

/* What becomes of each line of an ocserv configuration, from one table. */
typedef enum
{
  SP_IMPORT_SAME,      /* means the same here */
  SP_IMPORT_DIFFERENT, /* has a counterpart that is not quite the same: the words say how */
  SP_IMPORT_NEEDLESS,  /* nothing has to be said here for it */
  SP_IMPORT_NOT        /* does not exist here, or has to be done by hand: the words say */
} SpImportVerdict;

const char *sp_import_verdict_word (SpImportVerdict verdict);

typedef struct
{
  const SpOcservLine *line; /* of the file */
  SpImportVerdict verdict;
  const char *words;   /* NULL: none needed */
  const char *setting; /* ours that it goes into, as config set has it; NULL: none */
} SpImportLine;

/* One that people may choose. */
typedef struct
{
  char *name;
  char *label; /* empty: the name */
} SpImportGroup;

typedef struct
{
  GArray *lines;                  /* of SpImportLine */
  GHashTable *settings;           /* our setting → its value as in sallyport.conf */
  GPtrArray *groups;              /* of SpImportGroup */
  gboolean every_file_is_a_group; /* those of group_folder */
  char *password_file;            /* what the configuration names, or NULL */
  char *user_folder;              /* of files for single users */
  char *group_folder;             /* of files for groups */
} SpImport;

SpImport *sp_import_map (GPtrArray *lines);
void sp_import_free (SpImport *import);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpImport, sp_import_free)

/* NULL: there is none of that name. */
const SpImportGroup *sp_import_find_group (const SpImport *import, const char *name);
/* One more, unless there is one of that name; FALSE: no name of a group. */
gboolean sp_import_add_group (SpImport *import, const char *name, const char *label);

/* Lines of a file for a user, or a group, into values of a user (a{sv} of AddUser); what a group
 * can have (a{sv} of AddGroup) goes there instead, unless `group` is NULL.  Adds to `report` what
 * becomes of each line. */
void sp_import_map_user (GPtrArray *lines,
                         GVariantDict *values,
                         GVariantDict *group,
                         GArray *report);

G_END_DECLS
