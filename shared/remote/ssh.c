/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ssh.h"

#include "base/io.h"
#include "remote/bridge-near.h"
#include "remote/error.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define WORDS_MAX     65536
#define ORIGIN_MARK   "sallyport-origin "
#define STATUS_OF_SSH 255 /* it failed itself; others are of the command there */

/* Run by the account's own shell, whatever that is, so by one that we know. */
#define BRIDGE "sh -c 'echo \"" ORIGIN_MARK "$SSH_CONNECTION\" >&2; " SP_BRIDGE_SCRIPT "'"

/* Nobody can answer, and nothing but the bus is wanted.  Who is silent for a quarter of a minute is
 * gone. */
static const char *const manners[] = {
  "BatchMode=yes",     "ConnectTimeout=15", "ServerAliveInterval=5", "ServerAliveCountMax=3",
  "UpdateHostKeys=no", "ControlMaster=no",  "ControlPath=none",      "ClearAllForwardings=yes",
  "ForwardAgent=no",   "ForwardX11=no",     "PermitLocalCommand=no", "RemoteCommand=none",
};

/* What it says before it gives up; the first that fits counts. */
static const struct
{
  const char *words;
  SpRemoteError code;
} reasons[] = {
  { "REMOTE HOST IDENTIFICATION HAS CHANGED", SP_REMOTE_ERROR_HOST_KEY_CHANGED },
  { "REVOKED HOST KEY", SP_REMOTE_ERROR_HOST_KEY_CHANGED },
  { "Host key verification failed", SP_REMOTE_ERROR_HOST_KEY_UNKNOWN },
  { "Could not resolve hostname", SP_REMOTE_ERROR_NAME_UNKNOWN },
  { "Permission denied (", SP_REMOTE_ERROR_NOT_LET_IN },
  { "Too many authentication failures", SP_REMOTE_ERROR_NOT_LET_IN },
};

static void
add_option (GStrvBuilder *builder, const char *option)
{
  g_strv_builder_add (builder, "-o");
  g_strv_builder_add (builder, option);
}

static void
add_target (GStrvBuilder *builder, const SpTarget *target)
{
  if (target->user != NULL)
    g_strv_builder_add_many (builder, "-l", target->user, NULL);
  if (target->port != 0)
    {
      g_autofree char *port = g_strdup_printf ("%u", target->port);

      g_strv_builder_add_many (builder, "-p", port, NULL);
    }
  g_strv_builder_add_many (builder, "--", target->host, NULL);
}

char **
sp_ssh_ask_settings (const SpTarget *target)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  g_strv_builder_add_many (builder, "ssh", "-G", NULL);
  add_target (builder, target);
  return g_strv_builder_end (builder);
}

static void
take_value (const char *line, const char *key, char **ret_value)
{
  gsize length = strlen (key);

  if (g_ascii_strncasecmp (line, key, length) != 0 || line[length] != ' ')
    return;
  g_free (*ret_value);
  *ret_value = g_strstrip (g_strdup (line + length));
}

void
sp_ssh_settings_read (SpSshSettings *settings, const char *answer)
{
  g_auto (GStrv) lines = g_strsplit (answer, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      take_value (lines[i], "user", &settings->user);
      take_value (lines[i], "userknownhostsfile", &settings->known_hosts);
    }
}

void
sp_ssh_settings_clear (SpSshSettings *settings)
{
  g_clear_pointer (&settings->user, g_free);
  g_clear_pointer (&settings->known_hosts, g_free);
}

char **
sp_ssh_build (const SpTarget *target, SpSshTask task, const char *known_hosts, const char *key)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autofree char *files = g_strconcat ("UserKnownHostsFile=", known_hosts, NULL);

  g_strv_builder_add_many (builder, "ssh", "-T", NULL);
  for (guint i = 0; i < G_N_ELEMENTS (manners); i++)
    add_option (builder, manners[i]);
  add_option (builder, files);
  add_option (builder, task == SP_SSH_LEARN ? "StrictHostKeyChecking=accept-new"
                                            : "StrictHostKeyChecking=yes");
  if (task == SP_SSH_LEARN)
    {
      add_option (builder, "GlobalKnownHostsFile=/dev/null");
      add_option (builder, "PreferredAuthentications=none");
    }
  else if (key != NULL)
    {
      add_option (builder, "IdentitiesOnly=yes");
      add_option (builder, "IdentityAgent=none");
      g_strv_builder_add_many (builder, "-i", key, NULL);
    }
  add_target (builder, target);
  g_strv_builder_add (builder, task == SP_SSH_LEARN ? "true" : BRIDGE);
  return g_strv_builder_end (builder);
}

char *
sp_ssh_quote_path (const char *path)
{
  GString *quoted = g_string_new ("\"");

  for (const char *next = path; *next != '\0'; next++)
    {
      if (*next == '"' || *next == '\\')
        g_string_append_c (quoted, '\\');
      /* It would begin a token of ssh's. */
      if (*next == '%')
        g_string_append_c (quoted, '%');
      g_string_append_c (quoted, *next);
    }
  g_string_append_c (quoted, '"');
  return g_string_free (quoted, FALSE);
}

/* It does not grow, whatever the other side writes. */
static int
create_memory (void)
{
  int fd = memfd_create ("ssh", MFD_CLOEXEC | MFD_ALLOW_SEALING);

  if (fd >= 0 && (ftruncate (fd, WORDS_MAX) < 0 ||
                  fcntl (fd, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) < 0))
    {
      (void) close (fd);
      return -1;
    }
  return fd;
}

GSubprocess *
sp_ssh_start (const char *const *words, GSubprocessFlags flags, int *ret_words, GError **error)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (flags);
  g_autoptr (GError) why = NULL;
  sp_autofd int memory = create_memory ();
  int given = memory >= 0 ? fcntl (memory, F_DUPFD_CLOEXEC, 0) : -1;
  GSubprocess *ssh = NULL;

  if (given < 0)
    {
      g_set_error (error, SP_REMOTE_ERROR, SP_REMOTE_ERROR_NO_SSH,
                   "no memory for what ssh says: %s", g_strerror (errno));
      return NULL;
    }
  g_subprocess_launcher_take_stderr_fd (launcher, given);
  g_subprocess_launcher_setenv (launcher, "LC_ALL", "C", TRUE);
  g_subprocess_launcher_setenv (launcher, "SSH_ASKPASS_REQUIRE", "never", TRUE);
  ssh = g_subprocess_launcher_spawnv (launcher, words, &why);
  if (ssh == NULL)
    g_set_error (error, SP_REMOTE_ERROR, SP_REMOTE_ERROR_NO_SSH, "there is no ssh here: %s",
                 why->message);
  else
    *ret_words = sp_fd_steal (&memory);
  return ssh;
}

char *
sp_ssh_read_words (int words)
{
  g_autofree char *bytes = g_malloc0 (WORDS_MAX + 1);

  if (words < 0 || pread (words, bytes, WORDS_MAX, 0) <= 0)
    return g_strdup ("");
  return g_utf8_make_valid (bytes, -1);
}

/* Without what our own end there said. */
static char *
read_complaint (const char *words)
{
  g_auto (GStrv) lines = g_strsplit (words, "\n", -1);
  GString *text = g_string_new (NULL);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_strchomp (lines[i]);
      if (lines[i][0] != '\0' && !g_str_has_prefix (lines[i], ORIGIN_MARK))
        g_string_append_printf (text, text->len > 0 ? "\n%s" : "%s", lines[i]);
    }
  return g_string_free (text, FALSE);
}

static SpRemoteError
find_reason (int status, const char *words)
{
  if (status >= 0 && status != STATUS_OF_SSH)
    return SP_REMOTE_ERROR_NO_BRIDGE;
  for (guint i = 0; i < G_N_ELEMENTS (reasons); i++)
    if (strstr (words, reasons[i].words) != NULL)
      return reasons[i].code;
  return SP_REMOTE_ERROR_UNREACHABLE;
}

void
sp_ssh_explain (int status, const char *words, const SpTarget *target, GError **error)
{
  g_autofree char *complaint = read_complaint (words);
  SpRemoteError code = find_reason (status, words);

  if (complaint[0] != '\0')
    g_set_error_literal (error, SP_REMOTE_ERROR, (int) code, complaint);
  else if (code == SP_REMOTE_ERROR_NO_BRIDGE)
    g_set_error (error, SP_REMOTE_ERROR, (int) code, "%s ended without a bus", target->host);
  else
    g_set_error (error, SP_REMOTE_ERROR, (int) code, "ssh does not reach %s", target->host);
}

char *
sp_ssh_find_origin (const char *words)
{
  const char *mark = strstr (words, ORIGIN_MARK);
  const char *origin = mark != NULL ? mark + strlen (ORIGIN_MARK) : "";
  g_autofree char *address = g_strndup (origin, strcspn (origin, " \r\n"));

  return g_hostname_is_ip_address (address) ? g_steal_pointer (&address) : NULL;
}
