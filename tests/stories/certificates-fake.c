/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backdoor.h"

#include "base/error.h"

#include <string.h>

/* What the keyholder would answer. */

void
sp_keyholder_client_list_certificates (SpKeyholderClient *self, GTask *task)
{
  g_task_return_boolean (task, TRUE);
}

/* Its end moves by a day, its names become those that were asked for. */
void
sp_keyholder_client_renew_certificate (SpKeyholderClient *self,
                                       GBytes *names,
                                       gboolean always,
                                       GTask *task)
{
  SpCertificateRegistry *registry = g_task_get_source_object (task);
  SpCertificateKnown known = *sp_certificate_registry_find (registry, "own");

  known.names_length = (guint16) g_bytes_get_size (names);
  memcpy (known.names, g_bytes_get_data (names, NULL), known.names_length);
  if (strchr ((const char *) known.names, ' ') != NULL)
    {
      g_task_return_new_error (task, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS,
                               "“%s” is neither a host name nor an address", known.names);
      return;
    }
  known.not_after += 86400 * (guint64) G_USEC_PER_SEC;
  sp_certificate_registry_known (registry, &known);
  g_task_return_boolean (task, TRUE);
}

/* Whoever wants a verdict uses the shipped daemon. */
void
sp_keyholder_client_check_certificate (SpKeyholderClient *self,
                                       const SpCheckCertificate *order,
                                       const int *fds,
                                       GTask *task)
{
  g_task_return_new_error (task, SP_ERROR, SP_ERROR_BUSY, "there is no keyholder");
}

void
sp_keyholder_client_request_certificate (SpKeyholderClient *self,
                                         const SpRequestCertificate *order,
                                         GTask *task)
{
  g_task_return_new_error (task, SP_ERROR, SP_ERROR_BUSY, "there is no keyholder");
}

void
sp_keyholder_client_activate_certificate (SpKeyholderClient *self, const guint8 *id, GTask *task)
{
  g_task_return_boolean (task, TRUE);
}

void
sp_keyholder_client_remove_certificate (SpKeyholderClient *self, const guint8 *id, GTask *task)
{
  g_task_return_boolean (task, TRUE);
}

static void
add (SpCertificateRegistry *registry, guint8 kind)
{
  static const char subject[] = "CN=vpn.test";
  SpCertificateKnown known = { .kind = kind,
                               .origin = SP_CERTIFICATE_OWN,
                               .active = TRUE,
                               .not_before = 1000000,
                               .not_after = 4000000000000000 };

  known.subject_length = sizeof subject - 1;
  memcpy (known.subject, subject, known.subject_length);
  sp_certificate_registry_known (registry, &known);
}

SpCertificateRegistry *
sp_fake_certificates_new (void)
{
  SpCertificateRegistry *registry = sp_certificate_registry_new (NULL);

  add (registry, SP_CERTIFICATE_AUTHORITY);
  add (registry, SP_CERTIFICATE_SERVER);
  return registry;
}
