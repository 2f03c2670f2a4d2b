/* SPDX-License-Identifier: GPL-2.0-or-later */

/* limit-hash TIMES: how long a password's hash takes, in microseconds, a line each time.
 *
 * With the method and costs that the library chooses for new passwords, and in memory that is there
 * already, in large pages: no server that verifies one is faster. */

#include "platform/lent-memory.h"

#include <crypt.h>
#include <stdio.h>
#include <stdlib.h>

#define MEMORY ((gsize) 64 * 1024 * 1024)

int
main (int argc, char **argv)
{
  g_autofree struct crypt_data *scratch = g_new0 (struct crypt_data, 1);
  g_autoptr (GError) error = NULL;
  g_autoptr (SpLentMemory) memory = sp_lent_memory_new (MEMORY, &error);
  char setting[CRYPT_GENSALT_OUTPUT_SIZE];
  gulong times = argc == 2 ? strtoul (argv[1], NULL, 10) : 0;

  if (memory == NULL)
    g_error ("%s", error->message);
  if (crypt_gensalt_rn ("$y$", 0, NULL, 0, setting, sizeof setting) == NULL)
    g_error ("no salt");
  /* Once more than is told: the first time the pages come. */
  for (gulong i = 0; i <= times; i++)
    {
      gint64 begun = g_get_monotonic_time ();

      sp_lent_memory_lend (memory);
      if (crypt_r ("correct horse 7", setting, scratch) == NULL ||
          sp_lent_memory_take_back (memory) == 0)
        g_error ("nothing was hashed in this memory");
      if (i > 0)
        (void) printf ("%" G_GINT64_FORMAT "\n", g_get_monotonic_time () - begun);
    }
  return EXIT_SUCCESS;
}
