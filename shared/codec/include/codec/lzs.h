/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* LZS (RFC 1974 2.5.5, "Stac"): literals of 9 bits, and matches of at least 2 bytes that began at
 * most 2047 bytes before.  Each packet stands alone: nothing is remembered from one to the next. */

#define SP_LZS_WINDOW     2048
#define SP_LZS_HEADS      4096
#define SP_LZS_INPUT_MAX  65534 /* positions are held in 16 bits */
#define SP_LZS_OUTPUT_MIN 2     /* the end marker alone */

/* What encoding needs besides its input.  It has nothing to be set up, and its contents do not
 * matter between two calls. */
typedef struct
{
  guint16 heads[SP_LZS_HEADS];     /* by pair of bytes: where it was last, plus 1 */
  guint16 previous[SP_LZS_WINDOW]; /* by position: where its pair was before that, plus 1 */
} SpLzsTable;

/* Returns how many bytes were written; 0 if `room` is too small, or `size` above SP_LZS_INPUT_MAX.
 * The same input always gives the same output. */
gsize sp_lzs_encode (
    SpLzsTable *table, const guint8 *bytes, gsize size, guint8 *ret_bytes, gsize room);

/* FALSE if the bytes are not LZS, lack their end, or make more than `room` bytes.  Takes time for
 * the input and for `room`, never more.  What follows the end is ignored. */
gboolean sp_lzs_decode (
    const guint8 *bytes, gsize size, guint8 *ret_bytes, gsize room, gsize *ret_size);

G_END_DECLS
