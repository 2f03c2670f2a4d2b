/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "staged-bar.h"

#include "base/names.h"
#include "bus/error.h"
#include "failure.h"
#include "window.h"

#include <glib/gi18n.h>

#define TRIAL_SECONDS 60
#define RANGE         "Ipv4Range"
#define FREE_RANGE    "auto"

struct _SpStagedBar
{
  AdwBin parent_instance;
  GtkRevealer *revealer;
  GtkWidget *box;
  GtkLabel *label;
  GtkSpinner *spinner;
  GtkButton *discard;
  GtkButton *apply;
  GtkWidget *others;
  SpSettingList *list;
};

G_DEFINE_FINAL_TYPE (SpStagedBar, sp_staged_bar, ADW_TYPE_BIN)

static guint
get_count (SpStagedBar *bar, const char *property)
{
  guint n;

  g_object_get (bar->list, property, &n, NULL);
  return n;
}

static char *
describe_devices (guint n)
{
  if (n == 0)
    return g_strdup (_ ("No one is connected."));
  return g_strdup_printf (ngettext ("%u device will be disconnected for a moment.",
                                    "%u devices will be disconnected for a moment.", n),
                          n);
}

static char *
describe (SpStagedBar *bar, guint n_staged, guint n_others)
{
  GListModel *sessions =
      G_LIST_MODEL (sp_server_connection_get_sessions (sp_setting_list_get_connection (bar->list)));
  g_autofree char *devices = describe_devices (g_list_model_get_n_items (sessions));
  g_autofree char *changes =
      n_staged > 0
          ? g_strdup_printf (ngettext ("%u change waits.", "%u changes wait.", n_staged), n_staged)
          : g_strdup_printf (ngettext ("%u change that was made elsewhere waits.",
                                       "%u changes that were made elsewhere wait.", n_others),
                             n_others);

  /* Translators: two sentences: how many changes wait, and what they will do. */
  return g_strdup_printf (_ ("%s %s"), changes, devices);
}

static void
show (SpStagedBar *bar)
{
  guint n_staged = get_count (bar, "n-staged");
  guint n_others = get_count (bar, "n-restart-needed");
  gboolean busy;
  gboolean shown;

  g_object_get (bar->list, "busy", &busy, NULL);
  shown = busy || n_staged > 0 || n_others > 0;
  gtk_revealer_set_reveal_child (bar->revealer, shown);
  /* What is hidden must not be reached by the keyboard either. */
  gtk_widget_set_visible (bar->box, shown);
  gtk_widget_set_visible (GTK_WIDGET (bar->spinner), busy);
  gtk_spinner_set_spinning (bar->spinner, busy);
  gtk_widget_set_visible (GTK_WIDGET (bar->discard), n_staged > 0 && !busy);
  gtk_widget_set_sensitive (GTK_WIDGET (bar->apply), !busy);
  gtk_widget_set_visible (bar->others, n_staged > 0 && !busy);
  if (busy)
    {
      gtk_label_set_label (bar->label, _ ("The server restarts…"));
      return;
    }
  if (!shown)
    return;
  gtk_button_set_label (bar->apply, n_staged > 0 ? _ ("Apply Now") : _ ("Restart Now"));
  {
    g_autofree char *text = describe (bar, n_staged, n_others);

    gtk_label_set_label (bar->label, text);
  }
}

static void
on_discard (SpStagedBar *bar)
{
  sp_setting_list_discard (bar->list);
}

static void
on_range_chosen (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpStagedBar) bar = data;
  g_autoptr (GError) error = NULL;

  if (!sp_setting_list_change_finish (SP_SETTING_LIST (source), result, &error))
    sp_failure_show (GTK_WIDGET (bar), _ ("The range was not changed"), error);
}

static void
on_trouble_answer (SpStagedBar *bar, const char *response)
{
  SpSetting *range = sp_setting_list_find (bar->list, RANGE);

  if (g_str_equal (response, "free") && range != NULL)
    sp_setting_list_change (bar->list, range, FREE_RANGE, NULL, on_range_chosen,
                            g_object_ref (bar));
}

/* Too much for a toast, which is gone before it is read. */
static void
show_trouble (SpStagedBar *bar, const GError *error)
{
  g_autofree char *reason = sp_failure_describe (error);
  g_autofree char *text = g_strdup_printf (_ ("The server could not be turned on with the new "
                                              "ones: %s."),
                                           reason);
  AdwMessageDialog *dialog = ADW_MESSAGE_DIALOG (adw_message_dialog_new (
      GTK_WINDOW (sp_window_of (GTK_WIDGET (bar))), _ ("The Settings Are as Before"), text));
  SpSetting *range = sp_setting_list_find (bar->list, RANGE);

  adw_message_dialog_add_response (dialog, "close", _ ("_Close"));
  if (g_error_matches (error, SP_BUS_ERROR, SP_BUS_ERROR_ADDRESS_CONFLICT) && range != NULL &&
      !g_str_equal (sp_setting_get_written (range), FREE_RANGE))
    adw_message_dialog_add_response (dialog, "free", _ ("Choose a _Free Range"));
  (void) g_signal_connect_object (dialog, "response", G_CALLBACK (on_trouble_answer), bar,
                                  G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

static gboolean
is_of_start (const GError *error)
{
  return error->domain == SP_BUS_ERROR && error->code != SP_BUS_ERROR_INVALID_ARGS &&
         error->code != SP_BUS_ERROR_NOT_AUTHORIZED &&
         error->code != SP_BUS_ERROR_NOT_AUTHORIZED_CAN_OBTAIN &&
         error->code != SP_BUS_ERROR_NOT_AUTHORIZED_DISMISSED;
}

static void
on_applied (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpStagedBar) bar = data;
  g_autoptr (GError) error = NULL;
  SpWindow *window = sp_window_of (GTK_WIDGET (bar));

  gboolean applied = sp_setting_list_apply_finish (SP_SETTING_LIST (source), result, &error);

  if (!applied && window != NULL && is_of_start (error))
    show_trouble (bar, error);
  else if (!applied)
    sp_failure_show (GTK_WIDGET (bar), _ ("The settings are as before"), error);
  else if (window != NULL)
    sp_window_say (window, _ ("The settings are in use"));
}

/* Who comes in through the VPN may cut the own branch: then it grows again by itself. */
static void
on_apply (SpStagedBar *bar)
{
  gboolean remote = sp_server_connection_is_remote (sp_setting_list_get_connection (bar->list));

  sp_setting_list_apply (bar->list, remote ? TRIAL_SECONDS : 0, on_applied, g_object_ref (bar));
}

static void
on_try (GtkWidget *widget, const char *action, GVariant *parameter)
{
  SpStagedBar *bar = SP_STAGED_BAR (widget);

  sp_setting_list_apply (bar->list, TRIAL_SECONDS, on_applied, g_object_ref (bar));
}

void
sp_staged_bar_bind (SpStagedBar *bar, SpSettingList *list)
{
  SpServerConnection *connection = sp_setting_list_get_connection (list);

  g_set_object (&bar->list, list);
  (void) g_signal_connect_object (list, "notify", G_CALLBACK (show), bar, G_CONNECT_SWAPPED);
  (void) g_signal_connect_object (sp_server_connection_get_sessions (connection), "items-changed",
                                  G_CALLBACK (show), bar, G_CONNECT_SWAPPED);
  show (bar);
}

static void
sp_staged_bar_dispose (GObject *object)
{
  g_clear_object (&SP_STAGED_BAR (object)->list);
  adw_bin_set_child (ADW_BIN (object), NULL);
  G_OBJECT_CLASS (sp_staged_bar_parent_class)->dispose (object);
}

GtkWidget *
sp_staged_bar_new (void)
{
  return g_object_new (SP_TYPE_STAGED_BAR, NULL);
}

static void
sp_staged_bar_class_init (SpStagedBarClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = sp_staged_bar_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, SP_RESOURCE_PATH "staged-bar.ui");
  gtk_widget_class_bind_template_child (widget_class, SpStagedBar, revealer);
  gtk_widget_class_bind_template_child (widget_class, SpStagedBar, box);
  gtk_widget_class_bind_template_child (widget_class, SpStagedBar, label);
  gtk_widget_class_bind_template_child (widget_class, SpStagedBar, spinner);
  gtk_widget_class_bind_template_child (widget_class, SpStagedBar, discard);
  gtk_widget_class_bind_template_child (widget_class, SpStagedBar, apply);
  gtk_widget_class_bind_template_child (widget_class, SpStagedBar, others);
  gtk_widget_class_install_action (widget_class, "staged.try", NULL, on_try);
  gtk_widget_class_bind_template_callback (widget_class, on_discard);
  gtk_widget_class_bind_template_callback (widget_class, on_apply);
}

static void
sp_staged_bar_init (SpStagedBar *bar)
{
  gtk_widget_init_template (GTK_WIDGET (bar));
  gtk_widget_set_visible (bar->box, FALSE);
}
