/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/user-file.h"

#include "bus/interfaces.h"

G_BEGIN_DECLS

/* What becomes of the people in a file on a server that has some already.  Who is known there keeps
 * the password, which nobody could give back. */

typedef enum
{
  SP_IMPORT_NEW,
  SP_IMPORT_UPDATED,
  SP_IMPORT_SKIPPED,
  SP_IMPORT_LAST = SP_IMPORT_SKIPPED
} SpImportOutcome;

/* Of those who are skipped why, of the others what they do not get. */
typedef enum
{
  SP_IMPORT_FINE,
  SP_IMPORT_NO_LOGIN,
  SP_IMPORT_STRANGE_LINE,
  SP_IMPORT_BAD_DATE,
  SP_IMPORT_LONG_NAME,
  SP_IMPORT_BAD_LOGIN, /* a blank in it, or too long */
  SP_IMPORT_TWICE,     /* it stood further up */
  SP_IMPORT_REMOVED,   /* somebody who was removed has the login */
  SP_IMPORT_SAME,      /* is here, and so */
  SP_IMPORT_LONG_PASSWORD,
  SP_IMPORT_NO_PASSWORD, /* new, without one */
  SP_IMPORT_OLD_HASH,    /* new, but the server takes no such hash */
} SpImportReason;

typedef struct
{
  const SpFileUser *user; /* the file's */
  SpImportOutcome outcome;
  SpImportReason reason;
  SpBusUser *known; /* of those who are updated, else NULL */
} SpImportPerson;

typedef struct
{
  GPtrArray *people; /* of SpImportPerson, as in the file */
  guint counts[SP_IMPORT_LAST + 1];
} SpUserImport;

/* `users`: of SpBusUser.  The file must outlive it. */
SpUserImport *sp_user_import_plan (const SpUserFile *file, GListModel *users);
void sp_user_import_free (SpUserImport *import);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpUserImport, sp_user_import_free)

/* The values of AddUser() for a new one, or of Update() for one who is known; floating. */
GVariant *sp_import_person_create_values (const SpImportPerson *person);
/* What Update() takes to undo the latter; floating. */
GVariant *sp_import_person_create_undo (const SpImportPerson *person);

G_END_DECLS
