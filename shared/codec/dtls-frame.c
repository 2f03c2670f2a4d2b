/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "codec/dtls-frame.h"

gboolean
sp_dtls_frame_read (const guint8 *record,
                    gsize size,
                    guint8 *ret_type,
                    const guint8 **ret_payload,
                    gsize *ret_length)
{
  if (size < SP_DTLS_HEADER_SIZE)
    return FALSE;
  *ret_type = record[0];
  *ret_payload = record + SP_DTLS_HEADER_SIZE;
  *ret_length = size - SP_DTLS_HEADER_SIZE;
  return TRUE;
}

void
sp_dtls_frame_write_header (guint8 header[SP_DTLS_HEADER_SIZE], guint8 type)
{
  header[0] = type;
}
