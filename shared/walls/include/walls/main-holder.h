/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/endpoint.h"
#include "base/limits.h"
#include "walls/main-worker.h"
#include "walls/permit.h"

G_BEGIN_DECLS

/* Wall I: main and the holder, its parent, which keeps what has to outlive main: descriptors, and
 * beside them what main knew of them.  When main has died, or ended for another one, the holder
 * starts it anew and hands everything over.  All of it are main's own words: nothing here comes
 * from a room. */

#define SP_HOLDER_CHANNELS_MAX  4    /* of one session */
#define SP_HOLDER_LISTENERS_MAX 96   /* also while others take the place of all */
#define SP_HOLDER_DEVICE_MAX    15   /* bytes of a network device's name */
#define SP_HOLDER_AGAIN         75   /* exit status of a main that wants to be started again */
#define SP_HOLDER_RENEW         76   /* that of one whose holder knows another wall than it */
#define SP_HOLDER_SOCKETS_MAX   1024 /* of a service manager; the wall is behind them */
/* The option with which main only puts the network back, if nobody works on the state folder */
#define SP_UNDO_NETWORK_OPTION "undo-network"

enum
{
  SP_MAIN_HOLDER_MAIN = 0,
  SP_MAIN_HOLDER_HOLDER = 1
};

/* Phases:
 * HANDING    the holder hands over what it has; main listens
 * KEEPING    main says what to keep
 */
typedef enum
{
  SP_MAIN_HOLDER_HANDING,
  SP_MAIN_HOLDER_KEEPING
} SpMainHolderPhase;

/* KEEP_LOCK: that of the state folder, from a main's first moment on; kept until the holder ends */
#define SP_KEEP_LOCK_FIELDS(S, NUMBER, FIXED, BYTES) NUMBER (S, guint8, reserved)

/* SERVING: whoever calls main is heard */
#define SP_SERVING_FIELDS(S, NUMBER, FIXED, BYTES) NUMBER (S, guint8, reserved)

/* KEEP_SERVER: the server is on, since then (µs since the epoch); what it changed in the network
 * stands in its journal */
#define SP_KEEP_SERVER_FIELDS(S, NUMBER, FIXED, BYTES) NUMBER (S, guint64, started_at)

/* KEEP_DOOR_KEYS: the door's memory file */
#define SP_KEEP_DOOR_KEYS_FIELDS(S, NUMBER, FIXED, BYTES) NUMBER (S, guint8, reserved)

/* KEEP_LISTENER: one of the server's sockets; kind as in main-door.h; device: the only one that it
 * listens on, empty: all */
#define SP_KEEP_LISTENER_FIELDS(S, NUMBER, FIXED, BYTES)                                           \
  NUMBER (S, guint8, kind)                                                                         \
  FIXED (S, address, SP_ADDRESS_SIZE)                                                              \
  NUMBER (S, guint16, port)                                                                        \
  BYTES (S, device, SP_HOLDER_DEVICE_MAX)

/* LET_LISTENER_GO: the one that was kept with these words; nothing that is not kept is fine */
#define SP_LET_LISTENER_GO_FIELDS(S, NUMBER, FIXED, BYTES)                                         \
  SP_KEEP_LISTENER_FIELDS (S, NUMBER, FIXED, BYTES)

/* KEEP_SESSION: a worker that has a session's tunnel, and what main knows of both.  Descriptors:
 * main's end of wall A, the pidfd, the client's connection, the queue of the TUN.  `place`: the
 * order in which sessions were made.  Times are monotonic microseconds, but for signed_in and
 * connected_at (µs since the epoch); over_at: when the worker must have ended, G_MAXINT64 = never.
 * The numbers of the client's request are those of TUNNEL_REQUESTED */
#define SP_KEEP_SESSION_FIELDS(S, NUMBER, FIXED, BYTES)                                            \
  NUMBER (S, guint64, worker)                                                                      \
  NUMBER (S, guint64, place)                                                                       \
  NUMBER (S, guint64, turn)                                                                        \
  NUMBER (S, guint64, attachment)                                                                  \
  NUMBER (S, guint8, dtls_mode)                                                                    \
  NUMBER (S, guint32, pid)                                                                         \
  FIXED (S, session, SP_ID_SIZE)                                                                   \
  FIXED (S, user, SP_ID_SIZE)                                                                      \
  FIXED (S, device, SP_ID_SIZE)                                                                    \
  FIXED (S, ipv4, SP_ADDRESS_SIZE)                                                                 \
  FIXED (S, ipv6, SP_ADDRESS_SIZE)                                                                 \
  FIXED (S, peer_address, SP_ADDRESS_SIZE)                                                         \
  NUMBER (S, guint16, peer_port)                                                                   \
  FIXED (S, local_address, SP_ADDRESS_SIZE)                                                        \
  NUMBER (S, guint16, local_port)                                                                  \
  NUMBER (S, guint8, is_forwarded)                                                                 \
  NUMBER (S, guint64, adopted_at)                                                                  \
  NUMBER (S, guint64, signed_in)                                                                   \
  FIXED (S, signed_in_from, SP_ADDRESS_SIZE)                                                       \
  NUMBER (S, guint32, base_mtu)                                                                    \
  NUMBER (S, guint32, cstp_mtu)                                                                    \
  NUMBER (S, guint32, path_mtu)                                                                    \
  NUMBER (S, guint8, flags)                                                                        \
  NUMBER (S, guint32, mtu)                                                                         \
  NUMBER (S, guint8, transport)                                                                    \
  NUMBER (S, guint64, connected_at)                                                                \
  NUMBER (S, guint32, roams)                                                                       \
  NUMBER (S, guint32, current_channel)                                                             \
  NUMBER (S, guint32, last_channel)                                                                \
  NUMBER (S, guint32, last_stray)                                                                  \
  NUMBER (S, guint64, used_at)                                                                     \
  NUMBER (S, guint64, over_at)                                                                     \
  NUMBER (S, guint64, allowance)                                                                   \
  NUMBER (S, guint64, counted_before)                                                              \
  NUMBER (S, guint64, carried_before)                                                              \
  BYTES (S, group, SP_GROUP_NAME_MAX)                                                              \
  BYTES (S, hostname, SP_HOSTNAME_MAX)                                                             \
  BYTES (S, user_agent, SP_USER_AGENT_MAX)                                                         \
  BYTES (S, tls_cipher, SP_CIPHER_MAX)                                                             \
  BYTES (S, cipher, SP_CIPHER_MAX)                                                                 \
  BYTES (S, remote, SP_ENDPOINT_TEXT_MAX)

/* CHANGE_SESSION: the same of a worker that is kept */
#define SP_CHANGE_SESSION_FIELDS(S, NUMBER, FIXED, BYTES)                                          \
  SP_KEEP_SESSION_FIELDS (S, NUMBER, FIXED, BYTES)

/* KEEP_CHANNEL: a datagram socket that was lent to a worker that is kept, under this number */
#define SP_KEEP_CHANNEL_FIELDS(S, NUMBER, FIXED, BYTES)                                            \
  NUMBER (S, guint64, worker)                                                                      \
  NUMBER (S, guint32, number)                                                                      \
  FIXED (S, peer_address, SP_ADDRESS_SIZE)                                                         \
  NUMBER (S, guint16, peer_port)                                                                   \
  NUMBER (S, guint8, on_trial)

/* LET_CHANNEL_GO, LET_SESSION_GO: nothing that is not kept is fine */
#define SP_LET_CHANNEL_GO_FIELDS(S, NUMBER, FIXED, BYTES)                                          \
  NUMBER (S, guint64, worker)                                                                      \
  NUMBER (S, guint32, number)
#define SP_LET_SESSION_GO_FIELDS(S, NUMBER, FIXED, BYTES) NUMBER (S, guint64, worker)

/* LET_ALL_GO: the server goes off; the lock stays */
#define SP_LET_ALL_GO_FIELDS(S, NUMBER, FIXED, BYTES) NUMBER (S, guint8, reserved)

/* What was kept, to the next main: as it was said */
#define SP_LOCK_KEPT_FIELDS(S, NUMBER, FIXED, BYTES) SP_KEEP_LOCK_FIELDS (S, NUMBER, FIXED, BYTES)
#define SP_SERVER_KEPT_FIELDS(S, NUMBER, FIXED, BYTES)                                             \
  SP_KEEP_SERVER_FIELDS (S, NUMBER, FIXED, BYTES)
#define SP_DOOR_KEYS_KEPT_FIELDS(S, NUMBER, FIXED, BYTES)                                          \
  SP_KEEP_DOOR_KEYS_FIELDS (S, NUMBER, FIXED, BYTES)
#define SP_LISTENER_KEPT_FIELDS(S, NUMBER, FIXED, BYTES)                                           \
  SP_KEEP_LISTENER_FIELDS (S, NUMBER, FIXED, BYTES)
#define SP_SESSION_KEPT_FIELDS(S, NUMBER, FIXED, BYTES)                                            \
  SP_KEEP_SESSION_FIELDS (S, NUMBER, FIXED, BYTES)
#define SP_CHANNEL_KEPT_FIELDS(S, NUMBER, FIXED, BYTES)                                            \
  SP_KEEP_CHANNEL_FIELDS (S, NUMBER, FIXED, BYTES)

/* ALL_KEPT: that was all */
#define SP_ALL_KEPT_FIELDS(S, NUMBER, FIXED, BYTES) NUMBER (S, guint8, reserved)

#define SP_MAIN_HOLDER_FROM(side) SP_MAIN_HOLDER_##side
#define SP_MAIN_HOLDER_IN(phase)  SP_PHASE (SP_MAIN_HOLDER_##phase)

/* clang-format off */
#define SP_MAIN_HOLDER_MESSAGES(MESSAGE, FROM, IN) \
  /*       message         struct           sender         in phases     times         fds answers */ \
  MESSAGE (KEEP_SERVER,    SpKeepServer,    FROM (MAIN),   IN (KEEPING), SP_TIMES_ANY, 0,  NOTHING) \
  MESSAGE (KEEP_DOOR_KEYS, SpKeepDoorKeys,  FROM (MAIN),   IN (KEEPING), SP_TIMES_ANY, 1,  NOTHING) \
  MESSAGE (KEEP_LISTENER,  SpKeepListener,  FROM (MAIN),   IN (KEEPING), SP_TIMES_ANY, 1,  NOTHING) \
  MESSAGE (KEEP_SESSION,   SpKeepSession,   FROM (MAIN),   IN (KEEPING), SP_TIMES_ANY, 4,  NOTHING) \
  MESSAGE (CHANGE_SESSION, SpChangeSession, FROM (MAIN),   IN (KEEPING), SP_TIMES_ANY, 0,  NOTHING) \
  MESSAGE (KEEP_CHANNEL,   SpKeepChannel,   FROM (MAIN),   IN (KEEPING), SP_TIMES_ANY, 1,  NOTHING) \
  MESSAGE (LET_CHANNEL_GO, SpLetChannelGo,  FROM (MAIN),   IN (KEEPING), SP_TIMES_ANY, 0,  NOTHING) \
  MESSAGE (LET_SESSION_GO, SpLetSessionGo,  FROM (MAIN),   IN (KEEPING), SP_TIMES_ANY, 0,  NOTHING) \
  MESSAGE (LET_ALL_GO,     SpLetAllGo,      FROM (MAIN),   IN (KEEPING), SP_TIMES_ANY, 0,  NOTHING) \
  MESSAGE (KEEP_LOCK,      SpKeepLock,      FROM (MAIN),   IN (KEEPING), SP_TIMES_ANY, 1,  NOTHING) \
  MESSAGE (LET_LISTENER_GO, SpLetListenerGo, FROM (MAIN),  IN (KEEPING), SP_TIMES_ANY, 0,  NOTHING) \
  MESSAGE (SERVING,        SpServing,       FROM (MAIN),   IN (KEEPING), 1,            0,  NOTHING) \
  MESSAGE (SERVER_KEPT,    SpServerKept,    FROM (HOLDER), IN (HANDING), 1,            0,  NOTHING) \
  MESSAGE (DOOR_KEYS_KEPT, SpDoorKeysKept,  FROM (HOLDER), IN (HANDING), 1,            1,  NOTHING) \
  MESSAGE (LISTENER_KEPT,  SpListenerKept,  FROM (HOLDER), IN (HANDING), SP_TIMES_ANY, 1,  NOTHING) \
  MESSAGE (SESSION_KEPT,   SpSessionKept,   FROM (HOLDER), IN (HANDING), SP_TIMES_ANY, 4,  NOTHING) \
  MESSAGE (CHANNEL_KEPT,   SpChannelKept,   FROM (HOLDER), IN (HANDING), SP_TIMES_ANY, 1,  NOTHING) \
  MESSAGE (LOCK_KEPT,      SpLockKept,      FROM (HOLDER), IN (HANDING), 1,            1,  NOTHING) \
  MESSAGE (ALL_KEPT,       SpAllKept,       FROM (HOLDER), IN (HANDING), 1,            0,  NOTHING)
/* clang-format on */

/* KEEP_SESSION's and SESSION_KEPT's descriptors */
enum
{
  SP_KEPT_WALL,
  SP_KEPT_PROCESS,
  SP_KEPT_STREAM,
  SP_KEPT_TUN,
  SP_KEPT_DESCRIPTORS
};

enum
{
  SP_MAIN_HOLDER_NO_MESSAGE = 0,
  SP_MAIN_HOLDER_MESSAGES (SP_ENUM_MESSAGE, SP_MAIN_HOLDER_FROM, SP_MAIN_HOLDER_IN)
};

SP_MAIN_HOLDER_MESSAGES (SP_STRUCT_MESSAGE, SP_MAIN_HOLDER_FROM, SP_MAIN_HOLDER_IN)

extern const SpWall sp_wall_main_holder;

/* A number of this table with all its fields: a holder that has run since before an upgrade meets a
 * main of after it, and each has to know whether they speak of the same.  The holder says it in
 * SP_HOLDER_VARIABLE, behind the wall's descriptor: "DESCRIPTOR:NUMBER", the number in hex. */
guint32 sp_main_holder_fingerprint (void);

G_END_DECLS
