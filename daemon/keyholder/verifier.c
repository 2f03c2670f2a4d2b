/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verifier.h"

#include "base/error.h"
#include "user-store.h"

#include <string.h>

#define HASH_CHARACTERS "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define ROUNDS          "rounds="
#define ROUNDS_MIN      1000 /* crypt(5) */
#define ROUNDS_MAX      1000000
#define BCRYPT_COST_MIN 4
#define BCRYPT_COST_MAX 14
#define BCRYPT_TAIL     53 /* 22 characters of salt, 31 of the hash */
#define SALT_MAX        16 /* of SHA-256 and SHA-512 */
#define YESCRYPT_TAIL   43

static gboolean
is_all (const char *text, gsize length)
{
  return strlen (text) == length && strspn (text, HASH_CHARACTERS) == length;
}

/* "rounds=5000$" or nothing, salt, hash */
static gboolean
check_sha (const char *rest, gsize hash_size)
{
  const char *dollar;
  guint64 rounds;

  if (g_str_has_prefix (rest, ROUNDS))
    {
      g_autofree char *number = NULL;

      rest += strlen (ROUNDS);
      dollar = strchr (rest, '$');
      number = dollar != NULL ? g_strndup (rest, (gsize) (dollar - rest)) : NULL;
      if (number == NULL ||
          !g_ascii_string_to_unsigned (number, 10, ROUNDS_MIN, ROUNDS_MAX, &rounds, NULL))
        return FALSE;
      rest = dollar + 1;
    }
  dollar = strchr (rest, '$');
  return dollar != NULL && dollar - rest <= SALT_MAX &&
         strspn (rest, HASH_CHARACTERS) == (gsize) (dollar - rest) &&
         is_all (dollar + 1, hash_size);
}

static gboolean
check_sha256 (const char *rest)
{
  return check_sha (rest, 43);
}

static gboolean
check_sha512 (const char *rest)
{
  return check_sha (rest, 86);
}

static gboolean
check_bcrypt (const char *rest)
{
  g_autofree char *cost = g_strndup (rest, 2);
  guint64 number;

  return strlen (cost) == 2 && rest[2] == '$' &&
         g_ascii_string_to_unsigned (cost, 10, BCRYPT_COST_MIN, BCRYPT_COST_MAX, &number, NULL) &&
         is_all (rest + 3, BCRYPT_TAIL);
}

/* "j9T", salt, hash: the flavour and block size that crypt_gensalt(3) chooses, and its costs 1 to 7
 * (1 to 64 MiB). */
static gboolean
check_yescrypt (const char *rest)
{
  const char *dollar = strlen (rest) > 4 ? strchr (rest + 4, '$') : NULL;

  return dollar != NULL && rest[0] == 'j' && strchr ("56789AB", rest[1]) != NULL &&
         rest[2] == 'T' && rest[3] == '$' && dollar > rest + 4 &&
         strspn (rest + 4, HASH_CHARACTERS) == (gsize) (dollar - rest - 4) &&
         is_all (dollar + 1, YESCRYPT_TAIL);
}

static const struct
{
  const char *prefix;
  gboolean (*check) (const char *rest); /* NULL: no longer good */
} methods[] = {
  { "$y$", check_yescrypt }, { "$6$", check_sha512 },  { "$5$", check_sha256 },
  { "$2a$", check_bcrypt },  { "$2b$", check_bcrypt }, { "$2y$", check_bcrypt },
  { "$1$", NULL },           { "$3$", NULL },          { "$md5", NULL },
  { "$sha1", NULL },
};

static gboolean
refuse (GError **error, const char *text)
{
  g_set_error_literal (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS, text);
  return FALSE;
}

gboolean
sp_verifier_check (const char *text, GError **error)
{
  gsize size = strlen (text);

  if (size >= SP_VERIFIER_MAX)
    return refuse (error, "the hash is too long");
  for (guint i = 0; i < G_N_ELEMENTS (methods); i++)
    {
      if (!g_str_has_prefix (text, methods[i].prefix))
        continue;
      if (methods[i].check == NULL)
        return refuse (error, "the hash was made by a method that is broken today (MD5, NT or "
                              "SHA-1); set a new password");
      if (methods[i].check (text + strlen (methods[i].prefix)))
        return TRUE;
      return refuse (error, "the hash is incomplete, or costs too little or too much");
    }
  return refuse (error, "the hash is none of yescrypt, bcrypt, SHA-512 and SHA-256");
}
