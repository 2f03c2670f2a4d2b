/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "codec/reach-link.h"

#include <string.h>

gboolean
sp_reach_link_read (const char *target, gsize length, guint8 ret_token[SP_TOKEN_SIZE])
{
  const gsize folder = strlen (SP_REACH_FOLDER);
  const gsize path = folder + SP_TOKEN_TEXT_LENGTH;

  /* What messengers add to links is not looked at. */
  return (length == path || (length > path && target[path] == '?')) &&
         memcmp (target, SP_REACH_FOLDER, folder) == 0 &&
         sp_token_read (target + folder, SP_TOKEN_TEXT_LENGTH, ret_token);
}

void
sp_reach_link_digest (const guint8 token[SP_TOKEN_SIZE], guint8 ret_digest[SP_DIGEST_SIZE])
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  gsize size = SP_DIGEST_SIZE;

  g_checksum_update (checksum, token, SP_TOKEN_SIZE);
  g_checksum_get_digest (checksum, ret_digest, &size);
}
