/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

#include "codec/coalescer.h"

G_BEGIN_DECLS

/* TUN devices with super-packets both ways, where the kernel has them. */

#define LIMIT_DEVICE_FIRST 0x0a3d0002 /* 10.61.0.2, the first session's address */
#define LIMIT_DEVICE_READ  65536      /* bytes of one read, besides SP_SEGMENTER_HEADER_SIZE */

/* limitN */
int limit_device_open (guint number);
/* What the device refuses is lost, as in any network. */
void limit_device_write (int fd, const SpSuperPacket *packet);

G_END_DECLS
