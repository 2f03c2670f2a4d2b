/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/limits.h"

#include <glib.h>

G_BEGIN_DECLS

/* The first flights of real clients, made by GnuTLS. */

typedef struct
{
  guint8 bytes[2048];
  gsize size;
  gsize id_offset; /* of the session id of a DTLS hello */
} FloodHello;

/* `name`: NULL for none. */
void flood_hello_make (const char *name, FloodHello *ret);
void flood_hello_make_dtls (const guint8 id[SP_APP_ID_SIZE], FloodHello *ret);

G_END_DECLS
