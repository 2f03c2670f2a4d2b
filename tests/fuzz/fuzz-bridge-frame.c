/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz.h"

#include "remote/bridge-frame.h"

/* What is said of a frame that is there keeps the bounds. */
static void
check (const SpBridgeFrame *frame, gssize used)
{
  g_assert_cmpuint (frame->size, <=, SP_BRIDGE_PAYLOAD_MAX);
  g_assert_cmpint (used, ==, (gssize) (SP_BRIDGE_HEAD_SIZE + frame->size));
  g_assert_true (frame->type != SP_BRIDGE_DESCRIPTOR ||
                 (frame->descriptor.size <= SP_BRIDGE_SEALED_MAX &&
                  (sp_bridge_kind_goes_out (frame->descriptor.kind) ||
                   sp_bridge_kind_comes_back (frame->descriptor.kind))));
  g_assert_true (frame->type != SP_BRIDGE_CREDIT || frame->credit > 0);
  g_assert_cmpint (frame->channel != 0, ==, frame->type > SP_BRIDGE_MESSAGE);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  for (gsize at = 0; at < size;)
    {
      SpBridgeFrame frame;
      gssize used = sp_bridge_frame_read (data + at, size - at, &frame);

      if (used <= 0)
        break;
      check (&frame, used);
      /* in pieces it is not there before its last byte */
      g_assert_cmpint (sp_bridge_frame_read (data + at, (gsize) used - 1, &frame), ==, 0);
      at += (gsize) used;
    }
  return 0;
}
