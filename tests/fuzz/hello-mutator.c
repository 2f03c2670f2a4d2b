/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz.h"

/* A hello is lengths within lengths: blind changes break the outermost one and get no further than
 * that.  So after most changes the lengths are mended, from the outside in, as far as the hello
 * still looks like one.  Only in libFuzzer programs. */

#define TLS_RECORD_HEADER  5
#define DTLS_RECORD_HEADER 13
#define VERSION_AND_RANDOM 34

size_t LLVMFuzzerMutate (uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator (uint8_t *data, size_t size, size_t max_size, unsigned int seed);

/* Nothing is written past the end. */
static void
put (uint8_t *data, size_t size, size_t at, size_t number, guint bytes)
{
  for (guint i = 0; i < bytes && at + i < size; i++)
    data[at + i] = (uint8_t) (number >> (8 * (bytes - 1 - i)));
}

/* Past a vector whose length takes `bytes` bytes; past the end if there is none. */
static size_t
skip (const uint8_t *data, size_t size, size_t at, guint bytes)
{
  size_t length = 0;

  if (at + bytes > size)
    return size + 1;
  for (guint i = 0; i < bytes; i++)
    length = length << 8 | data[at + i];
  return at + bytes + length;
}

/* The list of extensions fills the rest, the last extension the rest of the list, a server name
 * its extension, and sometimes that the rest of the list. */
static void
mend_extensions (uint8_t *data, size_t size, size_t at, gboolean greedy)
{
  if (at + 2 > size)
    return;
  put (data, size, at, size - at - 2, 2);
  at += 2;
  while (at + 4 <= size)
    {
      gboolean named = data[at] == 0 && data[at + 1] == 0;
      size_t end = skip (data, size, at + 2, 2);

      if (end > size || (named && greedy))
        {
          put (data, size, at + 2, size - at - 4, 2);
          end = size;
        }
      if (named && end >= at + 9)
        {
          put (data, size, at + 4, end - at - 6, 2);
          put (data, size, at + 7, end - at - 9, 2);
        }
      at = end;
    }
}

static void
mend_lengths (uint8_t *data, size_t size, gboolean greedy)
{
  gboolean tls = size > 1 && data[1] == 3;
  size_t record = tls ? TLS_RECORD_HEADER : DTLS_RECORD_HEADER;
  size_t body = record + (tls ? 4 : 12);
  size_t at = body + VERSION_AND_RANDOM;

  if (size <= at)
    return;
  put (data, size, record - 2, size - record, 2);
  put (data, size, record + 1, size - body, 3);
  if (!tls)
    put (data, size, record + 9, size - body, 3);
  at = skip (data, size, at, 1); /* session id */
  if (!tls)
    at = skip (data, size, at, 1); /* cookie */
  at = skip (data, size, at, 2);   /* suites */
  at = skip (data, size, at, 1);   /* compressions */
  mend_extensions (data, size, at, greedy);
}

size_t
LLVMFuzzerCustomMutator (uint8_t *data, size_t size, size_t max_size, unsigned int seed)
{
  size = LLVMFuzzerMutate (data, size, max_size);
  if (seed % 4 != 0)
    mend_lengths (data, size, seed % 8 == 1);
  return size;
}
