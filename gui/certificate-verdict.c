/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "certificate-verdict.h"

#include <glib/gi18n.h>
#include <string.h>

static const struct
{
  const char *id;
  const char *title;
} subjects[] = {
  { "files", N_ ("Files") },     { "key", N_ ("Private Key") },  { "strength", N_ ("Kind of Key") },
  { "use", N_ ("Purpose") },     { "dates", N_ ("Good Until") }, { "names", N_ ("Name") },
  { "chain", N_ ("Signed By") },
};

static const struct
{
  const char *id;
  const char *icon;
  const char *style;
  const char *label;
} severities[] = {
  { "ok", "emblem-ok-symbolic", "success", N_ ("Good") },
  { "warning", "dialog-warning-symbolic", "warning", N_ ("Warning") },
  { "problem", "dialog-error-symbolic", "error", N_ ("Problem") },
};

static const char *
get_title (const char *id)
{
  for (guint i = 0; i < G_N_ELEMENTS (subjects); i++)
    if (g_str_equal (subjects[i].id, id))
      return _ (subjects[i].title);
  return id;
}

static GtkWidget *
create_icon (const char *id)
{
  for (guint i = 0; i < G_N_ELEMENTS (severities); i++)
    if (g_str_equal (severities[i].id, id))
      {
        GtkWidget *icon = gtk_image_new_from_icon_name (severities[i].icon);

        gtk_widget_add_css_class (icon, severities[i].style);
        gtk_accessible_update_property (GTK_ACCESSIBLE (icon), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                        _ (severities[i].label), -1);
        return icon;
      }
  return gtk_image_new_from_icon_name ("dialog-information-symbolic");
}

/* The server knows files by their number: "file 2 needs a passphrase". */
static char *
name_files (GPtrArray *names, const char *text)
{
  guint64 number;
  char *end;

  if (!g_str_has_prefix (text, "file ") || !g_ascii_isdigit (text[strlen ("file ")]))
    return g_strdup (text);
  number = g_ascii_strtoull (text + strlen ("file "), &end, 10);
  if (number == 0 || number > names->len)
    return g_strdup (text);
  return g_strconcat (names->pdata[number - 1], end, NULL);
}

static void
add_row (GtkListBox *box, const char *title, const char *text, GtkWidget *icon)
{
  GtkWidget *row = g_object_new (ADW_TYPE_ACTION_ROW, "title", title, "use-markup", FALSE,
                                 "subtitle", text, "subtitle-lines", 0, NULL);

  if (icon != NULL)
    adw_action_row_add_prefix (ADW_ACTION_ROW (row), icon);
  gtk_list_box_append (box, row);
}

static void
add_names (GtkListBox *box, GPtrArray *names, GVariant *certificate)
{
  g_autofree char *subject = NULL;
  g_autofree char *joined = NULL;

  g_ptr_array_add (names, NULL);
  joined = g_strjoinv (", ", (char **) names->pdata);
  (void) g_ptr_array_remove_index (names, names->len - 1);
  (void) g_variant_lookup (certificate, "Subject", "s", &subject);
  add_row (box, subject != NULL ? subject : _ ("No Certificate Found"), joined, NULL);
}

gboolean
sp_certificate_verdict_show (GtkListBox *box,
                             GPtrArray *names,
                             GVariant *certificate,
                             GVariant *findings)
{
  gboolean closed = FALSE;
  GVariantIter each;
  const char *subject, *severity;
  GVariant *details;
  GtkWidget *row;

  while ((row = gtk_widget_get_first_child (GTK_WIDGET (box))) != NULL)
    gtk_list_box_remove (box, row);
  add_names (box, names, certificate);
  g_variant_iter_init (&each, findings);
  while (g_variant_iter_next (&each, "(&s&s@a{sv})", &subject, &severity, &details))
    {
      G_GNUC_UNUSED g_autoptr (GVariant) owned = details;
      const char *text = "";
      g_autofree char *named = NULL;

      (void) g_variant_lookup (details, "Text", "&s", &text);
      named = name_files (names, text);
      add_row (box, get_title (subject), named, create_icon (severity));
      closed = closed || (g_str_equal (subject, "files") && g_str_equal (severity, "problem") &&
                          strstr (text, "passphrase") != NULL);
    }
  return closed;
}
