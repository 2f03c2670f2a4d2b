/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "computer-profile.h"

/* write-profile NAME URL LOGIN PIN: the connection that the window saves for NetworkManager. */

int
main (int argc, char **argv)
{
  SpComputerProfile profile;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  if (argc != 5)
    return 2;
  profile =
      (SpComputerProfile){ .name = argv[1], .url = argv[2], .login = argv[3], .pin = argv[4] };
  text = sp_computer_profile_create_keyfile (&profile, &error);
  if (text == NULL)
    {
      g_printerr ("%s\n", error->message);
      return 1;
    }
  g_print ("%s", text);
  return 0;
}
