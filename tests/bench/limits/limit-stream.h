/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>
#include <gnutls/gnutls.h>

G_BEGIN_DECLS

/* A TLS session over a socket, with as few system calls as can be: it reads as much as there is,
 * and what is sent goes when it is flushed, or before anybody waits for an answer to it. */

#define LIMIT_STREAM_IN  (256 * 1024)
#define LIMIT_STREAM_OUT (256 * 1024)

typedef struct
{
  gnutls_session_t session;
  int fd;
  gboolean waits;    /* for bytes, when there are none */
  gboolean may_read; /* once more, if it does not wait */
  gsize in_at, in_size, out_size;
  guint8 *in, *out;
} LimitStream;

/* Takes the session; the socket stays the caller's.  It waits at first. */
LimitStream *limit_stream_new (gnutls_session_t session, int fd);
void limit_stream_free (LimitStream *self);
/* One record. */
void limit_stream_send (LimitStream *self, gconstpointer bytes, gsize size);
void limit_stream_flush (LimitStream *self);

G_END_DECLS
