/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "remote/target.h"

#include "remote/error.h"

#include <string.h>

#define SCHEME     "ssh://"
#define USUAL_PORT 22
#define USER_MAX   256
#define HOST_MAX   253 /* RFC 1035, section 2.3.4, without the last dot */

G_DEFINE_QUARK (sp - remote - error - quark, sp_remote_error)

gboolean
sp_remote_error_is_final (const GError *error)
{
  return error->domain == SP_REMOTE_ERROR && error->code != SP_REMOTE_ERROR_NAME_UNKNOWN &&
         error->code != SP_REMOTE_ERROR_UNREACHABLE;
}

static gboolean
is_made_of (const char *text, const char *others, gsize length_max)
{
  gsize length = strlen (text);

  if (length == 0 || length > length_max || text[0] == '-')
    return FALSE;
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isalnum (text[i]) && strchr (others, text[i]) == NULL)
      return FALSE;
  return TRUE;
}

static gboolean
is_address6 (const char *text)
{
  return strchr (text, ':') != NULL && is_made_of (text, ":.%-_", HOST_MAX) &&
         strchr (strchr (text, ':') + 1, ':') != NULL;
}

static gboolean
read_port (const char *text, guint *ret_port, GError **error)
{
  guint64 port;

  if (g_ascii_string_to_unsigned (text, 10, 1, G_MAXUINT16, &port, NULL))
    {
      *ret_port = (guint) port;
      return TRUE;
    }
  g_set_error (error, SP_REMOTE_ERROR, SP_REMOTE_ERROR_TARGET_PORT,
               "behind the colon stands a port, a number from 1 to %d", G_MAXUINT16);
  return FALSE;
}

/* Cuts the port off what stands behind the @. */
static gboolean
cut_port (char *place, char **ret_host, guint *ret_port, GError **error)
{
  char *end = place[0] == '[' ? strchr (place, ']') : NULL;
  char *colon = end != NULL ? end + 1 : strrchr (place, ':');
  gboolean bare6 = end == NULL && is_address6 (place);

  *ret_host = end != NULL ? place + 1 : place;
  if (bare6 || colon == NULL || (end != NULL && *colon == '\0'))
    {
      if (end != NULL)
        *end = '\0';
      return TRUE;
    }
  if (*colon != ':')
    {
      *ret_host = NULL;
      return TRUE;
    }
  if (end != NULL)
    *end = '\0';
  *colon = '\0';
  return read_port (colon + 1, ret_port, error);
}

static char *
prepare (const char *text)
{
  g_autofree char *trimmed = g_strstrip (g_strdup (text));
  gboolean scheme = g_ascii_strncasecmp (trimmed, SCHEME, strlen (SCHEME)) == 0;
  char *place = g_strdup (scheme ? trimmed + strlen (SCHEME) : trimmed);

  if (scheme && g_str_has_suffix (place, "/"))
    place[strlen (place) - 1] = '\0';
  return place;
}

SpTarget *
sp_target_parse (const char *text, GError **error)
{
  g_autofree char *place = prepare (text);
  g_autoptr (SpTarget) target = g_new0 (SpTarget, 1);
  char *at = strrchr (place, '@');
  char *host = NULL;

  if (at != NULL)
    {
      *at = '\0';
      if (!is_made_of (place, "._-+", USER_MAX))
        {
          g_set_error (error, SP_REMOTE_ERROR, SP_REMOTE_ERROR_TARGET_USER,
                       "before the @ stands the name of an account, as in pi@attic");
          return NULL;
        }
      target->user = g_strdup (place);
    }
  if (!cut_port (at != NULL ? at + 1 : place, &host, &target->port, error))
    return NULL;
  if (host == NULL || (!is_made_of (host, "._-", HOST_MAX) && !is_address6 (host)))
    {
      g_set_error (error, SP_REMOTE_ERROR, SP_REMOTE_ERROR_TARGET_HOST,
                   "a computer is written as USER@HOST or HOST");
      return NULL;
    }
  target->host = g_strdup (host);
  return g_steal_pointer (&target);
}

static void
append_place (const SpTarget *target, GString *text)
{
  gboolean brackets = target->port != 0 && strchr (target->host, ':') != NULL;

  g_string_append_printf (text, brackets ? "[%s]" : "%s", target->host);
  if (target->port != 0)
    g_string_append_printf (text, ":%u", target->port);
}

char *
sp_target_to_text (const SpTarget *target)
{
  GString *text = g_string_new (NULL);

  if (target->user != NULL)
    g_string_append_printf (text, "%s@", target->user);
  append_place (target, text);
  return g_string_free (text, FALSE);
}

char *
sp_target_to_name (const SpTarget *target)
{
  const SpTarget plain = { .host = target->host,
                           .port = target->port == USUAL_PORT ? 0 : target->port };

  return sp_target_to_text (&plain);
}

SpTarget *
sp_target_copy (const SpTarget *target)
{
  SpTarget *copy = g_new0 (SpTarget, 1);

  copy->user = g_strdup (target->user);
  copy->host = g_strdup (target->host);
  copy->port = target->port;
  return copy;
}

void
sp_target_free (SpTarget *target)
{
  g_free (target->user);
  g_free (target->host);
  g_free (target);
}
