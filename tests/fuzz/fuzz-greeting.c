/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz.h"

#include "remote/greeting.h"

/* What came in pieces is answered like what came at once. */
static gssize
read_in_pieces (SpGreeting *greeting, const uint8_t *data, gsize size, GString *answer)
{
  gsize used = 0;

  for (gsize known = 1; known <= size && !greeting->done; known++)
    {
      gssize taken = sp_greeting_read (greeting, data + used, known - used, answer);

      if (taken < 0)
        return -1;
      g_assert_cmpint (taken, <=, (gssize) (known - used));
      used += (gsize) taken;
    }
  return (gssize) used;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  SpGreeting whole = { .with_descriptors = size % 2 != 0 };
  SpGreeting pieces = whole;
  g_autoptr (GString) answer = g_string_new (NULL);
  g_autoptr (GString) again = g_string_new (NULL);
  gssize used = sp_greeting_read (&whole, data, size, answer);

  g_assert_cmpint (read_in_pieces (&pieces, data, size, again), ==, used);
  g_assert_cmpint (whole.done, ==, pieces.done);
  g_assert_true (!whole.done || whole.authenticated);
  if (used >= 0)
    g_assert_cmpstr (answer->str, ==, again->str);
  g_assert_cmpuint (answer->len, <=, 64 * (size + 1));
  return 0;
}
