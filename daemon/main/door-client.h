/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/endpoint.h"
#include "walls/main-door.h"

#include <glib.h>

G_BEGIN_DECLS

/* The door as main sees it: running while the server is on, started again when it dies. */
typedef struct _SpDoorClient SpDoorClient;

typedef struct
{
  /* Another door begins, which knows nobody: tell it who is known. */
  void (*opened) (gpointer user_data);
  /* `fd` may be taken by sp_fd_steal.  `proxy`: the other end of the socket, where the client is
   * not; NULL: nobody is between. */
  void (*client_admitted) (gpointer user_data,
                           const SpEndpoint *peer,
                           const SpEndpoint *proxy,
                           const SpEndpoint *local,
                           int *fd);
  void (*hello_verified) (gpointer user_data, const SpHelloVerified *hello);
  void (*stray_heard) (gpointer user_data, const SpStrayHeard *stray);
  void (*network_refused) (gpointer user_data, const SpNetworkRefused *refused);
  void (*under_attack) (gpointer user_data, const SpUnderAttack *attack);
  /* Somebody here asks for metrics: sp_door_client_tell_metrics. */
  void (*metrics_wanted) (gpointer user_data);
  /* The door is gone, or stopped. */
  void (*closed) (gpointer user_data);
} SpDoorEvents;

/* `app_id` is NULL when the door went away before it answered. */
typedef void (*SpIdMintedFunc) (gpointer user_data, const guint8 *app_id);

typedef struct
{
  guint8 kind; /* SP_LISTENER_TCP, _UDP or _METRICS */
  SpEndpoint local;
  int fd;
  char device[SP_INTERFACE_NAME_MAX + 1]; /* what comes by another is not heard; "": by any */
  gboolean is_handed;                     /* whoever started the daemon opened it */
  guint64 retired_at;                     /* 0, or the last attachment that may need it */
} SpDoorListener;

typedef struct
{
  guint32 half_open_max;
  guint32 hello_milliseconds;
} SpDoorLimits;

SpDoorClient *sp_door_client_new (const char *libexec_folder,
                                  const SpDoorEvents *events,
                                  gpointer user_data);
void sp_door_client_free (SpDoorClient *self);

/* Borrows the listeners until stop, or until there are others: main keeps them open, so that
 * another door finds them. */
gboolean sp_door_client_start (SpDoorClient *self,
                               const SpDoorLimits *limits,
                               const SpDoorListener *listeners,
                               guint n_listeners,
                               GError **error);
/* Another door takes the place of one with other limits, as if that had died; who has not said
 * hello yet has to come again. */
void sp_door_client_set_limits (SpDoorClient *self, const SpDoorLimits *limits);
/* Other listeners, and so another door, likewise. */
void sp_door_client_set_listeners (SpDoorClient *self,
                                   const SpDoorListener *listeners,
                                   guint n_listeners);
void sp_door_client_stop (SpDoorClient *self);
/* Before the start: the memory for the keys of an earlier main's door, so that ids of then stay
 * good; taken. */
void sp_door_client_set_keys (SpDoorClient *self, int keys);
/* While it is started; lent. */
int sp_door_client_get_keys (SpDoorClient *self);

/* Answered once, perhaps before this returns (with NULL) when there is no door. */
void sp_door_client_mint_id (SpDoorClient *self,
                             guint64 attachment,
                             SpHelloMode mode,
                             SpIdMintedFunc minted,
                             gpointer user_data);
/* The answer for `user_data` is not wanted any more. */
void sp_door_client_cancel_mint (SpDoorClient *self, gpointer user_data);

/* From now on; where there is no door, another is told when it begins. */
void sp_door_client_set_ban (SpDoorClient *self, const SpNetwork *network, SpBanWhom whom);
/* Hellos with this attachment's id are old from here on. */
void sp_door_client_end_attachment (SpDoorClient *self, guint64 attachment);
void sp_door_client_set_name_gate (SpDoorClient *self, const SpSetNameGate *gate);
/* `name`: under which an authority may look for us, in lower case; empty: none does. */
void sp_door_client_set_validation (SpDoorClient *self, const char *name);
/* What an authority is answered over HTTP, at the listeners that are added after it, which are
 * lent; an empty token: nothing, and the listeners are gone. */
void sp_door_client_answer_validation (SpDoorClient *self, const char *token, const char *text);
void sp_door_client_add_validation_listener (SpDoorClient *self, int fd);
void sp_door_client_set_labels (SpDoorClient *self, const SpSetLabels *labels);
void sp_door_client_set_proxies (SpDoorClient *self, const SpNetwork *networks, guint n_networks);
/* Lends the socket of an ended association. */
void sp_door_client_linger (SpDoorClient *self, guint64 attachment, int fd);
void sp_door_client_connection_ended (SpDoorClient *self,
                                      const guint8 *peer_address,
                                      SpOutcome outcome);
/* `text`: at most SP_METRICS_TEXT_MAX bytes of it are told. */
void sp_door_client_tell_metrics (SpDoorClient *self, const char *text);
/* How many doors died since the daemon began. */
guint sp_door_client_get_deaths (SpDoorClient *self);
/* Since the server was turned on, doors that died included. */
guint64 sp_door_client_get_counter (SpDoorClient *self, SpDoorCounter counter);

G_END_DECLS
