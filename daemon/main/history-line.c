/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "history-line.h"

#include <string.h>

typedef enum
{
  SP_COLUMN_ID,
  SP_COLUMN_DEVICE, /* none without a name in the column behind it */
  SP_COLUMN_TEXT,
  SP_COLUMN_WORDS, /* a text with spaces between, as an array */
  SP_COLUMN_NUMBER,
} SpColumnKind;

/* As SP_HISTORY_LINE_COLUMNS; each begins with what stands before its value. */
static const struct
{
  const char *key;
  SpColumnKind kind;
} columns[] = {
  { "{\"session\":", SP_COLUMN_ID },
  { ",\"user\":", SP_COLUMN_ID },
  { ",\"login\":", SP_COLUMN_TEXT },
  { ",\"client-name\":", SP_COLUMN_TEXT },
  { ",\"user-agent\":", SP_COLUMN_TEXT },
  { ",\"remote-address\":", SP_COLUMN_TEXT },
  { ",\"addresses\":", SP_COLUMN_WORDS },
  { ",\"transport\":", SP_COLUMN_TEXT },
  { ",\"started-at-usec\":", SP_COLUMN_NUMBER },
  { ",\"ended-at-usec\":", SP_COLUMN_NUMBER },
  { ",\"reason\":", SP_COLUMN_TEXT },
  { ",\"device\":", SP_COLUMN_DEVICE },
  { ",\"device-name\":", SP_COLUMN_TEXT },
  { ",\"group\":", SP_COLUMN_TEXT },
  { ",\"rx-bytes\":", SP_COLUMN_NUMBER },
  { ",\"tx-bytes\":", SP_COLUMN_NUMBER },
};

/* What a number takes at most, with its sign. */
#define DIGITS_MAX 20

static const char hex[] = "0123456789abcdef";

/* A byte of text takes at most as much as \u0000, a word of an array three bytes for at least one.
 */
#define ESCAPE_MAX 6

/* Each takes where to write, with enough room, and returns where it ended: a million lines are made
 * at a time. */

static char *
write_bytes (char *at, const char *bytes, gsize length)
{
  if (length > 0)
    memcpy (at, bytes, length);
  return at + length;
}

static char *
write_escape (char *at, guchar c)
{
  static const char named[] = {
    ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r', ['"'] = '"', ['\\'] = '\\'
  };

  *at++ = '\\';
  if (c < G_N_ELEMENTS (named) && named[c] != '\0')
    {
      *at++ = named[c];
      return at;
    }
  at = write_bytes (at, "u00", 3);
  *at++ = hex[c >> 4];
  *at++ = hex[c & 15];
  return at;
}

/* Whether one of eight bytes is below a space, a quotation mark, or a backslash. */
static gboolean
has_special (guint64 bytes)
{
  const guint64 ones = G_GUINT64_CONSTANT (0x0101010101010101), tops = ones << 7;
  guint64 quotes = bytes ^ (ones * '"'), backslashes = bytes ^ (ones * '\\');

  return ((((bytes - ones * ' ') & ~bytes) | ((quotes - ones) & ~quotes) |
           ((backslashes - ones) & ~backslashes)) &
          tops) != 0;
}

static char *
write_text (char *at, const char *text, gsize length)
{
  gsize i = 0;

  *at++ = '"';
  while (i < length)
    {
      guint64 eight;

      if (length - i >= sizeof eight)
        {
          memcpy (&eight, text + i, sizeof eight);
          if (!has_special (eight))
            {
              at = write_bytes (at, (const char *) &eight, sizeof eight);
              i += sizeof eight;
              continue;
            }
        }
      guchar c = (guchar) text[i++];

      if (c >= ' ' && c != '"' && c != '\\')
        *at++ = (char) c;
      else
        at = write_escape (at, c);
    }
  *at++ = '"';
  return at;
}

static char *
write_words (char *at, const char *text, gsize length)
{
  gsize first = 0;

  *at++ = '[';
  for (gsize i = 0; i < length; i++)
    if (text[i] == ' ')
      {
        at = write_text (at, text + first, i - first);
        *at++ = ',';
        first = i + 1;
      }
  if (length > 0)
    at = write_text (at, text + first, length - first);
  *at++ = ']';
  return at;
}

static char *
write_id (char *at, const guint8 *id, gsize length)
{
  *at++ = '"';
  for (gsize i = 0; i < length; i++)
    {
      *at++ = hex[id[i] >> 4];
      *at++ = hex[id[i] & 15];
    }
  *at++ = '"';
  return at;
}

static char *
write_number (char *at, gint64 number)
{
  char digits[DIGITS_MAX];
  char *end = digits + sizeof digits;
  char *first = end;
  guint64 rest = number < 0 ? 0 - (guint64) number : (guint64) number;

  do
    *--first = (char) ('0' + rest % 10);
  while ((rest /= 10) > 0);
  if (number < 0)
    *--first = '-';
  return write_bytes (at, first, (gsize) (end - first));
}

static gsize
get_length (sqlite3_stmt *row, int i)
{
  /* Of a number SQLite would make a text to answer. */
  return columns[i].kind == SP_COLUMN_NUMBER ? 0 : (gsize) sqlite3_column_bytes (row, i);
}

static char *
write_column (char *at, sqlite3_stmt *row, int i)
{
  SpColumnKind kind = columns[i].kind;
  /* Not as text: SQLite would copy it to end it with a zero. */
  const void *value = kind == SP_COLUMN_NUMBER ? NULL : sqlite3_column_blob (row, i);
  gsize length = get_length (row, i);

  at = write_bytes (at, columns[i].key, strlen (columns[i].key));
  switch (kind)
    {
      case SP_COLUMN_NUMBER:
        return write_number (at, sqlite3_column_int64 (row, i));
      case SP_COLUMN_DEVICE:
        return write_id (at, value, get_length (row, i + 1) > 0 ? length : 0);
      case SP_COLUMN_ID:
        return write_id (at, value, length);
      case SP_COLUMN_WORDS:
        return write_words (at, value, length);
      case SP_COLUMN_TEXT:
      default:
        return write_text (at, value, length);
    }
}

void
sp_history_line_append_text (GString *line, const char *text, gsize length)
{
  gsize before = line->len;

  (void) g_string_set_size (line, before + ESCAPE_MAX * length + 2);
  (void) g_string_truncate (line,
                            (gsize) (write_text (line->str + before, text, length) - line->str));
}

void
sp_history_line_append (GString *line, sqlite3_stmt *row)
{
  gsize before = line->len, room = 1;
  char *at;

  for (int i = 0; i < (int) G_N_ELEMENTS (columns); i++)
    room += strlen (columns[i].key) + DIGITS_MAX + 4 + ESCAPE_MAX * get_length (row, i);
  (void) g_string_set_size (line, before + room);
  at = line->str + before;
  for (int i = 0; i < (int) G_N_ELEMENTS (columns); i++)
    at = write_column (at, row, i);
  *at++ = '}';
  (void) g_string_truncate (line, (gsize) (at - line->str));
}
