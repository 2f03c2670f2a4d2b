/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "server.h"

G_BEGIN_DECLS

/* What the owner disconnects, and perhaps keeps out from then on.  Everything of one order is
 * undone by one token while its window is open: the sessions go on as if nothing had been. */

#define SP_DISCONNECT_WINDOW_MAX 60 /* seconds */

typedef enum
{
  SP_BLOCK_NOTHING,
  SP_BLOCK_DEVICE,  /* that the session's person signed in with */
  SP_BLOCK_USER,    /* paused until then; without an end: disabled */
  SP_BLOCK_ADDRESS, /* a ban of where the client is */
  SP_BLOCK_LAST = SP_BLOCK_ADDRESS
} SpBlock;

const char *sp_block_to_string (SpBlock block);
/* FALSE for a word that is none. */
gboolean sp_block_from_string (const char *text, SpBlock *ret_block);

typedef struct
{
  SpSession *session; /* NULL: all of them, and nothing is blocked */
  SpBlock block;
  gint64 until;       /* µs since the epoch; 0: until it is lifted */
  const char *reason; /* what clients are told */
  guint window;       /* seconds in which it can be undone */
} SpDisconnectOrder;

SpDisconnections *sp_disconnections_new (SpServer *server); /* borrowed */
void sp_disconnections_free (SpDisconnections *self);

/* Ends the session, and with it all others of what is blocked.  Blocked at once, and stored; told
 * to clients at the end of the window.  The token is "" without a window.  Errors: SP_ERROR_BUSY
 * (it is being ended already), SP_ERROR_NOT_FOUND (it has no device, or nobody knows from where it
 * comes), and those of the block. */
void sp_server_disconnect_async (SpServer *server,
                                 const SpDisconnectOrder *order,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);
char *sp_server_disconnect_finish (SpServer *server, GAsyncResult *result, GError **error);

/* Errors: SP_ERROR_NOT_FOUND (it is too late), and those of lifting the block; then the window is
 * over. */
void sp_server_undo_disconnect_async (SpServer *server,
                                      const char *token,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data);
gboolean sp_server_undo_disconnect_finish (SpServer *server, GAsyncResult *result, GError **error);

G_END_DECLS
