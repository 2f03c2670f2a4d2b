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
      default:
        return SP_SIGN_IN_PASSWORD;
    }
}

/* A client is asked for a certificate only where that is of use to anybody, since some ask their
 * people then; where passwords are of none, no form is shown. */
guint8
sp_sign_in_describe (SpSignInMethod usual, SpUserRegistry *users)
{
  gboolean certificates = usual != SP_SIGN_IN_PASSWORD;
  gboolean passwords = usual != SP_SIGN_IN_CERTIFICATE;

  for (guint i = 0; i < sp_user_registry_get_n (users); i++)
    {
      SpUser *user = sp_user_registry_get (users, i);
      SpSignInMethod method = sp_sign_in_of_text (sp_user_get_text (user, SP_USER_SIGN_IN));

      if (method == SP_SIGN_IN_USUAL)
        continue;
      certificates = certificates || method != SP_SIGN_IN_PASSWORD;
      passwords = passwords || method != SP_SIGN_IN_CERTIFICATE;
    }
  return (guint8) ((certificates ? SP_ADOPT_CERTIFICATES : 0) |
                   (passwords ? SP_ADOPT_PASSWORDS : 0));
}
