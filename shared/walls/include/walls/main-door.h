/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/limits.h"
#include "walls/permit.h"

G_BEGIN_DECLS

/* Wall D: main and the door.  The door sees strangers first; what it passes on is an accepted
 * socket with a complete ClientHello waiting in it, the bytes of a verified DTLS hello, or those of
 * a record whose sender may be a client that moved. */

enum
{
  SP_MAIN_DOOR_MAIN = 0,
  SP_MAIN_DOOR_DOOR = 1
};

/* Phases:
 * STARTING   no limits told yet
 * OPEN       serving
 */
typedef enum
{
  SP_MAIN_DOOR_STARTING,
  SP_MAIN_DOOR_OPEN
} SpMainDoorPhase;

/* MINT_ID.mode: what a hello with this id has to be.  The id carries it under its tag. */
typedef enum
{
  SP_HELLO_PSK,                /* challenged */
  SP_HELLO_RESUMED,            /* to resume a session by its id; not challenged */
  SP_HELLO_RESUMED_CHALLENGED, /* the same, but challenged */
  SP_HELLO_RESUMED_0_9,        /* version 0x0100, from before the standard; not challenged */
  SP_HELLO_LAST = SP_HELLO_RESUMED_0_9
} SpHelloMode;

/* LISTENER.kind */
enum
{
  SP_LISTENER_TCP = 0,
  SP_LISTENER_UDP = 1
};

/* CONNECTION_ENDED.outcome: what the door learns about an address */
typedef enum
{
  SP_OUTCOME_LOGGED_IN,  /* this prefix belongs to somebody known */
  SP_OUTCOME_FAILED,     /* wrong password or cookie */
  SP_OUTCOME_UNFINISHED, /* never got as far as signing in */
  SP_OUTCOME_LAST = SP_OUTCOME_UNFINISHED
} SpOutcome;

/* SET_BAN.whom: who is not let in from a network; the more, the stricter */
typedef enum
{
  SP_BAN_NOBODY,
  SP_BAN_STRANGERS, /* not those that logged in from there lately */
  SP_BAN_EVERYBODY,
  SP_BAN_LAST = SP_BAN_EVERYBODY
} SpBanWhom;

/* DOOR_COUNTERS.values: what was turned away, by cause, since the door started */
typedef enum
{
  SP_DOOR_ADMITTED,
  SP_DOOR_NO_HELLO, /* no complete ClientHello in time */
  SP_DOOR_NOT_TLS,  /* the first bytes are not a ClientHello */
  SP_DOOR_PENALTY,  /* its prefix is under a penalty */
  SP_DOOR_RATE,     /* its prefix opens too many connections */
  SP_DOOR_CROWDED,  /* dropped early because the half-open slots fill up */
  SP_DOOR_HELLO_VERIFIED,
  SP_DOOR_HELLO_CHALLENGED, /* answered by a HelloVerifyRequest */
  SP_DOOR_HELLO_UNKNOWN,    /* id whose tag does not verify */
  SP_DOOR_HELLO_RATE,       /* known id, too many hellos */
  SP_DOOR_MALFORMED,        /* not a well-formed DTLS hello */
  SP_DOOR_STRAY,            /* record of no association we know */
  SP_DOOR_LINGERED,         /* datagram for an ended association */
  SP_DOOR_STRAY_OFFERED,    /* of the strays: told to main, perhaps of a client that moved */
  SP_DOOR_STRAY_RATE,       /* of the strays: like that, but too many */
  SP_DOOR_BANNED,           /* from a network that the owner blocked, or that was banned */
  SP_DOOR_COUNTERS_N
} SpDoorCounter;

/* OPEN_DOOR: limits, 0 = the built-in value; a piece of memory for the keys of its ids, empty for
 * the first door, which main never reads */
#define SP_OPEN_DOOR_FIELDS(S, NUMBER, FIXED, BYTES)                                               \
  NUMBER (S, guint32, half_open_max)                                                               \
  NUMBER (S, guint32, hello_milliseconds)

/* LISTENER: a bound socket (TCP: listening) */
#define SP_LISTENER_FIELDS(S, NUMBER, FIXED, BYTES)                                                \
  NUMBER (S, guint8, kind)                                                                         \
  FIXED (S, local_address, SP_ADDRESS_SIZE)                                                        \
  NUMBER (S, guint16, local_port)

/* CLIENT_ADMITTED: the ClientHello is complete and still unread in the socket */
#define SP_CLIENT_ADMITTED_FIELDS(S, NUMBER, FIXED, BYTES)                                         \
  FIXED (S, peer_address, SP_ADDRESS_SIZE)                                                         \
  NUMBER (S, guint16, peer_port)                                                                   \
  FIXED (S, local_address, SP_ADDRESS_SIZE)                                                        \
  NUMBER (S, guint16, local_port)

/* MINT_ID: an id for X-DTLS-App-ID or X-DTLS-Session-ID that leads back to this attachment, which
 * is below SP_ATTACHMENTS_MAX; SpHelloMode */
#define SP_ATTACHMENTS_MAX (G_GUINT64_CONSTANT (1) << 56)
#define SP_MINT_ID_FIELDS(S, NUMBER, FIXED, BYTES)                                                 \
  NUMBER (S, guint64, attachment)                                                                  \
  NUMBER (S, guint8, mode)

#define SP_ID_MINTED_FIELDS(S, NUMBER, FIXED, BYTES) FIXED (S, app_id, SP_APP_ID_SIZE)

/* HELLO_VERIFIED: the id's tag verifies and, where its mode asks for one, the cookie; prestate and
 * datagram go to the worker as they are.  Without a cookie the prestate is empty, and nobody has
 * shown that the peer receives at its address: see door/hello-budget.h for what such a hello can
 * do */
#define SP_HELLO_VERIFIED_FIELDS(S, NUMBER, FIXED, BYTES)                                          \
  NUMBER (S, guint64, attachment)                                                                  \
  FIXED (S, peer_address, SP_ADDRESS_SIZE)                                                         \
  NUMBER (S, guint16, peer_port)                                                                   \
  FIXED (S, local_address, SP_ADDRESS_SIZE)                                                        \
  NUMBER (S, guint16, local_port)                                                                  \
  FIXED (S, prestate, 12)                                                                          \
  BYTES (S, datagram, SP_FIRST_DATAGRAM_MAX)

/* STRAY_HEARD: one record of an unknown peer, which may be a client whose address changed. Nothing
 * about it is verified: it is offered to workers, whose keys know */
#define SP_STRAY_HEARD_FIELDS(S, NUMBER, FIXED, BYTES)                                             \
  FIXED (S, peer_address, SP_ADDRESS_SIZE)                                                         \
  NUMBER (S, guint16, peer_port)                                                                   \
  FIXED (S, local_address, SP_ADDRESS_SIZE)                                                        \
  NUMBER (S, guint16, local_port)                                                                  \
  BYTES (S, datagram, SP_FIRST_DATAGRAM_MAX)

/* LINGER: a connected UDP socket whose association ended: read, count and drop for SP_DRAIN_SECONDS
 */
#define SP_LINGER_FIELDS(S, NUMBER, FIXED, BYTES) NUMBER (S, guint64, attachment)

#define SP_CONNECTION_ENDED_FIELDS(S, NUMBER, FIXED, BYTES)                                        \
  FIXED (S, peer_address, SP_ADDRESS_SIZE)                                                         \
  NUMBER (S, guint8, outcome)

/* SET_BAN: a network, by the bits of its 16-byte form; from now on.  Another door knows of none. At
 * most SP_BANS_MAX hold at one time */
#define SP_SET_BAN_FIELDS(S, NUMBER, FIXED, BYTES)                                                 \
  FIXED (S, address, SP_ADDRESS_SIZE)                                                              \
  NUMBER (S, guint8, length)                                                                       \
  NUMBER (S, guint8, whom)

/* DOOR_COUNTERS: little-endian u64 each, in the order of SpDoorCounter; at most once a second, only
 * when changed */
#define SP_DOOR_COUNTERS_FIELDS(S, NUMBER, FIXED, BYTES) FIXED (S, values, (SP_DOOR_COUNTERS_N * 8))

#define SP_MAIN_DOOR_FROM(side) SP_MAIN_DOOR_##side
#define SP_MAIN_DOOR_IN(phase)  SP_PHASE (SP_MAIN_DOOR_##phase)

/* clang-format off */
#define SP_MAIN_DOOR_MESSAGES(MESSAGE, FROM, IN) \
  /*       message           struct             sender       in phases      times         fds answers */ \
  MESSAGE (OPEN_DOOR,        SpOpenDoor,        FROM (MAIN), IN (STARTING), 1,            1,  NOTHING) \
  MESSAGE (LISTENER,         SpListener,        FROM (MAIN), IN (OPEN),     16,           1,  NOTHING) \
  MESSAGE (CLIENT_ADMITTED,  SpClientAdmitted,  FROM (DOOR), IN (OPEN),     SP_TIMES_ANY, 1,  NOTHING) \
  MESSAGE (MINT_ID,          SpMintId,          FROM (MAIN), IN (OPEN),     SP_TIMES_ANY, 0,  NOTHING) \
  MESSAGE (ID_MINTED,        SpIdMinted,        FROM (DOOR), IN (OPEN),     SP_TIMES_ANY, 0,  MINT_ID) \
  MESSAGE (HELLO_VERIFIED,   SpHelloVerified,   FROM (DOOR), IN (OPEN),     SP_TIMES_ANY, 0,  NOTHING) \
  MESSAGE (STRAY_HEARD,      SpStrayHeard,      FROM (DOOR), IN (OPEN),     SP_TIMES_ANY, 0,  NOTHING) \
  MESSAGE (LINGER,           SpLinger,          FROM (MAIN), IN (OPEN),     SP_TIMES_ANY, 1,  NOTHING) \
  MESSAGE (CONNECTION_ENDED, SpConnectionEnded, FROM (MAIN), IN (OPEN),     SP_TIMES_ANY, 0,  NOTHING) \
  MESSAGE (DOOR_COUNTERS,    SpDoorCounters,    FROM (DOOR), IN (OPEN),     SP_TIMES_ANY, 0,  NOTHING) \
  MESSAGE (SET_BAN,          SpSetBan,          FROM (MAIN), IN (OPEN),     SP_TIMES_ANY, 0,  NOTHING)
/* clang-format on */

enum
{
  SP_MAIN_DOOR_NO_MESSAGE = 0,
  SP_MAIN_DOOR_MESSAGES (SP_ENUM_MESSAGE, SP_MAIN_DOOR_FROM, SP_MAIN_DOOR_IN)
};

SP_MAIN_DOOR_MESSAGES (SP_STRUCT_MESSAGE, SP_MAIN_DOOR_FROM, SP_MAIN_DOOR_IN)

extern const SpWall sp_wall_main_door;

G_END_DECLS
