/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "setting-row.h"

#include <stdio.h>
#include <string.h>

/* At build time: writes the default configuration, its manual page or the properties of the bus
 * interface to standard output. */
int
main (int argc, char **argv)
{
  g_autofree char *document = NULL;

  if (argc == 2 && strcmp (argv[1], "file") == 0)
    document = sp_setting_write_file ();
  else if (argc == 2 && strcmp (argv[1], "manual") == 0)
    document = sp_setting_write_manual ();
  else if (argc == 2 && strcmp (argv[1], "interface") == 0)
    document = sp_setting_write_interface ();
  if (document == NULL || fputs (document, stdout) == EOF || fflush (stdout) != 0)
    return 1;
  return 0;
}
