/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a frame is, the same number in CSTP (over TLS) and in the datagram channel. */
typedef enum
{
  SP_FRAME_DATA = 0x00,         /* one IP packet */
  SP_FRAME_DPD_REQUEST = 0x03,  /* to be answered at once with the same payload */
  SP_FRAME_DPD_RESPONSE = 0x04, /* a sign of life */
  SP_FRAME_DISCONNECT = 0x05,   /* reason byte and text, both may be missing */
  SP_FRAME_KEEPALIVE = 0x07,    /* nobody answers it */
  SP_FRAME_COMPRESSED = 0x08,   /* only if negotiated */
  SP_FRAME_TERMINATE = 0x09     /* server to client only */
} SpFrameType;

/* First payload byte of DISCONNECT */
typedef enum
{
  SP_BYE_LOCAL_ERROR = 0x70,
  SP_BYE_RECONNECTING = 0x91,
  SP_BYE_USER = 0xb0, /* openconnect says it in every case */
  SP_BYE_PAUSED = 0xd1
} SpBye;

/* The reason in a DISCONNECT's payload; without one it counts as reconnecting. */
guint8 sp_bye_read (const guint8 *payload, gsize length);

/* Whether a client that gave this reason may come back with its cookie. */
gboolean sp_bye_keeps_cookie (guint8 reason);

G_END_DECLS
