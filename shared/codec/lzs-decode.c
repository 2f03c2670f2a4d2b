/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "codec/lzs.h"

#include <string.h>

#define NIBBLE_FULL 15 /* another nibble follows */
#define LENGTH_LONG 8  /* what the nibbles are added to */

typedef struct
{
  const guint8 *next;
  const guint8 *end;
  guint64 bits; /* the lowest `n_bits` of it are still to be read */
  guint n_bits;
  guint n_padding; /* so many of the last bits of all are not of the input, but zeros */
} BitReader;

static void
refill (BitReader *self)
{
  while (self->n_bits <= 56)
    {
      self->bits <<= 8;
      self->n_bits += 8;
      if (self->next < self->end)
        self->bits |= *self->next++;
      else
        self->n_padding += 8;
    }
}

/* `n` is from 1 to 31. */
static inline guint
take (BitReader *self, guint n)
{
  if (self->n_bits < n)
    refill (self);
  self->n_bits -= n;
  return (guint) (self->bits >> self->n_bits) & ((1u << n) - 1);
}

/* More was taken than there is. */
static inline gboolean
is_exhausted (const BitReader *self)
{
  return self->n_bits < self->n_padding;
}

/* RFC 1974 2.5.5: 00, 01, 10 are 2 to 4; 1100, 1101, 1110 are 5 to 7; 1111 begins a row of nibbles.
 * A sum beyond `most` is not summed up to its end. */
static gsize
take_length (BitReader *self, gsize most)
{
  guint code = take (self, 2);
  gsize length = LENGTH_LONG;
  guint nibble;

  if (code < 3)
    return 2 + code;
  code = take (self, 2);
  if (code < 3)
    return 5 + code;
  do
    {
      nibble = take (self, 4);
      length += nibble;
    }
  while (nibble == NIBBLE_FULL && length <= most);
  return length;
}

/* The copy may reach into what it makes: then it repeats itself. */
static void
copy_match (guint8 *at, gsize offset, gsize length)
{
  const guint8 *from = at - offset;

  if (offset >= length)
    memcpy (at, from, length);
  else if (offset == 1)
    memset (at, *from, length);
  else
    while (length-- > 0)
      *at++ = *from++;
}

gboolean
sp_lzs_decode (const guint8 *bytes, gsize size, guint8 *ret_bytes, gsize room, gsize *ret_size)
{
  BitReader reader = { .next = bytes, .end = bytes + size };
  gsize made = 0;

  while (!is_exhausted (&reader))
    {
      gboolean is_short;
      gsize offset, length;

      if (take (&reader, 1) == 0)
        {
          guint8 literal = (guint8) take (&reader, 8);

          if (made == room)
            return FALSE;
          ret_bytes[made++] = literal;
          continue;
        }
      is_short = take (&reader, 1) == 1;
      offset = take (&reader, is_short ? 7 : 11);
      if (is_short && offset == 0)
        {
          *ret_size = made;
          return !is_exhausted (&reader);
        }
      length = take_length (&reader, room - made);
      if (offset == 0 || offset > made || length > room - made)
        return FALSE;
      copy_match (ret_bytes + made, offset, length);
      made += length;
    }
  return FALSE;
}
