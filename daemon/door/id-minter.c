/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "id-minter.h"

#include "base/secret.h"

#include <nettle/hmac.h>
#include <string.h>

#define NONCE_AT   SP_ID_HANDLE_SIZE
#define TAG_AT     (SP_ID_HANDLE_SIZE + SP_ID_NONCE_SIZE)
#define MODE_SHIFT 56

G_STATIC_ASSERT (TAG_AT + SP_ID_TAG_SIZE == SP_APP_ID_SIZE);

/* Nettle's HMAC, because it keeps the keyed state: two compressions an id, and no allocation. */
struct _SpIdMinter
{
  struct hmac_sha256_ctx tag;
  struct hmac_sha256_ctx mask;
};

SpIdMinter *
sp_id_minter_new (const guint8 tag_key[SP_ID_KEY_SIZE], const guint8 mask_key[SP_ID_KEY_SIZE])
{
  SpIdMinter *minter = g_new0 (SpIdMinter, 1);

  hmac_sha256_set_key (&minter->tag, SP_ID_KEY_SIZE, tag_key);
  hmac_sha256_set_key (&minter->mask, SP_ID_KEY_SIZE, mask_key);
  return minter;
}

void
sp_id_minter_free (SpIdMinter *minter)
{
  if (minter == NULL)
    return;
  sp_secret_wipe (minter, sizeof *minter);
  g_free (minter);
}

static guint64
get_mask (SpIdMinter *minter, const guint8 *nonce)
{
  guint8 bytes[SP_ID_HANDLE_SIZE];
  guint64 mask = 0;

  hmac_sha256_update (&minter->mask, SP_ID_NONCE_SIZE, nonce);
  hmac_sha256_digest (&minter->mask, sizeof bytes, bytes);
  memcpy (&mask, bytes, sizeof mask);
  return mask;
}

static void
make_tag (SpIdMinter *minter, const guint8 *id, guint8 tag[SP_ID_TAG_SIZE])
{
  hmac_sha256_update (&minter->tag, TAG_AT, id);
  hmac_sha256_digest (&minter->tag, SP_ID_TAG_SIZE, tag);
}

void
sp_id_minter_mint (SpIdMinter *minter,
                   guint64 attachment,
                   SpHelloMode mode,
                   const guint8 nonce[SP_ID_NONCE_SIZE],
                   guint8 ret_id[SP_APP_ID_SIZE])
{
  guint64 handle = attachment | (guint64) mode << MODE_SHIFT;
  guint64 masked = GUINT64_TO_LE (handle) ^ get_mask (minter, nonce);

  memcpy (ret_id, &masked, sizeof masked);
  memcpy (ret_id + NONCE_AT, nonce, SP_ID_NONCE_SIZE);
  make_tag (minter, ret_id, ret_id + TAG_AT);
}

gboolean
sp_id_minter_verify (SpIdMinter *minter,
                     const guint8 id[SP_APP_ID_SIZE],
                     guint64 *ret_attachment,
                     SpHelloMode *ret_mode)
{
  guint8 tag[SP_ID_TAG_SIZE];
  guint64 masked, handle;

  make_tag (minter, id, tag);
  if (!sp_secret_equal (tag, id + TAG_AT, SP_ID_TAG_SIZE))
    return FALSE;
  memcpy (&masked, id, sizeof masked);
  handle = GUINT64_FROM_LE (masked ^ get_mask (minter, id + NONCE_AT));
  *ret_attachment = handle & (SP_ATTACHMENTS_MAX - 1);
  *ret_mode = (SpHelloMode) (handle >> MODE_SHIFT);
  return TRUE;
}
