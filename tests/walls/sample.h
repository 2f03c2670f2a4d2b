/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "walls/permit.h"

G_BEGIN_DECLS

/* Messages made from the walls' tables, so that no test has to know a message. */

extern const SpWall *const sp_sample_walls[];
extern const guint sp_sample_walls_n;

typedef enum
{
  SP_SAMPLE_EMPTY, /* all zero, nothing in the byte strings */
  SP_SAMPLE_FULL,  /* all ones, byte strings as long as they may be */
  SP_SAMPLE_RANDOM
} SpSampleFill;

/* A struct of that shape, freed by g_free.  `random` may be NULL unless the fill is RANDOM. */
gpointer sp_sample_message (const SpMessageShape *shape, SpSampleFill fill, GRand *random);
/* Field by field, so that padding does not matter. */
gboolean sp_sample_equal (const SpMessageShape *shape, gconstpointer a, gconstpointer b);
/* Into SP_MESSAGE_MAX bytes. */
gsize sp_sample_encode (const SpMessageRule *rule,
                        guint32 serial,
                        gconstpointer message,
                        guint8 *bytes);

G_END_DECLS
