/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "setup-run.h"

#include "authority-wording.h"
#include "base/names.h"
#include "base/secret.h"
#include "client/sealed-text.h"
#include "dynamic-dns-wording.h"
#include "outside-wording.h"
#include "user-change.h"

#include <glib/gi18n.h>

#define WAIT_SECONDS 120 /* for what others do; it goes on by itself after that */

typedef enum
{
  STEP_SETTINGS,
  STEP_START,
  STEP_USER,
  STEP_ROUTER,
  STEP_NAME,
  STEP_CERTIFICATE,
  N_STEPS
} Step;

struct _SpSetupRun
{
  GObject parent_instance;
  SpServerConnection *connection; /* NULL: nobody is interested any more */
  char *name;
  gboolean forward;
  char *provider;
  char *account;
  char *password;
  char *authority;
  char *full_name;

  Step todo[N_STEPS];
  char *notes[N_STEPS];
  guint n_todo;
  guint at; /* of todo */
  GError *error;
  char *user;
  SpBusServer *followed; /* while something is waited for */
  gboolean begun;        /* what is waited for was seen under way */
  guint timer;           /* source id, 0 = none */
};

G_DEFINE_FINAL_TYPE (SpSetupRun, sp_setup_run, G_TYPE_OBJECT)

static const char *const texts[N_STEPS] = {
  [STEP_SETTINGS] = N_ ("How devices find this computer"),
  [STEP_START] = N_ ("Keys, firewall, server"),
  [STEP_USER] = N_ ("The first user"),
  [STEP_ROUTER] = N_ ("The router’s port"),
  [STEP_NAME] = N_ ("The name leads here"),
  [STEP_CERTIFICATE] = N_ ("The trusted certificate"),
};

static void take_step (SpSetupRun *run);

static void
tell (SpSetupRun *run)
{
  g_signal_emit_by_name (run, "changed");
}

/* The answer to a step: on to the next one, or what is in its way. */
static void
end_step (SpSetupRun *run, const GError *error)
{
  if (run->connection == NULL)
    return;
  if (error == NULL)
    {
      run->at++;
      take_step (run);
      return;
    }
  run->error = g_error_copy (error);
  tell (run);
}

/* --- waiting for others --- */

static void
stop_waiting (SpSetupRun *run)
{
  if (run->followed != NULL)
    (void) g_signal_handlers_disconnect_by_data (run->followed, run);
  g_clear_object (&run->followed);
  g_clear_handle_id (&run->timer, g_source_remove);
}

/* `note` is new, NULL: all is well. */
static void
end_wait (SpSetupRun *run, char *note)
{
  stop_waiting (run);
  g_free (run->notes[run->at]);
  run->notes[run->at] = note;
  end_step (run, NULL);
}

static const char *
get_state (GVariant *facts)
{
  const char *state = "off";

  if (facts != NULL)
    (void) g_variant_lookup (facts, "State", "&s", &state);
  return state;
}

/* Whether it is over; then what is not well about it, new. */
static gboolean
look_at_router (SpSetupRun *run, char **ret_note)
{
  g_autoptr (GVariant) mapping = sp_bus_server_dup_port_mapping (run->followed);
  const char *state = get_state (mapping);
  const char *title;

  if (g_str_equal (state, "off") || g_str_equal (state, "asking") || g_str_equal (state, "waiting"))
    return FALSE;
  if (!g_str_equal (state, "mapped") && !g_str_equal (state, "not-needed"))
    *ret_note = sp_outside_describe_mapping (mapping, &title);
  return TRUE;
}

static gboolean
look_at_name (SpSetupRun *run, char **ret_note)
{
  g_autoptr (GVariant) dns = sp_bus_server_dup_dynamic_dns (run->followed);
  g_autofree char *text = NULL;
  const char *title;
  SpStanding look = sp_dynamic_dns_describe (dns, run->name, &title, &text);

  if (look == SP_STANDING_BAD)
    *ret_note = g_steal_pointer (&text);
  return look == SP_STANDING_BAD || look == SP_STANDING_GOOD;
}

static gboolean
look_at_certificate (SpSetupRun *run, char **ret_note)
{
  g_autoptr (GVariant) acme = sp_bus_server_dup_acme (run->followed);
  g_autofree char *text = NULL;
  const char *title;
  SpStanding look = sp_authority_describe (acme, &title, &text);

  run->begun = run->begun || look == SP_STANDING_BUSY;
  if (look == SP_STANDING_GOOD)
    return TRUE;
  if (look != SP_STANDING_BAD || !run->begun)
    return FALSE;
  *ret_note = g_steal_pointer (&text);
  return TRUE;
}

static gboolean (*const looks[N_STEPS]) (SpSetupRun *run, char **ret_note) = {
  [STEP_ROUTER] = look_at_router,
  [STEP_NAME] = look_at_name,
  [STEP_CERTIFICATE] = look_at_certificate,
};

static void
look (SpSetupRun *run)
{
  char *note = NULL;

  if (run->followed != NULL && looks[run->todo[run->at]](run, &note))
    end_wait (run, note);
}

static gboolean
on_patience_over (gpointer data)
{
  SpSetupRun *run = data;

  run->timer = 0;
  end_wait (run, g_strdup (_ ("This takes longer. It goes on by itself.")));
  return G_SOURCE_REMOVE;
}

static void
wait_for_others (SpSetupRun *run)
{
  static const char *const signals[N_STEPS] = {
    [STEP_ROUTER] = "notify::port-mapping",
    [STEP_NAME] = "notify::dynamic-dns",
    [STEP_CERTIFICATE] = "notify::acme",
  };

  if (run->connection == NULL)
    return;
  run->followed = g_object_ref (sp_server_connection_get_server (run->connection));
  run->timer = g_timeout_add_seconds (WAIT_SECONDS, on_patience_over, run);
  (void) g_signal_connect_object (run->followed, signals[run->todo[run->at]], G_CALLBACK (look),
                                  run, G_CONNECT_SWAPPED);
  look (run);
}

/* --- the steps --- */

/* Consumes the changes. */
static void
update (SpSetupRun *run, GVariantBuilder *changes, GAsyncReadyCallback answered)
{
  sp_bus_settings_call_update (sp_server_connection_get_settings (run->connection),
                               g_variant_builder_end (changes), sp_no_options (), SP_CALL_FLAGS,
                               SP_CALL_TIMEOUT, NULL, answered, g_object_ref (run));
}

static void
add_text (GVariantBuilder *changes, const char *key, const char *text)
{
  g_variant_builder_add (changes, "{sv}", key, g_variant_new_string (text));
}

static void
on_saved (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpSetupRun) run = data;
  g_autoptr (GError) error = NULL;

  (void) sp_bus_settings_call_update_finish (SP_BUS_SETTINGS (source), NULL, result, &error);
  end_step (run, error);
}

static void
save_settings (SpSetupRun *run)
{
  GVariantBuilder changes = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  add_text (&changes, "Name", run->name);
  g_variant_builder_add (&changes, "{sv}", "PortMapping", g_variant_new_boolean (run->forward));
  update (run, &changes, on_saved);
}

static void
on_started (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpSetupRun) run = data;
  g_autoptr (GError) error = NULL;

  (void) sp_bus_server_call_start_finish (SP_BUS_SERVER (source), result, &error);
  end_step (run, error);
}

static void
start_server (SpSetupRun *run)
{
  sp_bus_server_call_start (sp_server_connection_get_server (run->connection), sp_no_options (),
                            SP_CALL_FLAGS, SP_CALL_TIMEOUT, NULL, on_started, g_object_ref (run));
}

static void
on_user_added (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpSetupRun) run = data;
  g_autoptr (GError) error = NULL;

  (void) sp_bus_server_call_add_user_finish (SP_BUS_SERVER (source), &run->user, result, &error);
  end_step (run, error);
}

static void
add_user (SpSetupRun *run)
{
  GVariantBuilder values = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  add_text (&values, "Login", g_get_user_name ());
  if (run->full_name[0] != '\0')
    add_text (&values, "FullName", run->full_name);
  sp_bus_server_call_add_user (sp_server_connection_get_server (run->connection),
                               g_variant_builder_end (&values), sp_no_options (), SP_CALL_FLAGS,
                               SP_CALL_TIMEOUT, NULL, on_user_added, g_object_ref (run));
}

/* What is told from here on is what is waited for. */
static void
on_changed (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpSetupRun) run = data;
  g_autoptr (GError) error = NULL;

  if (sp_bus_settings_call_update_finish (SP_BUS_SETTINGS (source), NULL, result, &error))
    wait_for_others (run);
  else
    end_step (run, error);
}

/* One with places to fill in is fetched as it is; others speak the usual protocol. */
static void
name_provider (SpSetupRun *run)
{
  GVariantBuilder changes = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  add_text (&changes, "DynamicDnsMode", strchr (run->provider, '{') != NULL ? "url" : "dyndns2");
  add_text (&changes, "DynamicDnsUrl", run->provider);
  add_text (&changes, "DynamicDnsUser", run->account);
  update (run, &changes, on_changed);
}

static void
on_password_set (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpSetupRun) run = data;
  g_autoptr (GError) error = NULL;

  if (!sp_bus_server_call_set_dynamic_dns_password_finish (SP_BUS_SERVER (source), NULL, result,
                                                           &error))
    end_step (run, error);
  else if (run->connection != NULL)
    {
      g_clear_pointer (&run->password, sp_secret_text_free);
      name_provider (run);
    }
}

/* The password goes first: a provider does not like to be asked without. */
static void
tell_name (SpSetupRun *run)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GUnixFDList) descriptors = NULL;

  if (run->password == NULL)
    {
      name_provider (run);
      return;
    }
  descriptors = sp_sealed_text_write (run->password, &error);
  if (descriptors == NULL)
    end_step (run, error);
  else
    sp_bus_server_call_set_dynamic_dns_password (sp_server_connection_get_server (run->connection),
                                                 g_variant_new_handle (0), sp_no_options (),
                                                 SP_CALL_FLAGS, SP_CALL_TIMEOUT, descriptors, NULL,
                                                 on_password_set, g_object_ref (run));
}

/* Not before the name leads here and the port is open, since authorities count failures. */
static void
get_certificate (SpSetupRun *run)
{
  GVariantBuilder changes = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  run->begun = FALSE;
  add_text (&changes, "AcmeDirectory", run->authority);
  g_variant_builder_add (&changes, "{sv}", "AcmeAgree", g_variant_new_boolean (TRUE));
  update (run, &changes, on_changed);
}

static void
take_step (SpSetupRun *run)
{
  void (*const steps[N_STEPS]) (SpSetupRun *) = {
    [STEP_SETTINGS] = save_settings, [STEP_START] = start_server,
    [STEP_USER] = add_user,          [STEP_ROUTER] = wait_for_others,
    [STEP_NAME] = tell_name,         [STEP_CERTIFICATE] = get_certificate,
  };

  g_clear_error (&run->error);
  tell (run);
  if (run->at < run->n_todo)
    steps[run->todo[run->at]](run);
}

/* --- from outside --- */

void
sp_setup_run_choose (SpSetupRun *run, const SpSetupChoice *choice, const char *password)
{
  gboolean certified = choice->authority[0] != '\0';
  const gboolean wanted[N_STEPS] = {
    [STEP_SETTINGS] = TRUE,
    [STEP_START] = TRUE,
    [STEP_USER] = TRUE,
    [STEP_ROUTER] = choice->forward && (certified || choice->provider[0] != '\0'),
    [STEP_NAME] = choice->provider[0] != '\0',
    [STEP_CERTIFICATE] = certified,
  };

  run->name = g_strdup (choice->name);
  run->forward = choice->forward;
  run->provider = g_strdup (choice->provider);
  run->account = g_strdup (choice->account);
  run->authority = g_strdup (choice->authority);
  run->full_name = g_strdup (choice->full_name);
  run->password = password[0] != '\0' ? g_strdup (password) : NULL;
  for (Step step = 0; step < N_STEPS; step++)
    if (wanted[step])
      run->todo[run->n_todo++] = step;
}

void
sp_setup_run_go_on (SpSetupRun *run)
{
  if (run->connection != NULL)
    take_step (run);
}

void
sp_setup_run_stop (SpSetupRun *run, const GError *error)
{
  g_clear_error (&run->error);
  run->error = error != NULL ? g_error_copy (error) : NULL;
  tell (run);
}

void
sp_setup_run_leave (SpSetupRun *run)
{
  stop_waiting (run);
  g_clear_object (&run->connection);
}

guint
sp_setup_run_count (SpSetupRun *run)
{
  return run->n_todo;
}

const char *
sp_setup_run_get_text (SpSetupRun *run, guint step)
{
  return _ (texts[run->todo[step]]);
}

const char *
sp_setup_run_get_note (SpSetupRun *run, guint step)
{
  return run->notes[step];
}

guint
sp_setup_run_get_step (SpSetupRun *run)
{
  return run->at;
}

const GError *
sp_setup_run_get_error (SpSetupRun *run)
{
  return run->error;
}

const char *
sp_setup_run_get_user (SpSetupRun *run)
{
  return run->user;
}

SpSetupRun *
sp_setup_run_new (SpServerConnection *connection)
{
  SpSetupRun *run = g_object_new (SP_TYPE_SETUP_RUN, NULL);

  run->connection = g_object_ref (connection);
  return run;
}

static void
sp_setup_run_finalize (GObject *object)
{
  SpSetupRun *run = SP_SETUP_RUN (object);

  sp_setup_run_leave (run);
  g_clear_pointer (&run->password, sp_secret_text_free);
  g_clear_error (&run->error);
  g_free (run->name);
  g_free (run->provider);
  g_free (run->account);
  g_free (run->authority);
  g_free (run->full_name);
  g_free (run->user);
  for (guint i = 0; i < N_STEPS; i++)
    g_free (run->notes[i]);
  G_OBJECT_CLASS (sp_setup_run_parent_class)->finalize (object);
}

static void
sp_setup_run_class_init (SpSetupRunClass *class)
{
  G_OBJECT_CLASS (class)->finalize = sp_setup_run_finalize;
  (void) g_signal_new ("changed", SP_TYPE_SETUP_RUN, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                       G_TYPE_NONE, 0);
}

static void
sp_setup_run_init (SpSetupRun *run)
{
}
