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

typedef struct
{
  GArray *lines;        /* of SpImportLine */
  GHashTable *settings; /* our setting → its value as in sallyport.conf */
  char *password_file;  /* what the configuration names, or NULL */
  char *user_folder;    /* of files for single users */
  char *group_folder;   /* of files for groups */
} SpImport;

SpImport *sp_import_map (GPtrArray *lines);
void sp_import_free (SpImport *import);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpImport, sp_import_free)

/* Lines of a file for a user or group into values of a user (a{sv} of AddUser); adds to `report`
 * what becomes of each line. */
void sp_import_map_user (GPtrArray *lines, GVariantDict *values, GArray *report);

/* "192.168.1.0" with "255.255.255.0", or both in one text with a slash, as "192.168.1.0/24"; NULL
 * if they are none. */
char *sp_import_network (const char *address, const char *mask);

G_END_DECLS
