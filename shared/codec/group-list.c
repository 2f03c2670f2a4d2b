/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "codec/group-list.h"

#include <string.h>

gboolean
sp_group_name_is_valid (const char *name)
{
  /* Where clients ask for the form or for something else, and what stands for no group. */
  static const char *const taken[] = { SP_GROUP_NONE, "auth",   "vpn", "svc",
                                       "profiles",    "logout", "e",   "1" };
  gsize length = strspn (name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_");

  if (length == 0 || length > SP_GROUP_NAME_MAX || name[length] != '\0')
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (taken); i++)
    if (g_ascii_strcasecmp (name, taken[i]) == 0)
      return FALSE;
  return TRUE;
}

/* A line of at most `most` bytes; what follows it, or NULL. */
static const guint8 *
read_line (const guint8 *text, gsize size, char *ret, gsize most)
{
  const guint8 *end = size > 0 ? memchr (text, '\n', size) : NULL;
  gsize length = end != NULL ? (gsize) (end - text) : 0;

  if (length == 0 || length > most || memchr (text, '\0', length) != NULL)
    return NULL;
  memcpy (ret, text, length);
  ret[length] = '\0';
  return end + 1;
}

gboolean
sp_group_list_read (const guint8 *text, gsize size, SpGroupList *ret)
{
  const guint8 *end = text + size;

  memset (ret, 0, sizeof *ret);
  while (text != NULL && text < end && ret->n < G_N_ELEMENTS (ret->choices))
    {
      SpGroupChoice *choice = &ret->choices[ret->n++];

      text = read_line (text, end - text, choice->name, SP_GROUP_NAME_MAX);
      if (text != NULL)
        text = read_line (text, end - text, choice->label, SP_GROUP_LABEL_MAX);
    }
  if (size == 0 || text == end)
    return TRUE;
  memset (ret, 0, sizeof *ret);
  return FALSE;
}

void
sp_group_list_append (GString *text, const char *name, const char *label)
{
  g_string_append_printf (text, "%s\n%s\n", name, label);
}

int
sp_group_list_find (const SpGroupList *list, const char *text)
{
  for (guint i = 0; i < list->n; i++)
    if (g_ascii_strcasecmp (list->choices[i].name, text) == 0)
      return (int) i;
  for (guint i = 0; i < list->n; i++)
    if (g_ascii_strcasecmp (list->choices[i].label, text) == 0)
      return (int) i;
  return -1;
}

int
sp_group_list_find_target (const SpGroupList *list, const char *target, gsize length)
{
  const char *query = length > 0 ? memchr (target, '?', length) : NULL;
  gsize path = query != NULL ? (gsize) (query - target) : length;

  for (guint i = 0; i < list->n; i++)
    if (path == strlen (list->choices[i].name) + 1 && target[0] == '/' &&
        g_ascii_strncasecmp (target + 1, list->choices[i].name, path - 1) == 0)
      return (int) i;
  return -1;
}

gboolean
sp_group_names_have (const guint8 *names, gsize size, const guint8 *name, gsize length)
{
  const guint8 *end = names + size;

  while (names < end)
    {
      const guint8 *feed = memchr (names, '\n', end - names);

      if (feed == NULL)
        return FALSE;
      if ((gsize) (feed - names) == length && length > 0 && memcmp (names, name, length) == 0)
        return TRUE;
      names = feed + 1;
    }
  return FALSE;
}
