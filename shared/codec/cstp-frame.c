/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "codec/cstp-frame.h"

#include <string.h>

static const guint8 magic[4] = { 'S', 'T', 'F', 1 };

static const char *const verdict_names[] = {
  [SP_CSTP_FRAME] = "frame",
  [SP_CSTP_EMPTY] = "empty record",
  [SP_CSTP_SHORT] = "record shorter than a frame header",
  [SP_CSTP_BAD_MAGIC] = "not a frame",
  [SP_CSTP_BAD_LENGTH] = "frame does not fill its record",
};

const char *
sp_cstp_verdict_to_string (SpCstpVerdict verdict)
{
  return verdict_names[verdict];
}

void
sp_cstp_write_header (guint8 header[SP_CSTP_HEADER_SIZE], guint8 type, guint16 length)
{
  memcpy (header, magic, sizeof magic);
  header[4] = (guint8) (length >> 8);
  header[5] = (guint8) length;
  header[6] = type;
  header[7] = 0;
}

gsize
sp_cstp_write_disconnect (guint8 *frame, gsize room, guint8 reason, const char *text)
{
  gsize length = text == NULL ? 0 : strlen (text);

  if (room < SP_CSTP_HEADER_SIZE + 1)
    return 0;
  length = MIN (length, MIN (room, SP_PACKET_MAX) - SP_CSTP_HEADER_SIZE - 1);
  sp_cstp_write_header (frame, SP_FRAME_DISCONNECT, (guint16) (length + 1));
  frame[SP_CSTP_HEADER_SIZE] = reason;
  if (length > 0)
    memcpy (frame + SP_CSTP_HEADER_SIZE + 1, text, length);
  return SP_CSTP_HEADER_SIZE + 1 + length;
}

SpCstpVerdict
sp_cstp_read (const guint8 *record,
              gsize size,
              guint8 *ret_type,
              const guint8 **ret_payload,
              gsize *ret_length)
{
  gsize length;

  if (size == 0)
    return SP_CSTP_EMPTY;
  if (size < SP_CSTP_HEADER_SIZE)
    return SP_CSTP_SHORT;
  if (memcmp (record, magic, sizeof magic) != 0 || record[7] != 0)
    return SP_CSTP_BAD_MAGIC;
  length = (gsize) record[4] << 8 | record[5];
  if (length != size - SP_CSTP_HEADER_SIZE)
    return SP_CSTP_BAD_LENGTH;
  *ret_type = record[6];
  *ret_payload = record + SP_CSTP_HEADER_SIZE;
  *ret_length = length;
  return SP_CSTP_FRAME;
}
