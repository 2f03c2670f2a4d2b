/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "codec/frame-type.h"

G_BEGIN_DECLS

/* A frame in the datagram channel: one byte of type, then the payload; one frame in one decrypted
 * DTLS record. */

#define SP_DTLS_HEADER_SIZE 1

/* FALSE for an empty record, which is to be ignored.  The payload points into the record and may
 * be empty. */
gboolean sp_dtls_frame_read (const guint8 *record,
                             gsize size,
                             guint8 *ret_type,
                             const guint8 **ret_payload,
                             gsize *ret_length);

void sp_dtls_frame_write_header (guint8 header[SP_DTLS_HEADER_SIZE], guint8 type);

G_END_DECLS
