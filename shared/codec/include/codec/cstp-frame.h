/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/limits.h"
#include "codec/frame-type.h"

G_BEGIN_DECLS

/* A CSTP frame: "STF" 01, length of the payload (16 bits, big-endian), type, 00.  Clients insist
 * on one frame in one TLS record, exactly. */

#define SP_CSTP_HEADER_SIZE 8
#define SP_CSTP_PAYLOAD_MAX (SP_PACKET_MAX - SP_CSTP_HEADER_SIZE)

typedef enum
{
  SP_CSTP_FRAME,
  SP_CSTP_EMPTY,      /* a record without a byte: ignore it */
  SP_CSTP_SHORT,      /* no complete header */
  SP_CSTP_BAD_MAGIC,  /* does not begin with STF 01, or byte 7 is not zero */
  SP_CSTP_BAD_LENGTH, /* the frame does not fill the record exactly */
  SP_CSTP_VERDICT_LAST = SP_CSTP_BAD_LENGTH
} SpCstpVerdict;

const char *sp_cstp_verdict_to_string (SpCstpVerdict verdict);

/* `length` counts the payload: at most SP_CSTP_PAYLOAD_MAX. */
void sp_cstp_write_header (guint8 header[SP_CSTP_HEADER_SIZE], guint8 type, guint16 length);

/* Writes a whole DISCONNECT frame; the text is cut to fit.  Returns its size, 0 if there is no
 * room for header and reason. */
gsize sp_cstp_write_disconnect (guint8 *frame, gsize room, guint8 reason, const char *text);

/* Reads the frame that one TLS record holds.  The payload points into the record.  Types that are
 * none of SpFrameType are frames too (to be ignored).  Nothing is set unless SP_CSTP_FRAME. */
SpCstpVerdict sp_cstp_read (const guint8 *record,
                            gsize size,
                            guint8 *ret_type,
                            const guint8 **ret_payload,
                            gsize *ret_length);

G_END_DECLS
