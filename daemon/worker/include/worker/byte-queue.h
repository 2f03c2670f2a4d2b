/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A first-in first-out buffer of fixed capacity in one piece of memory.  Pages that were never
 * reached cost nothing. */
typedef struct
{
  guint8 *bytes;
  gsize capacity;
  gsize start;
  gsize end;
} SpByteQueue;

void sp_byte_queue_init (SpByteQueue *queue, gsize capacity);
void sp_byte_queue_clear (SpByteQueue *queue); /* frees; the kernel zeroes the pages */

static inline gsize
sp_byte_queue_length (const SpByteQueue *queue)
{
  return queue->end - queue->start;
}

static inline gsize
sp_byte_queue_room (const SpByteQueue *queue)
{
  return queue->capacity - sp_byte_queue_length (queue);
}

/* FALSE and nothing done unless all of it fits. */
gboolean sp_byte_queue_append (SpByteQueue *queue, gconstpointer bytes, gsize size);

/* Where to write at least `size` bytes that are then counted by _added; NULL if there is no room.
 * Valid until the next call that changes the queue. */
guint8 *sp_byte_queue_reserve (SpByteQueue *queue, gsize size);
void sp_byte_queue_added (SpByteQueue *queue, gsize size);

/* The oldest bytes, all that there are; valid until the next call that changes the queue. */
static inline const guint8 *
sp_byte_queue_peek (const SpByteQueue *queue)
{
  return queue->bytes + queue->start;
}

void sp_byte_queue_drop (SpByteQueue *queue, gsize size);
/* Copies out up to `size` bytes and returns how many. */
gsize sp_byte_queue_take (SpByteQueue *queue, gpointer memory, gsize size);

/* Gives the pages of an empty queue back to the system. */
void sp_byte_queue_rest (SpByteQueue *queue);

G_END_DECLS
