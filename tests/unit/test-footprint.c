/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "footprint.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PIECES 400

static gpointer pieces[PIECES]; /* nocheck: what a test leaves lying about */

static gsize
choose_size (guint i)
{
  return 24 + i * 37 % 3000;
}

/* Every second one is free again, so gaps of many sizes lie between the others. */
static void
make_gaps (void)
{
  for (guint i = 0; i < PIECES; i++)
    pieces[i] = malloc (choose_size (i));
  for (guint i = 0; i < PIECES; i += 2)
    free (pieces[i]);
}

static guint
count_in_gaps (const void *end)
{
  gpointer probes[PIECES / 2];
  guint n = 0;

  for (guint i = 0; i < G_N_ELEMENTS (probes); i++)
    {
      probes[i] = malloc (choose_size (2 * i));
      memset (probes[i], 1, choose_size (2 * i));
      n += (const void *) probes[i] < end ? 1 : 0;
    }
  for (guint i = 0; i < G_N_ELEMENTS (probes); i++)
    free (probes[i]);
  return n;
}

/* A sanitizer's heap has no end of that kind, and nothing to seal. */
static void
test_seal (void)
{
  g_autoptr (SpHeapSeal) seal = NULL;
  const void *end;

  make_gaps ();
  end = pieces[PIECES - 1];
  if (end >= sbrk (0))
    {
      g_test_skip ("this build has a heap of another kind");
      return;
    }
  g_assert_cmpuint (count_in_gaps (end), >, PIECES / 4);
  seal = sp_heap_seal ();
  g_assert_cmpuint (count_in_gaps (end), ==, 0);
}

static guint8
use_stack (guint depth)
{
  volatile guint8 frame[4096];

  frame[depth % sizeof frame] = (guint8) depth;
  return depth > 0 ? (guint8) (use_stack (depth - 1) + frame[0]) : frame[0];
}

/* What is in use stays as it is: above on the stack, and in the heap. */
static void
test_rest (void)
{
  guint8 kept[3 * 4096];
  g_autofree guint8 *heap = g_malloc (sizeof kept);

  memset (kept, 7, sizeof kept);
  memset (heap, 7, sizeof kept);
  (void) use_stack (40);
  sp_footprint_rest ();
  (void) use_stack (4);
  sp_footprint_rest ();
  for (gsize i = 0; i < sizeof kept; i++)
    g_assert_cmpuint (kept[i], ==, 7);
  g_assert_cmpmem (heap, sizeof kept, kept, sizeof kept);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/footprint/seal", test_seal);
  g_test_add_func ("/footprint/rest", test_rest);
  return g_test_run ();
}
