/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "user-reach.h"

#include <glib/gi18n.h>

typedef struct
{
  const char *reach;
  const char *word;
} Choice;

/* The first ones can be chosen for a new user. */
static const Choice choices[] = {
  { "", N_ ("As the settings say") },
  { "home", N_ ("Home network") },
  { "all", N_ ("Home network and internet") },
  { "server", N_ ("Only this computer") },
  { "internet", N_ ("Nothing but the internet") },
  { "hosts", N_ ("Chosen devices") },
};

#define N_FOR_NEW 5

void
sp_user_reach_fill (AdwComboRow *row)
{
  g_autoptr (GtkStringList) words = gtk_string_list_new (NULL);

  for (guint i = 0; i < N_FOR_NEW; i++)
    gtk_string_list_append (words, _ (choices[i].word));
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
