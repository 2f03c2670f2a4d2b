/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "platform/forwarding.h"

#include "base/error.h"
#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define IPV4_FOLDER "/proc/sys/net/ipv4/conf"
#define IPV6_FOLDER "/proc/sys/net/ipv6/conf"
#define ALL         "all"
#define DEFAULT     "default"
#define LOOPBACK    "lo"
#define PATH_BYTES  96

static const struct
{
  const char *folder;
  const char *name;
  gint value_max;
} knobs[] = {
  [SP_FORWARDING_IPV4] = { IPV4_FOLDER, "forwarding", 1 },
  [SP_FORWARDING_IPV6] = { IPV6_FOLDER, "forwarding", 1 },
  [SP_FORWARDING_IPV6_HEAR] = { IPV6_FOLDER, "accept_ra", 2 },
};

G_STATIC_ASSERT (G_N_ELEMENTS (knobs) == SP_FORWARDING_LAST + 1);

static gboolean
read_number (const char *folder, const char *interface, const char *name, gint *ret)
{
  char path[PATH_BYTES];
  char text[16] = "";
  sp_autofd int fd = -1;

  g_snprintf (path, sizeof path, "%s/%s/%s", folder, interface, name);
  fd = open (path, O_RDONLY | O_CLOEXEC);
  if (fd < 0 || read (fd, text, sizeof text - 1) <= 0)
    return FALSE;
  *ret = (gint) g_ascii_strtoll (text, NULL, 10);
  return TRUE;
}

static gboolean
read_knob (SpForwardingKnob knob, const char *interface, gint *ret)
{
  return read_number (knobs[knob].folder, interface, knobs[knob].name, ret);
}

/* Errors carry errno in `ret_errno`. */
static gboolean
write_knob (SpForwardingKnob knob, const char *interface, gint value, int *ret_errno)
{
  char path[PATH_BYTES];
  char text[16];
  gsize length;
  sp_autofd int fd = -1;

  g_snprintf (path, sizeof path, "%s/%s/%s", knobs[knob].folder, interface, knobs[knob].name);
  length = (gsize) g_snprintf (text, sizeof text, "%d\n", value);
  fd = open (path, O_WRONLY | O_CLOEXEC);
  if (fd >= 0 && write (fd, text, length) == (ssize_t) length)
    return TRUE;
  *ret_errno = errno;
  return FALSE;
}

static void
add_change (GArray *changes, SpForwardingKnob knob, const char *interface, gint before, gint after)
{
  SpForwardingChange change = { .knob = knob, .before = before, .after = after };

  g_strlcpy (change.interface, interface, sizeof change.interface);
  if (sp_forwarding_change_is_sane (&change))
    g_array_append_val (changes, change);
}

gboolean
sp_forwarding_has_ipv6 (void)
{
  gint default_off, loopback_off;

  return read_number (IPV6_FOLDER, DEFAULT, "disable_ipv6", &default_off) &&
         read_number (IPV6_FOLDER, LOOPBACK, "disable_ipv6", &loopback_off) && !default_off &&
         !loopback_off;
}

static void
plan_ipv4 (GArray *changes, const char *const *interfaces, guint n_interfaces)
{
  for (guint i = 0; i < n_interfaces; i++)
    {
      gint value;
      /* an interface without IPv4 has no such switch */
      if (read_knob (SP_FORWARDING_IPV4, interfaces[i], &value) && value == 0)
        add_change (changes, SP_FORWARDING_IPV4, interfaces[i], value, 1);
    }
}

/* The switch for all sets every interface's and, on the way back, clears it; those that were on
 * before stand in the plan before it, so that they are restored after it. */
static void
plan_ipv6_interface (GArray *changes, const char *interface)
{
  gint forwarding, hears;

  if (!read_knob (SP_FORWARDING_IPV6, interface, &forwarding))
    return;
  if (forwarding != 0)
    add_change (changes, SP_FORWARDING_IPV6, interface, forwarding, forwarding);
  else if (read_knob (SP_FORWARDING_IPV6_HEAR, interface, &hears) && hears == 1)
    add_change (changes, SP_FORWARDING_IPV6_HEAR, interface, hears, 2);
}

static gboolean
plan_ipv6 (GArray *changes, GError **error)
{
  g_autoptr (GDir) folder = NULL;
  const char *interface;
  gint value;

  if (!read_knob (SP_FORWARDING_IPV6, ALL, &value))
    {
      g_set_error (error, SP_ERROR, SP_ERROR_FAILED, "This system has no IPv6");
      return FALSE;
    }
  if (value != 0)
    return TRUE;
  folder = g_dir_open (IPV6_FOLDER, 0, NULL);
  while (folder != NULL && (interface = g_dir_read_name (folder)) != NULL)
    if (!g_str_equal (interface, ALL) && !g_str_equal (interface, LOOPBACK))
      plan_ipv6_interface (changes, interface);
  add_change (changes, SP_FORWARDING_IPV6, ALL, value, 1);
  return TRUE;
}

GArray *
sp_forwarding_plan (
    const char *const *interfaces, guint n_interfaces, gboolean ipv4, gboolean ipv6, GError **error)
{
  g_autoptr (GArray) changes = g_array_new (FALSE, FALSE, sizeof (SpForwardingChange));

  if (ipv4)
    plan_ipv4 (changes, interfaces, n_interfaces);
  if (ipv6 && !plan_ipv6 (changes, error))
    return NULL;
  return g_steal_pointer (&changes);
}

static gboolean
restore_change (const SpForwardingChange *change, GError **error)
{
  gint value;
  int errno_value = 0;

  if (!read_knob (change->knob, change->interface, &value))
    return TRUE;
  if (value == change->before || (value != change->after && change->before != change->after))
    return TRUE;
  if (write_knob (change->knob, change->interface, change->before, &errno_value) ||
      errno_value == ENOENT)
    return TRUE;
  sp_error_set_errno (error, errno_value, "restoring %s of %s", knobs[change->knob].name,
                      change->interface);
  return FALSE;
}

static gboolean
restore_first (const GArray *changes, guint n, GError **error)
{
  gboolean good = TRUE;

  while (n-- > 0)
    good &= restore_change (&g_array_index (changes, SpForwardingChange, n), good ? error : NULL);
  return good;
}

gboolean
sp_forwarding_apply (const GArray *changes, GError **error)
{
  for (guint i = 0; i < changes->len; i++)
    {
      const SpForwardingChange *change = &g_array_index (changes, SpForwardingChange, i);
      int errno_value = 0;

      if (change->before == change->after ||
          write_knob (change->knob, change->interface, change->after, &errno_value))
        continue;
      (void) restore_first (changes, i, NULL); /* the first failure is the one to tell */
      g_set_error (error, SP_ERROR, SP_ERROR_FORWARDING_BLOCKED,
                   "This system does not let packets be forwarded: %s/%s/%s: %s",
                   knobs[change->knob].folder, change->interface, knobs[change->knob].name,
                   g_strerror (errno_value));
      return FALSE;
    }
  return TRUE;
}

gboolean
sp_forwarding_restore (const GArray *changes, GError **error)
{
  return restore_first (changes, changes->len, error);
}

gboolean
sp_forwarding_change_is_sane (const SpForwardingChange *change)
{
  const char *interface = change->interface;

  return change->knob <= SP_FORWARDING_LAST &&
         memchr (interface, '\0', sizeof change->interface) != NULL && *interface != '\0' &&
         strchr (interface, '/') == NULL && !g_str_equal (interface, ".") &&
         !g_str_equal (interface, "..") && change->before >= 0 && change->after >= 0 &&
         change->before <= knobs[change->knob].value_max &&
         change->after <= knobs[change->knob].value_max;
}
