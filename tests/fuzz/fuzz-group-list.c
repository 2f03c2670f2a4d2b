/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz.h"

#include "codec/group-list.h"

#include <string.h>

#define LIST "default\nUsual\nhome\nHome network\nall\nhome traffic\n"

/* A name, or a label, finds a choice that is called so; a later one's name goes before a label. */
static void
check_found (const SpGroupList *list, const char *text)
{
  int found = sp_group_list_find (list, text);

  g_assert_cmpint (found, >=, 0);
  g_assert_true (g_ascii_strcasecmp (list->choices[found].name, text) == 0 ||
                 g_ascii_strcasecmp (list->choices[found].label, text) == 0);
}

/* What was read is written again as it was. */
static void
check_list (const uint8_t *data, size_t size)
{
  g_autoptr (GString) again = g_string_new (NULL);
  SpGroupList list;
  gboolean read = sp_group_list_read (data, size, &list);

  g_assert_cmpuint (list.n, <=, G_N_ELEMENTS (list.choices));
  g_assert_true (read || list.n == 0);
  for (guint i = 0; i < list.n; i++)
    {
      sp_group_list_append (again, list.choices[i].name, list.choices[i].label);
      check_found (&list, list.choices[i].name);
      check_found (&list, list.choices[i].label);
    }
  if (read)
    g_assert_cmpmem (again->str, again->len, data, size);
}

/* What a client says finds what is like it, and nothing else. */
static void
check_choice (const uint8_t *data, size_t size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  SpGroupList list;
  int found;

  g_assert_true (sp_group_list_read ((const guint8 *) LIST, strlen (LIST), &list));
  found = sp_group_list_find (&list, text);
  if (found >= 0)
    g_assert_true (g_ascii_strcasecmp (list.choices[found].name, text) == 0 ||
                   g_ascii_strcasecmp (list.choices[found].label, text) == 0);
  found = sp_group_list_find_target (&list, (const char *) data, size);
  if (found >= 0)
    g_assert_cmpint (
        g_ascii_strncasecmp (list.choices[found].name, text + 1, strlen (list.choices[found].name)),
        ==, 0);
}

/* A good name is a path that means this group, and nothing else. */
static void
check_name (const uint8_t *data, size_t size)
{
  g_autofree char *name = g_strndup ((const char *) data, size);
  g_autofree char *target = g_strconcat ("/", name, NULL);
  g_autoptr (GString) text = g_string_new (NULL);
  SpGroupList list;

  if (!sp_group_name_is_valid (name))
    return;
  sp_group_list_append (text, SP_GROUP_NONE, "Usual");
  sp_group_list_append (text, name, "Label");
  g_assert_true (sp_group_list_read ((const guint8 *) text->str, text->len, &list));
  g_assert_cmpint (sp_group_list_find (&list, name), ==, 1);
  g_assert_cmpint (sp_group_list_find_target (&list, target, strlen (target)), ==, 1);
  g_assert_null (strpbrk (name, "/?#%. \r\n\"<>"));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  check_list (data, size);
  check_choice (data, size);
  check_name (data, size);
  for (size_t length = 0; length < MIN (size, SP_GROUP_NAME_MAX); length++)
    if (sp_group_names_have (data, size, data, length))
      g_assert_true (length > 0 && memchr (data, '\n', size) != NULL);
  return 0;
}
