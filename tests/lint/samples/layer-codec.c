/* sample: shared/codec/layer-codec.c */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/hex.h"
#include "base/io.h" /* expect: pure */
#include "base/log.h" /* expect: pure */
#include "walls/permit.h" /* expect: layer */

#include <sys/socket.h> /* expect: pure */
#include <time.h> /* expect: pure */
#include <unistd.h> /* expect: pure */
#include <string.h>
