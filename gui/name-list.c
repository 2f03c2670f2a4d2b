/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "name-list.h"

GStrv
sp_name_list_read (const char *text)
{
  g_auto (GStrv) words = g_strsplit_set (text, ", \t", -1);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; words[i] != NULL; i++)
    if (words[i][0] != '\0')
      g_strv_builder_add (builder, words[i]);
  return g_strv_builder_end (builder);
}
