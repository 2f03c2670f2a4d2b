/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "platform/tun.h"

G_BEGIN_DECLS

/* A network device that is made while somebody signs in, and taken by whoever needs one next:
 * making it is a good part of what a client would wait for.  There is one at most, and none when
 * nobody came for a while. */

typedef struct _SpSpareDevice SpSpareDevice;

/* One that nobody takes goes when nobody was expected for `seconds`. */
SpSpareDevice *sp_spare_device_new (guint seconds);
void sp_spare_device_free (SpSpareDevice *self);

/* Somebody may need one.  It is made when nothing else is to be done. */
void sp_spare_device_expect (SpSpareDevice *self);
/* The caller's; NULL: there is none. */
SpTun *sp_spare_device_take (SpSpareDevice *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpSpareDevice, sp_spare_device_free)

G_END_DECLS
