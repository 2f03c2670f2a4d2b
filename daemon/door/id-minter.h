/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/limits.h"
#include "walls/main-door.h"

#include <glib.h>

G_BEGIN_DECLS

/* Ids that a DTLS client carries in its ClientHello (protocol: X-DTLS-App-ID), SP_APP_ID_SIZE
 * bytes:
 *
 *   0   8  attachment handle (7 bytes) and mode (1), little-endian, XORed with HMAC-SHA256 (mask
 *          key, nonce)
 *   8   8  nonce
 *   16 16  HMAC-SHA256 (tag key, bytes 0 to 15), truncated (RFC 2104 5)
 *
 * An id that we did not mint costs one HMAC and is known as such without a table.  The handle is
 * masked because hellos travel in the clear and main's numbers are nobody's business; the tag
 * covers the mask, so the second HMAC is only spent on ids that are ours.
 *
 * The keys are made when the server is turned on and never change until it is off (id-keys.h).  An
 * id must verify as long as its attachment, which may be weeks, so a changed key would have to be
 * kept beside the new one all that time, and every forged hello would then cost one HMAC more; and
 * a key that opens nothing gains nothing by being young. */

#define SP_ID_HANDLE_SIZE 8
#define SP_ID_NONCE_SIZE  8
#define SP_ID_TAG_SIZE    16
#define SP_ID_KEY_SIZE    32

typedef struct _SpIdMinter SpIdMinter;

SpIdMinter *sp_id_minter_new (const guint8 tag_key[SP_ID_KEY_SIZE],
                              const guint8 mask_key[SP_ID_KEY_SIZE]);
void sp_id_minter_free (SpIdMinter *minter); /* wipes the keys */

/* `attachment` below SP_ATTACHMENTS_MAX; `nonce`: fresh random bytes. */
void sp_id_minter_mint (SpIdMinter *minter,
                        guint64 attachment,
                        SpHelloMode mode,
                        const guint8 nonce[SP_ID_NONCE_SIZE],
                        guint8 ret_id[SP_APP_ID_SIZE]);
/* FALSE if this minter did not mint it. */
gboolean sp_id_minter_verify (SpIdMinter *minter,
                              const guint8 id[SP_APP_ID_SIZE],
                              guint64 *ret_attachment,
                              SpHelloMode *ret_mode);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpIdMinter, sp_id_minter_free)

G_END_DECLS
