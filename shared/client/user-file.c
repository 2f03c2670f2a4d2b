/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/user-file.h"

#include "base/limits.h"
#include "base/secret.h"
#include "client/password-line.h"

#include <string.h>

#define CARD_BEGIN  "BEGIN:VCARD"
#define COLUMNS_MAX 64

/* --- what there is of a person --- */

static void
free_user (gpointer data)
{
  SpFileUser *user = data;

  g_free (user->login);
  g_free (user->full_name);
  sp_secret_text_free (user->password);
  sp_secret_text_free (user->hash);
  g_free (user);
}

static SpFileUser *
add_user (SpUserFile *file, guint line)
{
  SpFileUser *user;

  if (file->users->len >= SP_USER_FILE_ROWS_MAX)
    {
      file->has_more = TRUE;
      return NULL;
    }
  user = g_new0 (SpFileUser, 1);
  user->line = line;
  user->login = g_strdup ("");
  user->full_name = g_strdup ("");
  g_ptr_array_add (file->users, user);
  return user;
}

static void
take_text (char **text, const char *value)
{
  g_free (*text);
  *text = g_strstrip (g_strdup (value));
}

/* The last moment of a day, as 2027-03-31. */
static gboolean
read_day (const char *text, gint64 *ret_moment)
{
  g_autofree char *copy = g_strstrip (g_strdup (text));
  g_autofree char *moment = g_strconcat (copy, "T23:59:59", NULL);
  g_autoptr (GTimeZone) zone = g_time_zone_new_local ();
  g_autoptr (GDateTime) end =
      strlen (copy) == strlen ("2027-03-31") ? g_date_time_new_from_iso8601 (moment, zone) : NULL;

  if (end == NULL || g_date_time_get_year (end) < 1970)
    return FALSE;
  *ret_moment = g_date_time_to_unix (end) * G_USEC_PER_SEC;
  return TRUE;
}

static void
judge (SpFileUser *user)
{
  if (user->fault != SP_FILE_USER_GOOD)
    return;
  if (user->login[0] == '\0')
    user->fault = SP_FILE_USER_NO_LOGIN;
  else if (strlen (user->full_name) > SP_FULL_NAME_MAX)
    user->fault = SP_FILE_USER_LONG_NAME;
}

/* --- tables --- */

typedef enum
{
  COLUMN_LOGIN,
  COLUMN_NAME,
  COLUMN_PASSWORD,
  COLUMN_UNTIL,
  COLUMN_IGNORED,
} Column;

static const struct
{
  const char *word;
  Column column;
} words[] = {
  { "login", COLUMN_LOGIN },       { "user", COLUMN_LOGIN },     { "username", COLUMN_LOGIN },
  { "user name", COLUMN_LOGIN },   { "name", COLUMN_NAME },      { "full name", COLUMN_NAME },
  { "fullname", COLUMN_NAME },     { "full-name", COLUMN_NAME }, { "display name", COLUMN_NAME },
  { "password", COLUMN_PASSWORD }, { "until", COLUMN_UNTIL },    { "expires", COLUMN_UNTIL },
  { "ends", COLUMN_UNTIL },
};

static Column
find_column (const char *cell)
{
  g_autofree char *name = g_ascii_strdown (cell, -1);

  g_strstrip (name);
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (g_str_equal (words[i].word, name))
      return words[i].column;
  return COLUMN_IGNORED;
}

/* A field up to its separator or the end of its line, "" in quotes for one (RFC 4180, section 2).
 * Moves on to what ended it. */
static char *
read_cell (const char **next, char separator, guint *line)
{
  g_autoptr (GString) cell = g_string_new (NULL);
  gboolean quoted = **next == '"';
  const char *at = *next + (quoted ? 1 : 0);

  for (; *at != '\0'; at++)
    {
      if (quoted && at[0] == '"' && at[1] == '"')
        at++;
      else if (quoted && at[0] == '"')
        {
          quoted = FALSE;
          continue;
        }
      else if (!quoted && (*at == separator || *at == '\n'))
        break;
      *line += *at == '\n';
      if (*at != '\r')
        g_string_append_c (cell, *at);
    }
  *next = at;
  return g_string_free (g_steal_pointer (&cell), FALSE);
}

/* NULL at the end of the text. */
static GPtrArray *
read_row (const char **next, char separator, guint *line)
{
  g_autoptr (GPtrArray) cells =
      g_ptr_array_new_with_free_func ((GDestroyNotify) sp_secret_text_free);

  if (**next == '\0')
    return NULL;
  for (;;)
    {
      char *cell = read_cell (next, separator, line);

      if (cells->len < COLUMNS_MAX)
        g_ptr_array_add (cells, cell);
      else
        sp_secret_text_free (cell);
      if (**next != separator)
        break;
      ++*next;
    }
  if (**next == '\n')
    {
      ++*next;
      ++*line;
    }
  return g_steal_pointer (&cells);
}

static gboolean
is_empty (const GPtrArray *cells)
{
  for (guint i = 0; i < cells->len; i++)
    if (((const char *) cells->pdata[i])[0] != '\0')
      return FALSE;
  return TRUE;
}

/* Of those that the first line has most of. */
static char
find_separator (const char *text)
{
  static const char candidates[] = { ',', ';', '\t' };
  gsize length = strcspn (text, "\n");
  char best = candidates[0];
  guint most = 0;

  for (guint i = 0; i < sizeof candidates; i++)
    {
      guint count = 0;

      for (gsize at = 0; at < length; at++)
        count += text[at] == candidates[i];
      if (count > most)
        best = candidates[i];
      most = MAX (most, count);
    }
  return best;
}

/* Whether the row names columns; `columns` has what each is then. */
static gboolean
read_heading (const GPtrArray *cells, GArray *columns, char **ret_ignored)
{
  g_autoptr (GString) ignored = g_string_new (NULL);
  gboolean has_login = FALSE;

  for (guint i = 0; i < cells->len; i++)
    {
      Column column = find_column (cells->pdata[i]);

      has_login = has_login || column == COLUMN_LOGIN;
      g_array_append_val (columns, column);
      if (column == COLUMN_IGNORED && ((const char *) cells->pdata[i])[0] != '\0')
        g_string_append_printf (ignored, "%s%s", ignored->len > 0 ? ", " : "",
                                (const char *) cells->pdata[i]);
    }
  if (has_login)
    {
      *ret_ignored = g_string_free (g_steal_pointer (&ignored), FALSE);
      return TRUE;
    }
  g_array_set_size (columns, 0);
  for (Column column = COLUMN_LOGIN; column < COLUMN_IGNORED; column++)
    g_array_append_val (columns, column);
  *ret_ignored = g_strdup ("");
  return FALSE;
}

static void
take_cell (SpFileUser *user, Column column, const char *cell)
{
  if (column == COLUMN_LOGIN)
    take_text (&user->login, cell);
  else if (column == COLUMN_NAME)
    take_text (&user->full_name, cell);
  else if (column == COLUMN_PASSWORD && cell[0] != '\0')
    {
      sp_secret_text_free (user->password);
      user->password = g_strdup (cell);
    }
  else if (column == COLUMN_UNTIL && cell[0] != '\0' && !read_day (cell, &user->ends_at))
    user->fault = SP_FILE_USER_BAD_DATE;
}

static void
add_row (SpUserFile *file, guint line, const GPtrArray *cells, const GArray *columns)
{
  SpFileUser *user = is_empty (cells) ? NULL : add_user (file, line);

  if (user == NULL)
    return;
  for (guint i = 0; i < MIN (cells->len, columns->len); i++)
    take_cell (user, g_array_index (columns, Column, i), cells->pdata[i]);
  judge (user);
}

static void
parse_table (SpUserFile *file, const char *text)
{
  g_autoptr (GArray) columns = g_array_new (FALSE, FALSE, sizeof (Column));
  char separator = find_separator (text);
  guint line = 1;

  while (*text != '\0' && !file->has_more)
    {
      guint begin = line;
      g_autoptr (GPtrArray) cells = read_row (&text, separator, &line);

      if (columns->len > 0 || !read_heading (cells, columns, &file->ignored))
        add_row (file, begin, cells, columns);
    }
}

/* --- password files --- */

static void
add_account (SpUserFile *file, guint number, const char *text)
{
  g_autoptr (SpPasswordLine) line = sp_password_line_parse (text);
  SpFileUser *user = add_user (file, number);

  if (user == NULL)
    return;
  if (line == NULL)
    {
      user->fault = SP_FILE_USER_STRANGE;
      return;
    }
  take_text (&user->login, line->login);
  user->is_locked = line->is_locked;
  if (line->hash[0] != '\0')
    user->hash = g_steal_pointer (&line->hash);
  judge (user);
}

static void
parse_passwords (SpUserFile *file, const char *text)
{
  guint line = 1;

  for (const char *next = text; *next != '\0' && !file->has_more; line++)
    {
      gsize length = strcspn (next, "\n");
      g_autoptr (SpSecretText) copy = g_strndup (next, length);

      g_strchomp (copy);
      if (copy[0] != '\0' && copy[0] != '#')
        add_account (file, line, copy);
      next += length + (next[length] == '\n' ? 1 : 0);
    }
}

/* The first line with content: "login:groups:hash", or locked, where the hash begins with "$". */
static gboolean
is_passwords (const char *text)
{
  while (*text == '#' || *text == '\n' || *text == '\r')
    {
      gsize length = strcspn (text, "\n");

      text += length + (text[length] == '\n' ? 1 : 0);
    }
  text += strcspn (text, ":\n");
  if (*text != ':')
    return FALSE;
  text++;
  text += strcspn (text, ":\n");
  return text[0] == ':' &&
         (text[1] == '$' ||
          (text[1] == '!' && (text[2] == '$' || text[2] == '\0' || g_ascii_isspace (text[2]))));
}

/* --- cards --- */

/* Lines that go on in the next one, which begins with a blank, put together (RFC 6350, 3.2). */
static char *
unfold (const char *text)
{
  GString *whole = g_string_sized_new (strlen (text));

  for (; *text != '\0'; text++)
    if (text[0] == '\n' && (text[1] == ' ' || text[1] == '\t'))
      text++;
    else if (text[0] != '\r')
      g_string_append_c (whole, *text);
  return g_string_free (whole, FALSE);
}

/* "=C3=A9" of version 2.1; new, or NULL if it is no text then. */
static char *
decode_printable (const char *text)
{
  g_autoptr (GString) decoded = g_string_new (NULL);

  for (; *text != '\0'; text++)
    if (text[0] == '=' && g_ascii_isxdigit (text[1]) && g_ascii_isxdigit (text[2]))
      {
        g_string_append_c (
            decoded, (char) (g_ascii_xdigit_value (text[1]) * 16 + g_ascii_xdigit_value (text[2])));
        text += 2;
      }
    else
      g_string_append_c (decoded, *text);
  if (strlen (decoded->str) != decoded->len || !g_utf8_validate (decoded->str, -1, NULL))
    return NULL;
  return g_string_free (g_steal_pointer (&decoded), FALSE);
}

/* "\," and "\;" for themselves, "\n" and the blank between parts of a name as a blank. */
static char *
plain_value (const char *value)
{
  GString *plain = g_string_new (NULL);

  for (; *value != '\0'; value++)
    if (value[0] == '\\' && value[1] != '\0')
      {
        value++;
        g_string_append_c (plain, *value == 'n' || *value == 'N' ? ' ' : *value);
      }
    else
      g_string_append_c (plain, *value == ';' || g_ascii_iscntrl (*value) ? ' ' : *value);
  return g_string_free (plain, FALSE);
}

/* The value of a line "NAME;PARAMETERS:VALUE"; NULL: it is another one.  New. */
static char *
read_property (const char *line, const char *name)
{
  gsize length = strlen (name);
  const char *colon = strchr (line, ':');
  g_autofree char *parameters = NULL;
  g_autofree char *decoded = NULL;

  if (g_ascii_strncasecmp (line, name, length) != 0 ||
      (line[length] != ':' && line[length] != ';') || colon == NULL)
    return NULL;
  parameters = g_ascii_strup (line + length, colon - line - (gssize) length);
  if (strstr (parameters, "QUOTED-PRINTABLE") == NULL)
    return plain_value (colon + 1);
  decoded = decode_printable (colon + 1);
  return decoded != NULL ? plain_value (decoded) : NULL;
}

/* The first card, and whether there is another. */
static void
parse_card (SpUserFile *file, const char *text)
{
  g_autofree char *whole = unfold (text);
  g_auto (GStrv) lines = g_strsplit (whole, "\n", SP_USER_FILE_ROWS_MAX);
  SpFileUser *user = add_user (file, 1);
  guint cards = 0;

  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_autofree char *name = read_property (lines[i], "FN");

      cards += g_ascii_strncasecmp (lines[i], CARD_BEGIN, strlen (CARD_BEGIN)) == 0;
      if (cards == 1 && name != NULL && user->full_name[0] == '\0')
        take_text (&user->full_name, name);
    }
  file->has_more = cards > 1;
  if (strlen (user->full_name) > SP_FULL_NAME_MAX)
    user->fault = SP_FILE_USER_LONG_NAME;
}

/* --- all of it --- */

/* NULL where it is no text; without the mark that some programs put in front. */
static char *
take_bytes (const char *bytes, gsize size)
{
  static const char mark[] = "\xef\xbb\xbf";

  if (size > SP_USER_FILE_SIZE_MAX || !g_utf8_validate (bytes, (gssize) size, NULL))
    return NULL;
  if (size >= strlen (mark) && memcmp (bytes, mark, strlen (mark)) == 0)
    return g_strndup (bytes + strlen (mark), size - strlen (mark));
  return g_strndup (bytes, size);
}

SpUserFile *
sp_user_file_parse (const char *bytes, gsize size)
{
  g_autoptr (SpUserFile) file = g_new0 (SpUserFile, 1);
  g_autoptr (SpSecretText) text = take_bytes (bytes, size);

  if (text == NULL)
    return NULL;
  file->users = g_ptr_array_new_with_free_func (free_user);
  if (g_ascii_strncasecmp (text, CARD_BEGIN, strlen (CARD_BEGIN)) == 0)
    {
      file->kind = SP_USER_FILE_CARD;
      parse_card (file, text);
    }
  else if (is_passwords (text))
    {
      file->kind = SP_USER_FILE_PASSWORDS;
      parse_passwords (file, text);
    }
  else
    {
      file->kind = SP_USER_FILE_TABLE;
      parse_table (file, text);
    }
  if (file->ignored == NULL)
    file->ignored = g_strdup ("");
  return file->users->len > 0 ? g_steal_pointer (&file) : NULL;
}

void
sp_user_file_free (SpUserFile *file)
{
  if (file == NULL)
    return;
  g_clear_pointer (&file->users, g_ptr_array_unref);
  g_free (file->ignored);
  g_free (file);
}
