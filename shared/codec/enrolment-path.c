/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "codec/enrolment-path.h"

#include <string.h>

static const SpEnrolmentFileRow rows[] = {
  [SP_ENROLMENT_PAGE] = { "", "text/html; charset=utf-8" },
  [SP_ENROLMENT_PKCS12] = { "vpn.p12", "application/x-pkcs12" },
  [SP_ENROLMENT_NETWORK_MANAGER] = { "vpn.conf", "application/octet-stream" },
  [SP_ENROLMENT_APPLE] = { "vpn.mobileconfig", "application/x-apple-aspen-config" },
};

const SpEnrolmentFileRow *
sp_enrolment_file_get_row (SpEnrolmentFile file)
{
  g_return_val_if_fail (file <= SP_ENROLMENT_LAST, &rows[SP_ENROLMENT_PAGE]);
  return &rows[file];
}

static gboolean
read_name (const char *name, gsize length, SpEnrolmentFile *ret_file)
{
  if (length == 0)
    {
      *ret_file = SP_ENROLMENT_PAGE;
      return TRUE;
    }
  for (guint i = SP_ENROLMENT_PAGE + 1; name[0] == '/' && i < G_N_ELEMENTS (rows); i++)
    if (strlen (rows[i].name) == length - 1 && memcmp (rows[i].name, name + 1, length - 1) == 0)
      {
        *ret_file = (SpEnrolmentFile) i;
        return TRUE;
      }
  return FALSE;
}

/* A query is what messengers and mail programs add to links; it is not looked at. */
static gsize
length_without_query (const char *target, gsize length)
{
  const char *query = memchr (target, '?', length);

  return query != NULL ? (gsize) (query - target) : length;
}

gboolean
sp_enrolment_path_read (const char *target,
                        gsize length,
                        SpEnrolmentFile *ret_file,
                        guint8 ret_token[SP_TOKEN_SIZE])
{
  const gsize folder = strlen (SP_ENROLMENT_FOLDER);
  const gsize name = folder + SP_TOKEN_TEXT_LENGTH;
  gsize path = length > 0 ? length_without_query (target, length) : 0;

  return path >= name && memcmp (target, SP_ENROLMENT_FOLDER, folder) == 0 &&
         read_name (target + name, path - name, ret_file) &&
         sp_token_read (target + folder, SP_TOKEN_TEXT_LENGTH, ret_token);
}
