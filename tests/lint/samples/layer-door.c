/* sample: daemon/door/layer-door.c */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "layer-door.h" /* expect: layer */
#include "state.h"

#include "base/log.h"
#include "codec/client-hello.h"
#include "keyholder/keyholder.h" /* expect: layer */
#include "link/channel.h"
#include "platform/sandbox.h"
#include "platform/tun.h" /* expect: confined-platform */
#include "walls/main-door.h"
#include "bus/error.h" /* expect: layer */

#include <gio/gio.h> /* expect: layer */
#include <glib.h>
#include <sys/socket.h>
