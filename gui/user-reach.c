/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "user-reach.h"

#include "combo-row.h"

#include <glib/gi18n.h>

typedef struct
{
  const char *reach;
  const char *word;
} Choice;

/* The first ones can be chosen for a new user. */
static const Choice choices[] = {
  { "", N_ ("As the Settings Say") },
  { "home", N_ ("Home Network") },
  { "all", N_ ("Home Network and Internet") },
  { "server", N_ ("Only This Computer") },
  { "internet", N_ ("Nothing but the Internet") },
  { "hosts", N_ ("Chosen Devices") },
};

#define N_FOR_NEW 5

void
sp_user_reach_fill (AdwComboRow *row)
{
  g_autoptr (GtkStringList) words = gtk_string_list_new (NULL);

  for (guint i = 0; i < N_FOR_NEW; i++)
    gtk_string_list_append (words, _ (choices[i].word));
  sp_combo_row_show_whole (row);
  adw_combo_row_set_model (row, G_LIST_MODEL (words));
}

const char *
sp_user_reach_get_chosen (AdwComboRow *row)
{
  guint chosen = adw_combo_row_get_selected (row);

  return chosen < N_FOR_NEW ? choices[chosen].reach : "";
}

const char *
sp_user_reach_word (const char *reach)
{
  for (guint i = 0; i < G_N_ELEMENTS (choices); i++)
    if (g_strcmp0 (choices[i].reach, reach) == 0)
      return _ (choices[i].word);
  return reach;
}
