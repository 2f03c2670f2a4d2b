/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Computers as people write them, keys as ssh writes them, reasons as ssh gives them. */

#include "remote/computer-list.h"
#include "remote/error.h"
#include "remote/host-key.h"
#include "ssh.h"

#include <glib/gstdio.h>
#include <unistd.h>

static void
test_target (void)
{
  const struct
  {
    const char *text, *user, *host;
    guint port;
    const char *plain, *name;
  } rows[] = {
    { "attic", NULL, "attic", 0, "attic", "attic" },
    { "  pi@attic.lan ", "pi", "attic.lan", 0, "pi@attic.lan", "attic.lan" },
    { "pi@attic:2222", "pi", "attic", 2222, "pi@attic:2222", "attic:2222" },
    { "attic:22", NULL, "attic", 22, "attic:22", "attic" },
    { "ssh://pi@attic:2222/", "pi", "attic", 2222, "pi@attic:2222", "attic:2222" },
    { "SSH://attic", NULL, "attic", 0, "attic", "attic" },
    { "root@192.0.2.1", "root", "192.0.2.1", 0, "root@192.0.2.1", "192.0.2.1" },
    { "2001:db8::1", NULL, "2001:db8::1", 0, "2001:db8::1", "2001:db8::1" },
    { "[2001:db8::1]", NULL, "2001:db8::1", 0, "2001:db8::1", "2001:db8::1" },
    { "pi@[fe80::1%eth0]:22", "pi", "fe80::1%eth0", 22, "pi@[fe80::1%eth0]:22", "fe80::1%eth0" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (SpTarget) target = sp_target_parse (rows[i].text, &error);
      g_autofree char *text = NULL;
      g_autofree char *name = NULL;

      g_assert_no_error (error);
      text = sp_target_to_text (target);
      name = sp_target_to_name (target);
      g_assert_cmpstr (target->user, ==, rows[i].user);
      g_assert_cmpstr (target->host, ==, rows[i].host);
      g_assert_cmpuint (target->port, ==, rows[i].port);
      g_assert_cmpstr (text, ==, rows[i].plain);
      g_assert_cmpstr (name, ==, rows[i].name);
    }
}

static void
test_no_target (void)
{
  const struct
  {
    const char *text;
    SpRemoteError code;
  } rows[] = {
    { "", SP_REMOTE_ERROR_TARGET_HOST },
    { " ", SP_REMOTE_ERROR_TARGET_HOST },
    { "ssh://", SP_REMOTE_ERROR_TARGET_HOST },
    { "-oProxyCommand=touch", SP_REMOTE_ERROR_TARGET_HOST },
    { "a b", SP_REMOTE_ERROR_TARGET_HOST },
    { "a\nb", SP_REMOTE_ERROR_TARGET_HOST },
    { "pi@", SP_REMOTE_ERROR_TARGET_HOST },
    { "[attic]x", SP_REMOTE_ERROR_TARGET_HOST },
    { "attic;reboot", SP_REMOTE_ERROR_TARGET_HOST },
    { "@attic", SP_REMOTE_ERROR_TARGET_USER },
    { "-l@attic", SP_REMOTE_ERROR_TARGET_USER },
    { "p i@attic", SP_REMOTE_ERROR_TARGET_USER },
    { "$(id)@attic", SP_REMOTE_ERROR_TARGET_USER },
    { "attic:", SP_REMOTE_ERROR_TARGET_PORT },
    { "attic:0", SP_REMOTE_ERROR_TARGET_PORT },
    { "attic:65536", SP_REMOTE_ERROR_TARGET_PORT },
    { "attic:ssh", SP_REMOTE_ERROR_TARGET_PORT },
    { "[2001:db8::1]:x", SP_REMOTE_ERROR_TARGET_PORT },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (sp_target_parse (rows[i].text, &error));
      if (!g_error_matches (error, SP_REMOTE_ERROR, (int) rows[i].code))
        g_error ("“%s”: %s", rows[i].text, error->message);
    }
}

/* The fingerprint is what “ssh-keygen -lf” says of this key. */
static void
test_host_key (void)
{
  const char *lines =
      "# a comment\n"
      "attic ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHPzk7R83Efx5hhAljhJC9ZCaYKXZ4N2iKAjqNZ0GrPJ "
      "comment\n"
      "@revoked * ssh-ed25519 "
      "AAAAC3NzaC1lZDI1NTE5AAAAIHPzk7R83Efx5hhAljhJC9ZCaYKXZ4N2iKAjqNZ0GrPJ\n"
      "attic ssh-dss AAAA\n"
      "nonsense\n"
      "|1|abc=|def= ssh-ed25519 "
      "AAAAC3NzaC1lZDI1NTE5AAAAIHPzk7R83Efx5hhAljhJC9ZCaYKXZ4N2iKAjqNZ0GrPJ\n";
  g_autoptr (GPtrArray) keys = sp_host_key_read (lines);
  const SpHostKey *key;

  g_assert_cmpuint (keys->len, ==, 2);
  key = keys->pdata[0];
  g_assert_cmpstr (key->kind, ==, "ED25519");
  g_assert_cmpstr (key->fingerprint, ==, "SHA256:2MWynE8WKcvwTqrG1AnBIC5xYH7X0T1d3Fp6RtKpHZw");
}

static void
test_trust (void)
{
  g_autofree char *folder = g_dir_make_tmp ("trust-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "known_hosts", NULL);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  GStatBuf facts;

  g_assert_true (sp_host_key_trust ("one", path, &error));
  g_assert_true (sp_host_key_trust ("two\n", path, &error));
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "one\ntwo\n");
  g_assert_cmpint (g_stat (path, &facts), ==, 0);
  g_assert_cmpuint (facts.st_mode & 0777, ==, 0600);
  (void) g_unlink (path);
  g_assert_false (sp_host_key_trust ("one", "/nowhere/known_hosts", &error));
  g_assert_nonnull (error);
  (void) g_rmdir (folder);
}

static void
test_reasons (void)
{
  const struct
  {
    int status;
    const char *words;
    SpRemoteError code;
    const char *message;
  } rows[] = {
    { 255, "ssh: Could not resolve hostname attic: Name or service not known\r\n",
      SP_REMOTE_ERROR_NAME_UNKNOWN,
      "ssh: Could not resolve hostname attic: Name or service not known" },
    { 255, "ssh: connect to host attic port 22: Connection refused\r\n",
      SP_REMOTE_ERROR_UNREACHABLE, "ssh: connect to host attic port 22: Connection refused" },
    { 255, "", SP_REMOTE_ERROR_UNREACHABLE, "ssh does not reach attic" },
    { 255, "No ED25519 host key is known for attic.\r\nHost key verification failed.\r\n",
      SP_REMOTE_ERROR_HOST_KEY_UNKNOWN, NULL },
    { 255,
      "@  WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!  @\r\nHost key verification failed.\r\n",
      SP_REMOTE_ERROR_HOST_KEY_CHANGED, NULL },
    { 255, "pi@attic: Permission denied (publickey).\r\n", SP_REMOTE_ERROR_NOT_LET_IN,
      "pi@attic: Permission denied (publickey)." },
    { 127, "sallyport-origin 192.0.2.1 1 192.0.2.2 22\nsh: 1: exec: sallyportctl: not found\n",
      SP_REMOTE_ERROR_NO_BRIDGE, "sh: 1: exec: sallyportctl: not found" },
    { -1, "", SP_REMOTE_ERROR_UNREACHABLE, "ssh does not reach attic" },
    { 0, "", SP_REMOTE_ERROR_NO_BRIDGE, "attic ended without a bus" },
    { 1, "Permission denied (of something else)", SP_REMOTE_ERROR_NO_BRIDGE, NULL },
  };
  g_autoptr (SpTarget) target = sp_target_parse ("pi@attic", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;

      sp_ssh_explain (rows[i].status, rows[i].words, target, &error);
      g_assert_error (error, SP_REMOTE_ERROR, (int) rows[i].code);
      if (rows[i].message != NULL)
        g_assert_cmpstr (error->message, ==, rows[i].message);
    }
}

static void
test_words (void)
{
  g_autoptr (SpTarget) target = sp_target_parse ("pi@attic:2222", NULL);
  g_auto (GStrv) words = sp_ssh_build (target, SP_SSH_BUS, "a \"b\"", "/k");
  g_auto (GStrv) learning = sp_ssh_build (target, SP_SSH_LEARN, "c", NULL);
  const char *const *each = (const char *const *) words;
  g_autofree char *quoted = sp_ssh_quote_path ("/a b/100%\"x");

  g_assert_true (g_strv_contains (each, "BatchMode=yes"));
  g_assert_true (g_strv_contains (each, "StrictHostKeyChecking=yes"));
  g_assert_true (g_strv_contains (each, "UserKnownHostsFile=a \"b\""));
  g_assert_true (g_strv_contains (each, "/k"));
  g_assert_cmpstr (words[g_strv_length (words) - 3], ==, "--");
  g_assert_cmpstr (words[g_strv_length (words) - 2], ==, "attic");
  each = (const char *const *) learning;
  g_assert_true (g_strv_contains (each, "PreferredAuthentications=none"));
  g_assert_cmpstr (quoted, ==, "\"/a b/100%%\\\"x\"");
}

static void
test_settings (void)
{
  SpSshSettings settings = { 0 };
  const char *const says[] = { "/bin/sh", "-c",
                               "echo one >&2; head -c 100000 /dev/zero | tr '\\0' x >&2", NULL };
  g_autoptr (GSubprocess) program = NULL;
  g_autofree char *words = NULL;
  g_autofree char *origin = NULL;
  int fd = -1;

  sp_ssh_settings_read (&settings, "host attic\nuser pi\nhostname 192.0.2.1\n"
                                   "userknownhostsfile /a/known_hosts /a/known_hosts2\n");
  g_assert_cmpstr (settings.user, ==, "pi");
  g_assert_cmpstr (settings.known_hosts, ==, "/a/known_hosts /a/known_hosts2");
  sp_ssh_settings_clear (&settings);
  program = sp_ssh_start (says, G_SUBPROCESS_FLAGS_NONE, &fd, NULL);
  g_assert_nonnull (program);
  g_assert_true (g_subprocess_wait (program, NULL, NULL));
  words = sp_ssh_read_words (fd);
  g_assert_true (g_str_has_prefix (words, "one\nxxxx"));
  g_assert_cmpuint (strlen (words), <=, 65536);
  (void) close (fd);
  origin = sp_ssh_find_origin ("x\nsallyport-origin 192.0.2.9 50000 192.0.2.1 22\n");
  g_assert_cmpstr (origin, ==, "192.0.2.9");
  g_assert_null (sp_ssh_find_origin ("sallyport-origin \n"));
  g_assert_null (sp_ssh_find_origin ("sallyport-origin nonsense 1\n"));
}

static void
test_computers (void)
{
  g_autofree char *folder = g_dir_make_tmp ("computers-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "deeper", "computers.ini", NULL);
  g_autofree char *deeper = g_path_get_dirname (path);
  g_autoptr (GPtrArray) computers = sp_computer_list_read (path);
  const SpComputer *first;

  g_assert_cmpuint (computers->len, ==, 0);
  g_assert_true (sp_computer_list_add (path, "pi@attic", TRUE, NULL));
  g_assert_true (sp_computer_list_add (path, "[2001:db8::1]:2222", FALSE, NULL));
  g_assert_true (sp_computer_list_add (path, "pi@attic", FALSE, NULL));
  g_ptr_array_unref (computers);
  computers = sp_computer_list_read (path);
  g_assert_cmpuint (computers->len, ==, 2);
  first = computers->pdata[0];
  g_assert_cmpstr (first->address, ==, "pi@attic");
  g_assert_false (first->own_key);
  for (guint i = 0; i < 2 * SP_COMPUTERS_MAX; i++)
    {
      g_autofree char *address = g_strdup_printf ("host%u", i);

      g_assert_true (sp_computer_list_add (path, address, FALSE, NULL));
    }
  g_assert_true (sp_computer_list_remove (path, "host23", NULL));
  g_ptr_array_unref (computers);
  computers = sp_computer_list_read (path);
  g_assert_cmpuint (computers->len, ==, SP_COMPUTERS_MAX - 1);
  (void) g_unlink (path);
  (void) g_rmdir (deeper);
  (void) g_rmdir (folder);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/remote/target", test_target);
  g_test_add_func ("/remote/no-target", test_no_target);
  g_test_add_func ("/remote/host-key", test_host_key);
  g_test_add_func ("/remote/trust", test_trust);
  g_test_add_func ("/remote/reasons", test_reasons);
  g_test_add_func ("/remote/words", test_words);
  g_test_add_func ("/remote/settings", test_settings);
  g_test_add_func ("/remote/computers", test_computers);
  return g_test_run ();
}
