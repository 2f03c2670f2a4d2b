/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "remote/bridge-frame.h"
#include "remote/bus-message.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* One message and what came with it. */
typedef struct
{
  GByteArray *bytes;
  SpBusMessage head; /* of these bytes */
  int fds[SP_BRIDGE_DESCRIPTORS_MAX];
  guint n_fds;
  gboolean is_short; /* of descriptors: there were more than that, or fewer than it says */
} SpBusParcel;

/* Takes the bytes of a whole message; NULL: it is malformed. */
SpBusParcel *sp_bus_parcel_new (GByteArray *bytes);
void sp_bus_parcel_free (SpBusParcel *parcel);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpBusParcel, sp_bus_parcel_free)

/* Where messages come from and go to: a socket, which carries descriptors, or two pipes, which do
 * not.  Nothing here waits. */
typedef struct
{
  int in;
  int out; /* may be the same */
  gboolean is_socket;
  GByteArray *heard;  /* not given out yet */
  gsize used;         /* of that */
  GArray *fds;        /* of int, likewise */
  GQueue leaving;     /* of SpBusParcel */
  gsize leaving_size; /* bytes */
  gsize sent;         /* of the first one */
} SpBusSocket;

/* Does not own the descriptors. */
SpBusSocket *sp_bus_socket_new (int in, int out);
void sp_bus_socket_free (SpBusSocket *socket);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpBusSocket, sp_bus_socket_free)

/* Bytes that were read before. */
void sp_bus_socket_feed (SpBusSocket *socket, const guint8 *bytes, gsize size);
/* What there is now.  FALSE without an error: it ended. */
gboolean sp_bus_socket_receive (SpBusSocket *socket, GError **error);
/* The next whole message, or NULL; with an error when what comes is none. */
SpBusParcel *sp_bus_socket_take (SpBusSocket *socket, GError **error);
/* Takes the parcel; it leaves with flushing. */
void sp_bus_socket_put (SpBusSocket *socket, SpBusParcel *parcel);
gboolean sp_bus_socket_flush (SpBusSocket *socket, GError **error);

G_END_DECLS
