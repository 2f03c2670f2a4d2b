/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz.h"

#include "base/limits.h"
#include "ocserv-map.h"

#include <string.h>

/* --- the configuration --- */

static void
check_lines (GPtrArray *lines)
{
  guint last = 0;

  for (guint i = 0; i < lines->len; i++)
    {
      const SpOcservLine *line = g_ptr_array_index (lines, i);

      g_assert_cmpuint (line->line, >, last);
      last = line->line;
      g_assert_nonnull (line->value);
      g_assert_null (strchr (line->value, '\n'));
      g_assert_true (line->key == NULL || strpbrk (line->key, "=\n") == NULL);
      g_assert_true (!line->in_host || line->key == NULL);
    }
}

static char *
write_line (const SpOcservLine *line)
{
  char quote = strchr (line->value, '"') == NULL ? '"' : '\'';

  return g_strdup_printf ("  %s\t= %c%s%c # a comment\n", line->key, quote, line->value, quote);
}

/* What was understood means the same when it is written in quotes. */
static void
check_rewritten (const SpOcservLine *line)
{
  g_autoptr (GPtrArray) again = NULL;
  g_autofree char *text = NULL;
  const SpOcservLine *other;

  if (line->key == NULL || line->key[0] == '\0' || line->key[0] == '[' ||
      (strchr (line->value, '"') != NULL && strchr (line->value, '\'') != NULL))
    return;
  text = write_line (line);
  again = sp_ocserv_parse_file ("again", text);
  g_assert_cmpuint (again->len, ==, 1);
  other = g_ptr_array_index (again, 0);
  g_assert_cmpstr (other->key, ==, line->key);
  g_assert_cmpstr (other->value, ==, line->value);
}

/* Each line has a verdict, and nothing becomes two lines of ours. */
static void
check_map (GPtrArray *lines)
{
  g_autoptr (SpImport) import = sp_import_map (lines);
  GHashTableIter iter;
  gpointer setting, value;

  for (guint i = 0; i < import->lines->len; i++)
    g_assert_cmpint (g_array_index (import->lines, SpImportLine, i).verdict, <=, SP_IMPORT_NOT);
  g_hash_table_iter_init (&iter, import->settings);
  while (g_hash_table_iter_next (&iter, &setting, &value))
    g_assert_null (strchr (value, '\n'));
}

/* --- the passwords --- */

static void
check_user (const SpOcservUser *user)
{
  g_autofree char *groups = g_strjoinv (",", user->account->groups);
  g_autofree char *text = NULL;
  g_autoptr (GPtrArray) again = NULL;
  const SpOcservUser *other;
  guint strange = 0;

  g_assert_cmpuint (strlen (user->account->login), >=, 1);
  g_assert_cmpuint (strlen (user->account->login), <=, SP_LOGIN_MAX);
  g_assert_null (strpbrk (groups, ":\n"));
  g_assert_null (strchr (user->account->hash, '\n'));
  text = g_strdup_printf ("%s:%s:%s%s", user->account->login, groups,
                          user->account->is_locked ? "!" : "", user->account->hash);
  again = sp_ocserv_parse_users (text, &strange);
  g_assert_cmpuint (strange, ==, 0);
  g_assert_cmpuint (again->len, ==, 1);
  other = g_ptr_array_index (again, 0);
  g_assert_cmpstr (other->account->login, ==, user->account->login);
  g_assert_true (g_strv_equal ((const char *const *) other->account->groups,
                               (const char *const *) user->account->groups));
  g_assert_cmpstr (other->account->hash, ==, user->account->hash);
  g_assert_cmpint (other->account->is_locked, ==, user->account->is_locked);
}

static void
check_users (char *text, gsize size)
{
  guint strange = 0;
  g_autoptr (GPtrArray) users = sp_ocserv_parse_users (text, &strange);

  for (gsize i = 0; i < size; i++) /* what held hashes was wiped */
    g_assert_true (text[i] == '\0' || g_ascii_isspace (text[i]));
  for (guint i = 0; i < users->len; i++)
    check_user (g_ptr_array_index (users, i));
}

/* The same bytes as both kinds of file; what is no text is refused before it is parsed. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = NULL;
  g_autoptr (GPtrArray) lines = NULL;

  if (!g_utf8_validate ((const char *) data, (gssize) size, NULL))
    return 0;
  text = g_strndup ((const char *) data, size);
  lines = sp_ocserv_parse_file ("ocserv.conf", text);
  check_lines (lines);
  for (guint i = 0; i < lines->len; i++)
    check_rewritten (g_ptr_array_index (lines, i));
  check_map (lines);
  check_users (text, size);
  return 0;
}
