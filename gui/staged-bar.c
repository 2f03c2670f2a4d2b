/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "staged-bar.h"

#include "base/names.h"
#include "bus/error.h"
#include "failure.h"
#include "fold-layout.h"
#include "reinvite-dialog.h"
#include "remote-server.h"
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
  gboolean moves;    /* what is being applied gives the server another address */
  gboolean restarts; /* and turns it off and on */
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
describe_devices (SpStagedBar *bar, guint n)
{
  if (n == 0)
    return g_strdup (_ ("No one is connected."));
  if (!sp_setting_list_disconnects (bar->list))
    return g_strdup (_ ("No one is disconnected."));
  return g_strdup_printf (ngettext ("%u device will be disconnected for a moment.",
                                    "%u devices will be disconnected for a moment.", n),
                          n);
}

/* Whether devices that were set up before do not find the server any more. */
static gboolean
is_move (SpStagedBar *bar)
{
  gboolean found = FALSE;

  for (guint i = 0; !found && i < g_list_model_get_n_items (G_LIST_MODEL (bar->list)); i++)
    {
      g_autoptr (SpSetting) setting = g_list_model_get_item (G_LIST_MODEL (bar->list), i);

      found = sp_setting_is_of_address (setting) &&
              (sp_setting_is_staged (setting) || sp_setting_is_restart_needed (setting));
    }
  return found;
}

/* What that means for them; new, empty for nothing. */
static char *
describe_move (SpStagedBar *bar)
{
  guint n = is_move (bar) ? sp_reinvite_count (sp_setting_list_get_connection (bar->list)) : 0;

  if (n == 0)
    return g_strdup ("");
  return g_strdup_printf (ngettext (" %u device that was set up before needs the new address.",
                                    " %u devices that were set up before need the new address.", n),
                          n);
}

static char *
describe (SpStagedBar *bar, guint n_staged, guint n_others)
{
  GListModel *sessions =
      G_LIST_MODEL (sp_server_connection_get_sessions (sp_setting_list_get_connection (bar->list)));
  g_autofree char *devices = describe_devices (bar, g_list_model_get_n_items (sessions));
  g_autofree char *changes =
      n_staged > 0
          ? g_strdup_printf (ngettext ("%u change waits.", "%u changes wait.", n_staged), n_staged)
          : g_strdup_printf (ngettext ("%u change that was made elsewhere waits.",
                                       "%u changes that were made elsewhere wait.", n_others),
                             n_others);

  g_autofree char *move = describe_move (bar);

  /* Translators: sentences: how many changes wait, and what they will do; the third one may be
   * missing, and has a blank in front otherwise. */
  return g_strdup_printf (_ ("%s %s%s"), changes, devices, move);
}

/* Lent; NULL: it is away. */
static SpBusServer *
get_server (SpStagedBar *bar)
{
  return sp_server_connection_get_server (sp_setting_list_get_connection (bar->list));
}

/* What was written waits in the server, also without this window. */
static gboolean
is_waiting (SpStagedBar *bar)
{
  SpBusServer *server = get_server (bar);

  return server != NULL && sp_bus_server_get_restart_pending (server) &&
         get_count (bar, "n-staged") == 0;
}

static void
show_waiting (SpStagedBar *bar)
{
  gtk_label_set_label (bar->label, _ ("The changes apply when no one is connected."));
  gtk_button_set_label (bar->apply, _ ("Apply Now"));
  gtk_button_set_label (bar->discard, _ ("Do Not Apply"));
  gtk_widget_set_visible (GTK_WIDGET (bar->discard), TRUE);
}

static void
show (SpStagedBar *bar)
{
  guint n_staged = get_count (bar, "n-staged");
  guint n_others = get_count (bar, "n-restart-needed");
  gboolean busy;
  gboolean shown;

  g_object_get (bar->list, "busy", &busy, NULL);
  shown = busy || n_staged > 0 || n_others > 0 || is_waiting (bar);
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
      gtk_label_set_label (bar->label, bar->restarts ? _ ("The server restarts…")
                                                     : _ ("The settings are applied…"));
      return;
    }
  if (!shown)
    return;
  if (is_waiting (bar))
    {
      show_waiting (bar);
      return;
    }
  gtk_widget_action_set_enabled (GTK_WIDGET (bar), "staged.when-idle",
                                 sp_setting_list_disconnects (bar->list));
  gtk_button_set_label (bar->discard, _ ("Discard"));
  gtk_button_set_label (bar->apply, n_staged > 0 ? _ ("Apply Now") : _ ("Restart Now"));
  {
    g_autofree char *text = describe (bar, n_staged, n_others);

    gtk_label_set_label (bar->label, text);
  }
}

static void
on_not_waiting (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpStagedBar) bar = data;
  g_autoptr (GError) error = NULL;

  if (!sp_bus_server_call_restart_finish (SP_BUS_SERVER (source), result, &error))
    sp_failure_show (GTK_WIDGET (bar), _ ("The changes still apply when no one is connected"),
                     error);
}

static void
on_discard (SpStagedBar *bar)
{
  GVariantDict options;

  if (!is_waiting (bar))
    {
      sp_setting_list_discard (bar->list);
      return;
    }
  g_variant_dict_init (&options, NULL);
  g_variant_dict_insert (&options, "when", "s", "never");
  sp_bus_server_call_restart (get_server (bar), g_variant_dict_end (&options), SP_CALL_FLAGS,
                              SP_CALL_TIMEOUT, NULL, on_not_waiting, g_object_ref (bar));
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

static void
on_move_answer (SpStagedBar *bar, const char *response)
{
  if (g_str_equal (response, "invite"))
    gtk_window_present (sp_reinvite_dialog_new (GTK_WINDOW (sp_window_of (GTK_WIDGET (bar))),
                                                sp_setting_list_get_connection (bar->list)));
}

/* The server moved, and those who knew where it was do not. */
static void
offer_invitations (SpStagedBar *bar, SpWindow *window)
{
  guint n = sp_reinvite_count (sp_setting_list_get_connection (bar->list));
  g_autofree char *heading = g_strdup_printf (
      ngettext ("%u Device Needs the New Address", "%u Devices Need the New Address", n), n);
  AdwMessageDialog *dialog;

  if (n == 0)
    return;
  dialog = ADW_MESSAGE_DIALOG (adw_message_dialog_new (
      GTK_WINDOW (window), heading,
      _ ("Those that were set up before still go to the old one. Enter the new one there, or send "
         "their people a new link.")));
  adw_message_dialog_add_responses (dialog, "close", _ ("_Later"), "invite", _ ("_Re-Invite…"),
                                    NULL);
  adw_message_dialog_set_response_appearance (dialog, "invite", ADW_RESPONSE_SUGGESTED);
  (void) g_signal_connect_object (dialog, "response", G_CALLBACK (on_move_answer), bar,
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

  if (!applied && window != NULL && bar->restarts && is_of_start (error))
    show_trouble (bar, error);
  else if (!applied)
    sp_failure_show (GTK_WIDGET (bar), _ ("The settings are as before"), error);
  else if (window != NULL)
    {
      sp_window_say (window, _ ("The settings are in use"));
      if (bar->moves)
        offer_invitations (bar, window);
    }
}

/* Who comes in through the VPN may cut the own branch: then it grows again by itself. */
static void
on_apply (SpStagedBar *bar)
{
  gboolean inside = sp_remote_server_is_inside (sp_setting_list_get_connection (bar->list));

  /* On trial it may be the old one again in a minute. */
  bar->moves = !inside && is_move (bar);
  bar->restarts = sp_setting_list_disconnects (bar->list);
  sp_setting_list_apply (bar->list, inside ? TRIAL_SECONDS : 0, on_applied, g_object_ref (bar));
}

static void
on_try (GtkWidget *widget, const char *action, GVariant *parameter)
{
  SpStagedBar *bar = SP_STAGED_BAR (widget);

  bar->moves = FALSE;
  bar->restarts = sp_setting_list_disconnects (bar->list);
  sp_setting_list_apply (bar->list, TRIAL_SECONDS, on_applied, g_object_ref (bar));
}

static void
on_left_to_server (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpStagedBar) bar = data;
  g_autoptr (GError) error = NULL;
  SpWindow *window = sp_window_of (GTK_WIDGET (bar));

  if (!sp_setting_list_apply_finish (SP_SETTING_LIST (source), result, &error))
    sp_failure_show (GTK_WIDGET (bar), _ ("The changes do not apply by themselves"), error);
  else if (window != NULL && bar->moves)
    offer_invitations (bar, window);
}

static void
on_when_idle (GtkWidget *widget, const char *action, GVariant *parameter)
{
  SpStagedBar *bar = SP_STAGED_BAR (widget);

  bar->moves = is_move (bar);
  sp_setting_list_apply_when_idle (bar->list, on_left_to_server, g_object_ref (bar));
}

static void
follow_server (SpStagedBar *bar)
{
  SpBusServer *server = get_server (bar);

  if (server != NULL)
    {
      (void) g_signal_handlers_disconnect_by_func (server, show, bar);
      (void) g_signal_connect_object (server, "notify::restart-pending", G_CALLBACK (show), bar,
                                      G_CONNECT_SWAPPED);
    }
  show (bar);
}

void
sp_staged_bar_bind (SpStagedBar *bar, SpSettingList *list)
{
  SpServerConnection *connection = sp_setting_list_get_connection (list);

  g_set_object (&bar->list, list);
  (void) g_signal_connect_object (list, "notify", G_CALLBACK (show), bar, G_CONNECT_SWAPPED);
  (void) g_signal_connect_object (sp_server_connection_get_sessions (connection), "items-changed",
                                  G_CALLBACK (show), bar, G_CONNECT_SWAPPED);
  (void) g_signal_connect_object (connection, "notify::state", G_CALLBACK (follow_server), bar,
                                  G_CONNECT_SWAPPED);
  follow_server (bar);
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
  g_type_ensure (SP_TYPE_FOLD_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class, SP_RESOURCE_PATH "staged-bar.ui");
  gtk_widget_class_bind_template_child (widget_class, SpStagedBar, revealer);
  gtk_widget_class_bind_template_child (widget_class, SpStagedBar, box);
  gtk_widget_class_bind_template_child (widget_class, SpStagedBar, label);
  gtk_widget_class_bind_template_child (widget_class, SpStagedBar, spinner);
  gtk_widget_class_bind_template_child (widget_class, SpStagedBar, discard);
  gtk_widget_class_bind_template_child (widget_class, SpStagedBar, apply);
  gtk_widget_class_bind_template_child (widget_class, SpStagedBar, others);
  gtk_widget_class_install_action (widget_class, "staged.try", NULL, on_try);
  gtk_widget_class_install_action (widget_class, "staged.when-idle", NULL, on_when_idle);
  gtk_widget_class_bind_template_callback (widget_class, on_discard);
  gtk_widget_class_bind_template_callback (widget_class, on_apply);
}

static void
sp_staged_bar_init (SpStagedBar *bar)
{
  gtk_widget_init_template (GTK_WIDGET (bar));
  gtk_widget_set_visible (bar->box, FALSE);
}
