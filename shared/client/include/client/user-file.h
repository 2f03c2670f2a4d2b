/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Files with people in them that others made: tables of comma separated values (RFC 4180; also
 * with ";" or tabulators), password files of ocserv ("login:groups:hash"), and cards (vCard, RFC
 * 6350).  Pure: bytes become structs. */

#define SP_USER_FILE_SIZE_MAX (1024 * 1024) /* bytes */
#define SP_USER_FILE_ROWS_MAX 10000

typedef enum
{
  SP_USER_FILE_TABLE,
  SP_USER_FILE_PASSWORDS,
  SP_USER_FILE_CARD,
} SpUserFileKind;

typedef enum
{
  SP_FILE_USER_GOOD,
  SP_FILE_USER_NO_LOGIN,  /* its field is empty, or the line has too few */
  SP_FILE_USER_STRANGE,   /* a line of a password file that is none */
  SP_FILE_USER_BAD_DATE,  /* not as 2027-03-31 */
  SP_FILE_USER_LONG_NAME, /* longer than the server takes */
} SpFileUserFault;

typedef struct
{
  guint line;      /* from 1 */
  char *login;     /* of a card: empty */
  char *full_name; /* empty: not given */
  char *password;  /* a secret; NULL: not given */
  char *hash;      /* likewise, as crypt(3) makes them */
  gboolean is_locked;
  gint64 ends_at; /* microseconds since 1970 UTC, the end of that day here; 0: not given */
  SpFileUserFault fault;
} SpFileUser;

typedef struct
{
  SpUserFileKind kind;
  GPtrArray *users;  /* of SpFileUser; of a card: one */
  gboolean has_more; /* there are more than are read: rows, or cards */
  char *ignored;     /* names of columns that mean nothing to us, ", " between them; or empty */
} SpUserFile;

/* NULL: it is neither, too large, not UTF-8, or has nobody in it.  A table may name its columns in
 * its first row ("login", "name", "password", "until"); otherwise they are taken in that order. */
SpUserFile *sp_user_file_parse (const char *bytes, gsize size);
void sp_user_file_free (SpUserFile *file);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpUserFile, sp_user_file_free)

G_END_DECLS
