/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "platform/inherited.h"

#include "base/io.h"
#include "base/log.h"

#include <fcntl.h>
#include <unistd.h>

#define FIRST_DESCRIPTOR 3
#define DESCRIPTORS_MAX  1024

void
sp_inherited_free (SpInherited *inherited)
{
  sp_fd_clear (&inherited->fd);
  g_free (inherited->name);
  g_free (inherited);
}

GStrv
sp_inherited_split_names (const char *names, guint n)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) parts = g_strsplit (names != NULL ? names : "", ":", -1);
  guint n_parts = g_strv_length (parts);

  for (guint i = 0; i < n; i++)
    g_strv_builder_add (builder, i < n_parts ? parts[i] : "");
  return g_strv_builder_end (builder);
}

static guint
count_descriptors (void)
{
  const char *process = g_getenv ("LISTEN_PID");
  const char *count = g_getenv ("LISTEN_FDS");
  guint64 number;

  if (process == NULL || count == NULL ||
      !g_ascii_string_to_unsigned (process, 10, 1, G_MAXINT, &number, NULL) ||
      number != (guint64) getpid () ||
      !g_ascii_string_to_unsigned (count, 10, 0, DESCRIPTORS_MAX, &number, NULL))
    return 0;
  return (guint) number;
}

GPtrArray *
sp_inherited_take (void)
{
  GPtrArray *taken = g_ptr_array_new_with_free_func ((GDestroyNotify) (void *) sp_inherited_free);
  guint n = count_descriptors ();
  g_auto (GStrv) names = sp_inherited_split_names (g_getenv ("LISTEN_FDNAMES"), n);

  for (guint i = 0; i < n; i++)
    {
      SpInherited *inherited;
      int fd = FIRST_DESCRIPTOR + (int) i;

      if (fcntl (fd, F_SETFD, FD_CLOEXEC) < 0)
        {
          sp_log (SP_LOG_WARNING, "server", "there is no descriptor %d, though we were told so",
                  fd);
          break;
        }
      inherited = g_new (SpInherited, 1);
      inherited->name = g_strdup (names[i]);
      inherited->fd = fd;
      g_ptr_array_add (taken, inherited);
    }
  g_unsetenv ("LISTEN_PID");
  g_unsetenv ("LISTEN_FDS");
  g_unsetenv ("LISTEN_FDNAMES");
  return taken;
}
