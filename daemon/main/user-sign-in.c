/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "user-sign-in.h"

#include "base/error.h"
#include "pam-support.h"

#include <string.h>

/* SpSignInMethod → the value of a user */
static const char *const words[] = {
  [SP_SIGN_IN_USUAL] = "",
  [SP_SIGN_IN_PASSWORD] = "password",
  [SP_SIGN_IN_CERTIFICATE] = "certificate",
  [SP_SIGN_IN_BOTH] = "certificate-and-password",
  [SP_SIGN_IN_EITHER] = "password-or-certificate",
  [SP_SIGN_IN_PAM] = "pam",
};
G_STATIC_ASSERT (G_N_ELEMENTS (words) == SP_SIGN_IN_LAST + 1);

SpSignInMethod
sp_sign_in_of_text (const char *text)
{
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (strcmp (words[i], text) == 0)
      return (SpSignInMethod) i;
  return SP_SIGN_IN_USUAL;
}

gboolean
sp_user_check_sign_in (const SpBusKey *key, GVariant *value, GError **error)
{
  const char *text = g_variant_get_string (value, NULL);

  if (sp_sign_in_of_text (text) == SP_SIGN_IN_PAM && !sp_pam_is_built ())
    {
      g_set_error (error, SP_ERROR, SP_ERROR_NOT_SUPPORTED,
                   "“%s” can not be “pam”: this server was built without PAM", key->name);
      return FALSE;
    }
  if (*text == '\0' || sp_sign_in_of_text (text) != SP_SIGN_IN_USUAL)
    return TRUE;
  g_set_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS,
               "“%s” must be “password”, “certificate”, “certificate-and-password”, "
               "“password-or-certificate”, “pam”, or empty for what the settings say",
               key->name);
  return FALSE;
}
