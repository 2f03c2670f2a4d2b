/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/der.h"

#define SEQUENCE 0x30

gsize
sp_der_measure (const guint8 *bytes, gsize size)
{
  gsize length;
  guint n_octets;

  if (size < 2 || bytes[0] != SEQUENCE)
    return 0;
  if (bytes[1] < 0x80)
    return 2u + bytes[1] <= size ? 2u + bytes[1] : 0;
  n_octets = bytes[1] & 0x7f;
  if (n_octets == 0 || n_octets > 3 || size < 2 + n_octets)
    return 0;
  length = 0;
  for (guint i = 0; i < n_octets; i++)
    length = length << 8 | bytes[2 + i];
  return length <= size - 2 - n_octets ? 2 + n_octets + length : 0;
}
