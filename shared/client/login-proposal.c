/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/login-proposal.h"

#include "base/limits.h"
#include "base/text.h"
#include "bus/interfaces.h"

#include <string.h>

#define PROPOSAL_MAX 32   /* bytes; people type it on phones */
#define NUMBERS_MAX  1000 /* people of one name */

static SpBusUser *
find_user (const char *login, GListModel *users)
{
  guint n = g_list_model_get_n_items (users);

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (SpBusUser) user = g_list_model_get_item (users, i);

      if (g_strcmp0 (sp_bus_user_get_login (user), login) == 0)
        return g_steal_pointer (&user);
    }
  return NULL;
}

SpLoginVerdict
sp_login_judge (const char *login, GListModel *users)
{
  g_autoptr (SpBusUser) taken = NULL;

  if (login[0] == '\0')
    return SP_LOGIN_EMPTY;
  if (strlen (login) > SP_LOGIN_MAX)
    return SP_LOGIN_LONG;
  if (!sp_text_is_line (login))
    return SP_LOGIN_BLANK;
  for (const char *next = login; *next != '\0'; next = g_utf8_next_char (next))
    if (!g_unichar_isgraph (g_utf8_get_char (next)))
      return SP_LOGIN_BLANK;
  taken = find_user (login, users);
  if (taken == NULL)
    return SP_LOGIN_GOOD;
  return sp_bus_user_get_removed (taken) ? SP_LOGIN_REMOVED : SP_LOGIN_TAKEN;
}

/* Lower case letters and digits of a name, blanks as single dots. */
static char *
simplify (const char *full_name)
{
  g_autofree char *ascii = g_str_to_ascii (full_name, NULL);
  g_autoptr (GString) text = g_string_new (NULL);

  for (const char *next = ascii; *next != '\0' && text->len < PROPOSAL_MAX; next++)
    if (g_ascii_isalnum (*next))
      g_string_append_c (text, g_ascii_tolower (*next));
    else if (text->len > 0 && text->str[text->len - 1] != '.' && (*next == ' ' || *next == '.'))
      g_string_append_c (text, '.');
  while (text->len > 0 && text->str[text->len - 1] == '.')
    g_string_truncate (text, text->len - 1);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

char *
sp_login_propose (const char *full_name, GListModel *users)
{
  g_autofree char *whole = simplify (full_name);
  g_autofree char *first = g_strndup (whole, strcspn (whole, "."));

  if (first[0] == '\0' || sp_login_judge (first, users) == SP_LOGIN_GOOD)
    return g_steal_pointer (&first);
  if (sp_login_judge (whole, users) == SP_LOGIN_GOOD)
    return g_steal_pointer (&whole);
  for (guint number = 2; number < NUMBERS_MAX; number++)
    {
      g_autofree char *numbered = g_strdup_printf ("%s%u", first, number);

      if (sp_login_judge (numbered, users) == SP_LOGIN_GOOD)
        return g_steal_pointer (&numbered);
    }
  return g_strdup ("");
}
