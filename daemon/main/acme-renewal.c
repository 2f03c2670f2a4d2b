/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "acme-private.h"

#include "base/io.h"
#include "base/log.h"

#include <string.h>

/* When the authority wants the certificate renewed (RFC 9773): a courier asks, and acme-plan.h says
 * what comes of the answer. */

static void
told (gpointer user_data, const SpRenewalTold *answer)
{
  SpAcme *self = user_data;
  SpAcmeLife life;

  sp_acme_find_life (self, &life);
  sp_acme_note_window (&self->record, &life, answer, g_random_int (), g_get_real_time ());
  sp_acme_record_store (&self->record, sp_server_get_store (self->server));
  sp_acme_look (self);
}

/* What cannot even be asked is asked later, as if nobody had answered. */
static void
give_up (SpAcme *self, const GError *error)
{
  const SpRenewalTold nothing = { .outcome = SP_ORDER_FAILED };

  sp_log (SP_LOG_WARNING, "acme", "asking when to renew: %s", error->message);
  told (self, &nothing);
}

void
sp_acme_ask_renewal (SpAcme *self, const SpCertificateKnown *known)
{
  const SpSettings *settings = sp_acme_get_settings (self);
  SpAskRenewal question = { 0 };
  g_autoptr (GError) error = NULL;
  sp_autofd int authorities = sp_acme_open_authorities (settings->acme_authorities, &error);

  question.directory_length =
      sp_acme_copy (question.directory, sizeof question.directory, settings->acme_directory,
                    strlen (settings->acme_directory));
  question.certificate_length = sp_acme_copy (question.certificate, sizeof question.certificate,
                                              known->renewal, known->renewal_length);
  if (authorities < 0 ||
      !sp_courier_client_ask_renewal (self->courier, &question, authorities, told, self, &error))
    give_up (self, error);
}
