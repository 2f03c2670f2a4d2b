/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "computer-profile.h"

#include <string.h>

/* What programs on a computer are given. */

static const SpComputerProfile profile = {
  .name = "attic",
  .url = "https://vpn.example.net:8443",
  .login = "o'neil",
  .pin = "pin-sha256:abc=",
};

static void
test_command (void)
{
  g_autofree char *command = sp_computer_profile_get_command (&profile, NULL);
  g_autofree char *certificate = sp_computer_profile_get_command (&profile, "my vpn.p12");

  /* what people are called must not become a command */
  g_assert_cmpstr (command, ==,
                   "sudo openconnect --user='o'\\''neil' --servercert=pin-sha256:abc= "
                   "https://vpn.example.net:8443");
  g_assert_cmpstr (certificate, ==,
                   "sudo openconnect --certificate='my vpn.p12' --servercert=pin-sha256:abc= "
                   "https://vpn.example.net:8443");
}

static void
check_value (GKeyFile *file, const char *group, const char *key, const char *value)
{
  g_autofree char *found = g_key_file_get_string (file, group, key, NULL);

  g_assert_cmpstr (found, ==, value);
}

static void
test_keyfile (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree char *text = sp_computer_profile_create_keyfile (&profile, &error);

  g_assert_no_error (error);
  g_assert_true (g_key_file_load_from_data (file, text, strlen (text), G_KEY_FILE_NONE, &error));
  check_value (file, "connection", "id", "attic");
  check_value (file, "connection", "type", "vpn");
  check_value (file, "vpn", "service-type", "org.freedesktop.NetworkManager.openconnect");
  check_value (file, "vpn", "gateway", "vpn.example.net:8443");
  check_value (file, "vpn", "user-name", "o'neil");
  /* nothing that is asked for at each connection is stored */
  check_value (file, "vpn", "cookie-flags", "2");
  check_value (file, "ipv4", "method", "auto");
}

static void
test_import (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree char *text = sp_computer_profile_create_import (&profile);

  g_assert_true (g_key_file_load_from_data (file, text, strlen (text), G_KEY_FILE_NONE, &error));
  check_value (file, "openconnect", "Host", "vpn.example.net:8443");
  check_value (file, "openconnect", "Description", "attic");
  check_value (file, "openconnect", "Protocol", "anyconnect");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/computer-profile/command", test_command);
  g_test_add_func ("/computer-profile/keyfile", test_keyfile);
  g_test_add_func ("/computer-profile/import", test_import);
  return g_test_run ();
}
