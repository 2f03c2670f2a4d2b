/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "codec/lzs.h"

#include <string.h>

#define OFFSET_SHORT_MAX 127
#define OFFSET_MAX       (SP_LZS_WINDOW - 1)
#define MATCH_MIN        2
#define LENGTH_LONG      8
#define NIBBLE_FULL      15

/* How many earlier places of a pair are tried.  More makes packets hardly smaller. */
#define TRIES_MAX 4
/* Searches in vain after which one byte more a time is taken as it is, and forgotten: a packet that
 * does not become smaller shall not cost the most. */
#define PATIENCE 32

typedef struct
{
  guint8 *next;
  guint8 *end;
  guint64 bits; /* the lowest `n_bits` of it are still to be written */
  guint n_bits; /* less than 32 between two calls */
  gboolean overflown;
} BitWriter;

static void
write_word (BitWriter *self)
{
  guint32 word = GUINT32_TO_BE ((guint32) (self->bits >> (self->n_bits - 32)));

  self->n_bits -= 32;
  if ((gsize) (self->end - self->next) < sizeof word)
    {
      self->overflown = TRUE;
      return;
    }
  memcpy (self->next, &word, sizeof word);
  self->next += sizeof word;
}

/* `n` is at most 32. */
static inline void
put (BitWriter *self, guint32 value, guint n)
{
  self->bits = self->bits << n | value;
  self->n_bits += n;
  if (self->n_bits >= 32)
    write_word (self);
}

static void
put_literal (BitWriter *self, guint8 byte)
{
  put (self, byte, 9);
}

static void
put_offset (BitWriter *self, guint offset)
{
  if (offset <= OFFSET_SHORT_MAX)
    put (self, 0x180 | offset, 9); /* 11, 7 bits */
  else
    put (self, 0x1000 | offset, 13); /* 10, 11 bits */
}

static void
put_length (BitWriter *self, gsize length)
{
  if (length < 5)
    put (self, (guint32) length - 2, 2);
  else if (length < LENGTH_LONG)
    put (self, (guint32) (0xc + length - 5), 4);
  else
    {
      put (self, 0xf, 4);
      for (length -= LENGTH_LONG; length >= NIBBLE_FULL && !self->overflown; length -= NIBBLE_FULL)
        put (self, NIBBLE_FULL, 4);
      put (self, (guint32) MIN (length, NIBBLE_FULL - 1), 4);
    }
}

/* End marker, and zeros up to the next byte. */
static void
put_end (BitWriter *self)
{
  put (self, 0x180, 9);
  for (; self->n_bits > 0 && !self->overflown; self->n_bits -= MIN (self->n_bits, 8))
    if (self->next == self->end)
      self->overflown = TRUE;
    else
      *self->next++ = (guint8) (self->bits << 8 >> self->n_bits);
}

typedef struct
{
  SpLzsTable *table;
  const guint8 *bytes;
  gsize size;
} Search;

typedef struct
{
  gsize length; /* less than MATCH_MIN: none */
  guint offset;
} Match;

static inline guint
hash_pair (const guint8 *at)
{
  guint pair = (guint) at[0] << 8 | at[1];

  return (pair * 2654435761u) >> 20; /* 12 bits: SP_LZS_HEADS */
}

G_STATIC_ASSERT (SP_LZS_HEADS == 1 << (32 - 20));

/* From here on the pair at `position` can be found.  Returns where it was before, plus 1. */
static guint
remember (Search *self, gsize position)
{
  guint16 *head;
  guint before;

  if (position + MATCH_MIN > self->size)
    return 0;
  head = &self->table->heads[hash_pair (self->bytes + position)];
  before = *head;
  self->table->previous[position % SP_LZS_WINDOW] = (guint16) before;
  *head = (guint16) (position + 1);
  return before;
}

static void
remember_all (Search *self, gsize from, gsize end)
{
  while (from < end)
    (void) remember (self, from++);
}

static gsize
measure (const guint8 *a, const guint8 *b, gsize most)
{
  gsize length = 0;

  while (length + 8 <= most && memcmp (a + length, b + length, 8) == 0)
    length += 8;
  while (length < most && a[length] == b[length])
    length++;
  return length;
}

/* The longest match of the places tried, the nearest of equal ones; `position` is remembered. */
static Match
find_match (Search *self, gsize position)
{
  const guint8 *here = self->bytes + position;
  gsize most = self->size - position;
  Match best = { 0 };
  guint candidate = remember (self, position);

  for (guint tries = 0; candidate > 0 && tries < TRIES_MAX && best.length < most; tries++)
    {
      gsize before = candidate - 1;
      gsize length;

      if (position - before > OFFSET_MAX)
        break;
      if (self->bytes[before + best.length] == here[best.length])
        {
          length = measure (self->bytes + before, here, most);
          if (length > best.length)
            best = (Match){ .length = length, .offset = (guint) (position - before) };
        }
      candidate = self->table->previous[before % SP_LZS_WINDOW];
    }
  return best;
}

static gsize
put_literals (const Search *self, BitWriter *writer, gsize position, gsize n)
{
  gsize end = MIN (position + n, self->size);

  while (position < end)
    put_literal (writer, self->bytes[position++]);
  return end;
}

gsize
sp_lzs_encode (SpLzsTable *table, const guint8 *bytes, gsize size, guint8 *ret_bytes, gsize room)
{
  Search search = { .table = table, .bytes = bytes, .size = size };
  BitWriter writer = { .next = ret_bytes, .end = ret_bytes + room };
  gsize position = 0;
  gsize misses = 0;

  if (size > SP_LZS_INPUT_MAX)
    return 0;
  memset (table->heads, 0, sizeof table->heads);
  while (position < size && !writer.overflown)
    {
      Match match = find_match (&search, position);

      if (match.length < MATCH_MIN)
        {
          position = put_literals (&search, &writer, position, 1 + misses++ / PATIENCE);
          continue;
        }
      misses = 0;
      put_offset (&writer, match.offset);
      put_length (&writer, match.length);
      remember_all (&search, position + 1, position + match.length);
      position += match.length;
    }
  put_end (&writer);
  return writer.overflown ? 0 : (gsize) (writer.next - ret_bytes);
}
