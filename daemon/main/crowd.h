/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/limits.h"

#include <glib.h>

G_BEGIN_DECLS

/* Clients that are served and have not signed in are bounded; who goes when there is one too many.
 * Pure. */
typedef struct
{
  guint8 address[SP_ADDRESS_SIZE];
  gint64 since; /* µs of any clock */
} SpStranger;

/* The oldest stranger of the network (IPv4 /24, IPv6 /56) with most strangers: whoever crowds pays,
 * nobody else.  `n` is at least 1. */
guint sp_crowd_choose (const SpStranger *strangers, guint n);

G_END_DECLS
