/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ocserv-file.h"

#include "base/limits.h"
#include "base/secret.h"

#include <string.h>

#define FILE_BYTES_MAX (4 * 1024 * 1024)
#define LINES_MAX      100000

static void
line_free (gpointer data)
{
  SpOcservLine *line = data;

  g_free (line->file);
  g_free (line->key);
  g_free (line->value);
  g_free (line);
}

static void
user_free (gpointer data)
{
  SpOcservUser *user = data;

  sp_password_line_free (user->account);
  g_free (user);
}

static gboolean
is_text (const char *text, gsize size, const char *path, GError **error)
{
  if (size <= FILE_BYTES_MAX && g_utf8_validate (text, (gssize) size, NULL))
    return TRUE;
  g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_USAGE, "%s is not a configuration in UTF-8", path);
  return FALSE;
}

/* A file that holds secrets: what is not taken as a text is wiped, too. */
static char *
read_text (const char *path, GError **error)
{
  char *text = NULL;
  gsize size;

  if (!g_file_get_contents (path, &text, &size, error))
    return NULL;
  if (is_text (text, size, path, error))
    return text;
  sp_secret_wipe (text, size);
  g_free (text);
  return NULL;
}

/* A value in quotes ends with them, another one before a comment. */
static char *
read_value (const char *text)
{
  g_autofree char *copy = g_strstrip (g_strdup (text));
  char quote = copy[0];
  char *end = quote == '"' || quote == '\'' ? strchr (copy + 1, quote) : NULL;

  if (end != NULL)
    return g_strndup (copy + 1, (gsize) (end - copy - 1));
  for (char *at = copy; *at != '\0'; at++)
    if (*at == '#' && at > copy && g_ascii_isspace (at[-1]))
      *at = '\0';
  return g_strdup (g_strchomp (copy));
}

static SpOcservLine *
line_new (const char *path, guint number, const char *text, gboolean in_host)
{
  const char *equals = strchr (text, '=');
  SpOcservLine *line = g_new0 (SpOcservLine, 1);

  line->file = g_strdup (path);
  line->line = number;
  line->in_host = in_host;
  if (in_host || equals == NULL)
    {
      line->value = g_strdup (text);
      return line;
    }
  line->key = g_strchomp (g_strndup (text, (gsize) (equals - text)));
  line->value = read_value (equals + 1);
  return line;
}

GPtrArray *
sp_ocserv_parse_file (const char *path, const char *text)
{
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (line_free);
  g_auto (GStrv) split = g_strsplit (text, "\n", LINES_MAX);
  gboolean in_host = FALSE;

  for (guint i = 0; split[i] != NULL; i++)
    {
      const char *stripped = g_strstrip (split[i]);

      in_host = in_host || stripped[0] == '[';
      if (stripped[0] != '\0' && stripped[0] != '#')
        g_ptr_array_add (lines, line_new (path, i + 1, stripped, in_host));
    }
  return g_steal_pointer (&lines);
}

GPtrArray *
sp_ocserv_read_file (const char *path, GError **error)
{
  g_autoptr (SpSecretText) text = read_text (path, error);

  return text != NULL ? sp_ocserv_parse_file (path, text) : NULL;
}

static SpOcservUser *
user_new (guint number, const char *text)
{
  g_autoptr (SpPasswordLine) line = sp_password_line_parse (text);
  SpOcservUser *user;

  if (line == NULL || line->login[0] == '\0' || strlen (line->login) > SP_LOGIN_MAX)
    return NULL;
  user = g_new0 (SpOcservUser, 1);
  user->line = number;
  user->account = g_steal_pointer (&line);
  return user;
}

GPtrArray *
sp_ocserv_parse_users (char *text, guint *ret_strange)
{
  g_autoptr (GPtrArray) users = g_ptr_array_new_with_free_func (user_free);
  guint number = 0;
  char *rest = text;

  *ret_strange = 0;
  while (rest != NULL && *rest != '\0' && number < LINES_MAX)
    {
      char *end = strchr (rest, '\n');
      SpOcservUser *user;

      if (end != NULL)
        *end = '\0';
      number++;
      g_strchomp (rest);
      user = rest[0] != '\0' && rest[0] != '#' ? user_new (number, rest) : NULL;
      if (user != NULL)
        g_ptr_array_add (users, user);
      else if (rest[0] != '\0' && rest[0] != '#')
        ++*ret_strange;
      /* what was cut up is gone before the text is freed up to its first zero */
      sp_secret_wipe (rest, strlen (rest));
      rest = end != NULL ? end + 1 : NULL;
    }
  if (rest != NULL) /* of more lines than are read */
    sp_secret_wipe (rest, strlen (rest));
  return g_steal_pointer (&users);
}

GPtrArray *
sp_ocserv_read_users (const char *path, guint *ret_strange, GError **error)
{
  g_autoptr (SpSecretText) text = read_text (path, error);

  *ret_strange = 0;
  return text != NULL ? sp_ocserv_parse_users (text, ret_strange) : NULL;
}
