/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "id-keys.h"

#include "base/io.h"
#include "base/log.h"
#include "base/secret.h"

#include <unistd.h>

SpIdMinter *
sp_id_keys_recall (int fd)
{
  guint8 keys[SP_ID_KEYS_SIZE];
  SpIdMinter *minter;

  if (read (fd, keys, sizeof keys) != sizeof keys)
    {
      sp_random_bytes (keys, sizeof keys);
      if (write (fd, keys, sizeof keys) != sizeof keys)
        sp_log (SP_LOG_WARNING, "ids", "the keys cannot be kept for the next door");
    }
  minter = sp_id_minter_new (keys, keys + SP_ID_KEY_SIZE);
  sp_secret_wipe (keys, sizeof keys);
  return minter;
}
