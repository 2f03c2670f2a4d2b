/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server-private.h"

#include "base/error.h"
#include "base/log.h"

static void
names_renewed_cb (GObject *certificates, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  if (!sp_certificate_registry_finish (SP_CERTIFICATE_REGISTRY (certificates), result, &error) &&
      !g_error_matches (error, SP_ERROR, SP_ERROR_BUSY)) /* its next start knows the names */
    sp_log (SP_LOG_WARNING, "server", "new names for the certificate: %s", error->message);
}

void
sp_server_tell_names (SpServer *self)
{
  static const SpGateMode modes[] = {
    [SP_WORD_OFF] = SP_GATE_OFF, [SP_WORD_NAME] = SP_GATE_NAME, [SP_WORD_LABEL] = SP_GATE_LABEL
  };

  sp_door_names_set (self->names, modes[self->settings->name_gate], self->settings->name,
                     self->first_name != NULL ? self->first_name : self->settings->name);
}

void
sp_server_take_names (SpServer *self)
{
  g_autoptr (GBytes) names = sp_server_collect_names (self);

  sp_keyholder_client_set_names (self->keyholder, names);
  if (sp_keyholder_client_is_ready (self->keyholder))
    sp_certificate_registry_renew_async (self->certificates, names, FALSE, names_renewed_cb, NULL);
}
