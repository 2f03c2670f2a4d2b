/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sign-in-policy.h"

#include "user-sign-in.h"
#include "walls/main-worker.h"

SpSignInMethod
sp_sign_in_usual (const SpSettings *settings)
{
  switch (settings->sign_in)
    {
      case SP_WORD_CERTIFICATE:
        return SP_SIGN_IN_CERTIFICATE;
      case SP_WORD_CERTIFICATE_AND_PASSWORD:
        return SP_SIGN_IN_BOTH;
      case SP_WORD_PASSWORD_OR_CERTIFICATE:
        return SP_SIGN_IN_EITHER;
      case SP_WORD_PAM:
        return SP_SIGN_IN_PAM;
      default:
        return SP_SIGN_IN_PASSWORD;
    }
}

static gboolean
has_certificates (SpDeviceRegistry *devices)
{
  for (guint i = 0; i < sp_device_registry_get_n (devices); i++)
    {
      SpDevice *device = sp_device_registry_get (devices, i);

      if (sp_device_get_record (device)->kind == SP_DEVICE_CERTIFICATE &&
          !sp_device_is_revoked (device))
        return TRUE;
    }
  return FALSE;
}

/* What one method takes. */
static guint8
describe (SpSignInMethod method, gboolean has_certificate)
{
  switch (method)
    {
      case SP_SIGN_IN_CERTIFICATE:
        return SP_ADOPT_CERTIFICATES;
      case SP_SIGN_IN_BOTH:
        return SP_ADOPT_CERTIFICATES | SP_ADOPT_PASSWORDS;
      case SP_SIGN_IN_EITHER:
        return (has_certificate ? SP_ADOPT_CERTIFICATES : 0) | SP_ADOPT_PASSWORDS;
      default:
        return SP_ADOPT_PASSWORDS;
    }
}

/* A client is asked for a certificate only where that is of use to anybody, since some ask their
 * people then; where passwords are of none, no form is shown. */
guint8
sp_sign_in_describe (SpSignInMethod usual, SpUserRegistry *users, SpDeviceRegistry *devices)
{
  gboolean has_certificate = has_certificates (devices);
  guint8 described = describe (usual, has_certificate);

  for (guint i = 0; i < sp_user_registry_get_n (users); i++)
    {
      SpUser *user = sp_user_registry_get (users, i);
      SpSignInMethod method = sp_sign_in_of_text (sp_user_get_text (user, SP_USER_SIGN_IN));

      if (method != SP_SIGN_IN_USUAL)
        described |= describe (method, has_certificate);
    }
  return described;
}

gboolean
sp_sign_in_needs_pam (SpSignInMethod usual, SpUserRegistry *users)
{
  gboolean needs = usual == SP_SIGN_IN_PAM;

  for (guint i = 0; !needs && i < sp_user_registry_get_n (users); i++)
    needs = sp_sign_in_of_text (sp_user_get_text (sp_user_registry_get (users, i),
                                                  SP_USER_SIGN_IN)) == SP_SIGN_IN_PAM;
  return needs;
}
