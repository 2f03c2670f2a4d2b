/* SPDX-License-Identifier: GPL-2.0-or-later */

/* verifiers TIMES: reads a password's line, prints so many verifiers of it, made as ours are. */

#include "password.h"

#include "base/secret.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  char password[BUFSIZ];
  gulong times = argc == 2 ? strtoul (argv[1], NULL, 10) : 0;

  if (fgets (password, sizeof password, stdin) == NULL)
    g_error ("no password");
  password[strcspn (password, "\n")] = '\0';
  for (gulong i = 0; i < times; i++)
    {
      g_autoptr (SpSecretText) verifier =
          sp_password_make_verifier ((const guint8 *) password, strlen (password), &error);

      if (verifier == NULL)
        g_error ("%s", error->message);
      (void) puts (verifier);
    }
  return EXIT_SUCCESS;
}
