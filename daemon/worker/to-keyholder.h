/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "walls/worker-keyholder.h"

G_BEGIN_DECLS

/* A worker's end of wall B. */
typedef struct
{
  int fd;
  SpPermit permit;
  gboolean broken;
} SpKeyholderWall;

void sp_keyholder_wall_init (SpKeyholderWall *wall, int fd); /* takes `fd` */
void sp_keyholder_wall_clear (SpKeyholderWall *wall);

/* Asks; the answer is dispatched when it comes. */
gboolean sp_keyholder_wall_ask (SpKeyholderWall *wall,
                                guint8 type,
                                gconstpointer question,
                                GError **error);

/* The one awaited answer of the house: GnuTLS asks for signatures by a call that must return with
 * it.  Waits for the answer to this very question, SP_SIGNATURE_SECONDS at most; everything else on
 * this wall ends it meanwhile.  `ret_signature` is allocated; empty = refused. */
#define SP_SIGNATURE_SECONDS 5
gboolean sp_keyholder_wall_await_signature (SpKeyholderWall *wall,
                                            guint8 type,
                                            gconstpointer question,
                                            guint8 ret_signature[SP_SIGNATURE_MAX],
                                            gsize *ret_size,
                                            GError **error);

G_END_DECLS
