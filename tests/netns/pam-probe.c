/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <glib.h>
#include <security/pam_ext.h>
#include <security/pam_modules.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A module that does as it is told by its rule:
 *   say=WORDS    says so
 *   ask=ANSWER   asks, and is content with that answer alone
 *   hang         never ends, nor does a child of it
 *   crash
 *   look=FILE    appends to the file what the process may do, and who is asked for from where
 */

int pam_sm_authenticate (pam_handle_t *handle, int flags, int argc, const char **argv);
int pam_sm_setcred (pam_handle_t *handle, int flags, int argc, const char **argv);

static const char *
find (int argc, const char **argv, const char *name)
{
  size_t length = strlen (name);

  for (int i = 0; i < argc; i++)
    if (strncmp (argv[i], name, length) == 0)
      return argv[i] + length;
  return NULL;
}

static int
ask (pam_handle_t *handle, const char *expected)
{
  char *answer = NULL;
  int code = pam_prompt (handle, PAM_PROMPT_ECHO_ON, &answer, "How many <legs> has it?");
  int right;

  if (code != PAM_SUCCESS)
    return code;
  right = answer != NULL && strcmp (answer, expected) == 0;
  free (answer);
  return right ? PAM_SUCCESS : PAM_AUTH_ERR;
}

static void
hang (void)
{
  (void) !fork ();
  for (;;)
    (void) pause ();
}

/* Also of a program that it executes. */
static void
look (pam_handle_t *handle, const char *path)
{
  const void *place = NULL;
  const char *user = NULL;
  g_autofree char *command = NULL;
  char shell[] = "/bin/sh";
  char flag[] = "-c";
  char *arguments[] = { shell, flag, NULL, NULL };

  (void) pam_get_user (handle, &user, NULL);
  (void) pam_get_item (handle, PAM_RHOST, &place);
  command = g_strdup_printf ("grep -E '^(CapEff|NoNewPrivs|Uid):' /proc/self/status >>%s; "
                             "echo 'asked: %s %s' >>%s",
                             path, user, (const char *) place, path);
  arguments[2] = command;
  (void) g_spawn_sync (NULL, arguments, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, NULL, NULL, NULL);
}

int
pam_sm_authenticate (pam_handle_t *handle, int flags, int argc, const char **argv)
{
  const char *words = find (argc, argv, "say=");
  const char *answer = find (argc, argv, "ask=");
  const char *path = find (argc, argv, "look=");

  if (find (argc, argv, "hang") != NULL)
    hang ();
  if (find (argc, argv, "crash") != NULL)
    (void) raise (SIGSEGV);
  if (path != NULL)
    look (handle, path);
  if (words != NULL)
    (void) pam_info (handle, "%s", words);
  return answer != NULL ? ask (handle, answer) : PAM_SUCCESS;
}

int
pam_sm_setcred (pam_handle_t *handle, int flags, int argc, const char **argv)
{
  return PAM_SUCCESS;
}
