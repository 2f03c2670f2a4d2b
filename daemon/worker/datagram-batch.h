/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Datagrams of a connected UDP socket, many a system call. */

/* --- Out: filled record by record, written at once.  Runs of one size go as one UDP GSO send. */

#define SP_OUTBOX_MAX 256 /* a turn's packets, unless they are tiny */

typedef struct
{
  guint8 *memory;
  gsize used;
  guint n_datagrams;
  guint next; /* the first that is not sent yet */
  guint16 sizes[SP_OUTBOX_MAX];
  gsize sent_bytes;     /* in `memory`, before the next one */
  gboolean without_gso; /* the path does not do it */
} SpOutbox;

typedef enum
{
  SP_OUTBOX_EMPTY,   /* all is sent or given up */
  SP_OUTBOX_WAITING, /* the socket is full: call again when it is writable */
  SP_OUTBOX_TOO_BIG  /* likewise empty, but a datagram exceeded the path's MTU */
} SpOutboxResult;

void sp_outbox_init (SpOutbox *outbox);
void sp_outbox_clear (SpOutbox *outbox);
void sp_outbox_rest (SpOutbox *outbox);
/* Whether one more of any size fits. */
gboolean sp_outbox_has_room (const SpOutbox *outbox);
gboolean sp_outbox_is_empty (const SpOutbox *outbox);
/* FALSE if it does not fit. */
gboolean sp_outbox_add (SpOutbox *outbox, gconstpointer bytes, gsize size);
/* Makes the last one longer, if it is not sent and becomes no longer than `most`; FALSE if not. */
gboolean sp_outbox_extend (SpOutbox *outbox, gconstpointer bytes, gsize size, gsize most);
/* Where to write one more of up to `size` bytes, which is queued by _added with what it became;
 * NULL if it does not fit. */
guint8 *sp_outbox_reserve (SpOutbox *outbox, gsize size);
void sp_outbox_added (SpOutbox *outbox, gsize size);
/* `ret_dropped` counts what the socket refused for good. */
SpOutboxResult sp_outbox_flush (SpOutbox *outbox, int fd, guint32 *ret_dropped);

/* --- In: one system call's harvest, taken out one datagram at a time, also where the kernel has
 * joined several (UDP GRO). */

#define SP_INBOX_READS     16
#define SP_INBOX_READ_SIZE 65536

typedef struct
{
  guint8 *memory; /* SP_INBOX_READS pieces of SP_INBOX_READ_SIZE */
  guint n_reads;
  guint read;                   /* the one that is being taken apart */
  gsize offset;                 /* in it */
  gsize sizes[SP_INBOX_READS];  /* 0 for an empty datagram */
  gsize pieces[SP_INBOX_READS]; /* size of each datagram in it, the last may be shorter */
} SpInbox;

void sp_inbox_init (SpInbox *inbox);
void sp_inbox_clear (SpInbox *inbox);
void sp_inbox_rest (SpInbox *inbox);
/* Empties and refills; FALSE if nothing was there. */
gboolean sp_inbox_fill (SpInbox *inbox, int fd);
/* Whether the last fill took as much as one can: there may be more. */
gboolean sp_inbox_was_full (const SpInbox *inbox);
/* Bytes of the last fill. */
gsize sp_inbox_get_size (const SpInbox *inbox);
/* FALSE when there is none left.  Empty datagrams are given, too.  Valid until the next fill. */
gboolean sp_inbox_take (SpInbox *inbox, const guint8 **ret_bytes, gsize *ret_size);

G_END_DECLS
