/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "worker/byte-queue.h"

#include <string.h>

#define CAPACITY 4096

static void
test_order (void)
{
  SpByteQueue queue;
  guint8 out[8];

  sp_byte_queue_init (&queue, CAPACITY);
  g_assert_true (sp_byte_queue_append (&queue, "abcdef", 6));
  g_assert_cmpuint (sp_byte_queue_take (&queue, out, 4), ==, 4);
  g_assert_cmpmem (out, 4, "abcd", 4);
  g_assert_true (sp_byte_queue_append (&queue, "gh", 2));
  g_assert_cmpuint (sp_byte_queue_take (&queue, out, sizeof out), ==, 4);
  g_assert_cmpmem (out, 4, "efgh", 4);
  g_assert_cmpuint (sp_byte_queue_length (&queue), ==, 0);
  g_assert_cmpuint (sp_byte_queue_take (&queue, out, sizeof out), ==, 0);
  sp_byte_queue_clear (&queue);
}

/* All or nothing, and room at the front counts as room. */
static void
test_limits (void)
{
  SpByteQueue queue;
  guint8 bytes[CAPACITY + 1] = { 0 };

  sp_byte_queue_init (&queue, CAPACITY);
  g_assert_false (sp_byte_queue_append (&queue, bytes, CAPACITY + 1));
  g_assert_cmpuint (sp_byte_queue_length (&queue), ==, 0);
  g_assert_true (sp_byte_queue_append (&queue, bytes, CAPACITY));
  g_assert_null (sp_byte_queue_reserve (&queue, 1));
  sp_byte_queue_drop (&queue, 10);
  g_assert_cmpuint (sp_byte_queue_room (&queue), ==, 10);
  g_assert_true (sp_byte_queue_append (&queue, "0123456789", 10));
  g_assert_false (sp_byte_queue_append (&queue, "x", 1));
  sp_byte_queue_drop (&queue, CAPACITY - 10);
  g_assert_cmpmem (sp_byte_queue_peek (&queue), sp_byte_queue_length (&queue), "0123456789", 10);
  sp_byte_queue_clear (&queue);
}

/* Against a plain array, with a thousand random moves. */
static void
test_random (void)
{
  SpByteQueue queue;
  g_autoptr (GByteArray) model = g_byte_array_new ();
  guint8 bytes[CAPACITY];

  sp_byte_queue_init (&queue, CAPACITY);
  for (guint i = 0; i < 1000; i++)
    {
      gsize size = (gsize) g_test_rand_int_range (0, CAPACITY);

      for (gsize j = 0; j < size; j++)
        bytes[j] = (guint8) (i + j);
      g_assert_cmpint (sp_byte_queue_append (&queue, bytes, size), ==,
                       model->len + size <= CAPACITY);
      if (model->len + size <= CAPACITY)
        g_byte_array_append (model, bytes, (guint) size);
      size = sp_byte_queue_take (&queue, bytes, (gsize) g_test_rand_int_range (0, CAPACITY));
      g_assert_cmpmem (bytes, size, model->data, size);
      g_byte_array_remove_range (model, 0, (guint) size);
      if (i % 100 == 0)
        sp_byte_queue_rest (&queue);
      g_assert_cmpmem (sp_byte_queue_peek (&queue), sp_byte_queue_length (&queue), model->data,
                       model->len);
    }
  sp_byte_queue_clear (&queue);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/byte-queue/order", test_order);
  g_test_add_func ("/byte-queue/limits", test_limits);
  g_test_add_func ("/byte-queue/random", test_random);
  return g_test_run ();
}
