/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/acme-limits.h"
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
  SP_LISTENER_UDP = 1,
  SP_LISTENER_METRICS = 2 /* TCP, for programs of this computer */
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

/* SET_NAME_GATE.mode: which server name a stranger's ClientHello has to have.  Who logged in lately
 * is no stranger */
typedef enum
{
  SP_GATE_OFF,   /* any, or none; but those with a name that is ours go first when there are many */
  SP_GATE_NAME,  /* one of ours */
  SP_GATE_LABEL, /* the label of a device, under our own name */
  SP_GATE_LAST = SP_GATE_LABEL
} SpGateMode;

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
  SP_DOOR_NAMELESS,         /* names no server, or one that the gate does not let pass */
  SP_DOOR_LABEL,            /* names a label that no device has */
  SP_DOOR_COUNTERS_N
} SpDoorCounter;

/* OPEN_DOOR: limits, 0 = the built-in value; a piece of memory for the keys of its ids, empty for
 * the first door, which main never reads */
#define SP_OPEN_DOOR_FIELDS(S, NUMBER, FIXED, BYTES)                                               \
  NUMBER (S, guint32, half_open_max)                                                               \
  NUMBER (S, guint32, hello_milliseconds)

/* LISTENER: a bound socket (TCP: listening).  Those for datagrams, of a place where the server was
 * before, may be there for who began then: they are retired */
#define SP_RETIRED_LISTENERS_MAX 8
#define SP_DOOR_SOCKETS_MAX      (SP_LISTENERS_MAX + SP_METRICS_LISTENERS_MAX + SP_RETIRED_LISTENERS_MAX)
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

/* ATTACHMENT_OVER: nobody uses this attachment any more.  Hellos with its id are dropped unanswered
 * from here on, wherever they come from: an answer to an old one reaches the client that may be
 * shaking hands for a newer one at the same port.  Another door does not know, and wastes a cookie
 */
#define SP_ATTACHMENT_OVER_FIELDS(S, NUMBER, FIXED, BYTES) NUMBER (S, guint64, attachment)

#define SP_CONNECTION_ENDED_FIELDS(S, NUMBER, FIXED, BYTES)                                        \
  FIXED (S, peer_address, SP_ADDRESS_SIZE)                                                         \
  NUMBER (S, guint8, outcome)

/* SET_BAN: a network, by the bits of its 16-byte form; from now on.  Another door knows of none. At
 * most SP_BANS_MAX hold at one time */
#define SP_SET_BAN_FIELDS(S, NUMBER, FIXED, BYTES)                                                 \
  FIXED (S, address, SP_ADDRESS_SIZE)                                                              \
  NUMBER (S, guint8, length)                                                                       \
  NUMBER (S, guint8, whom)

/* SET_NAME_GATE: from now on; another door lets everybody pass.  own: the name that labels stand
 * before, empty: there is none, and no label is good; names: ours, each lower case and ended by a
 * zero; "*." stands for one label */
#define SP_SET_NAME_GATE_FIELDS(S, NUMBER, FIXED, BYTES)                                           \
  NUMBER (S, guint8, mode)                                                                         \
  BYTES (S, own, SP_DOMAIN_MAX)                                                                    \
  BYTES (S, names, SP_CERTIFICATE_NAMES_TEXT_MAX)

/* SET_VALIDATION: from now on a hello by which an authority looks for this name (RFC 8737 3) passes
 * the gate, whatever that asks of others; lower case, empty: none.  Another door knows of none */
#define SP_SET_VALIDATION_FIELDS(S, NUMBER, FIXED, BYTES) BYTES (S, name, SP_DOMAIN_MAX)

/* SET_LABELS: from now on these are good, or are no longer; sp_label_hash() of each, one after the
 * other.  Another door knows of none.  At most SP_LABELS_MAX are good at one time */
#define SP_SET_LABELS_FIELDS(S, NUMBER, FIXED, BYTES)                                              \
  NUMBER (S, guint8, good)                                                                         \
  BYTES (S, hashes, (SP_LABELS_AT_ONCE * SP_LABEL_HASH_SIZE))

/* DOOR_COUNTERS: little-endian u64 each, in the order of SpDoorCounter; at most once a second, only
 * when changed */
#define SP_DOOR_COUNTERS_FIELDS(S, NUMBER, FIXED, BYTES) FIXED (S, values, (SP_DOOR_COUNTERS_N * 8))

/* NETWORK_REFUSED: from where the door turns connections away; one of SP_REFUSED_NETWORKS_MAX
 * places, another network takes the place of the one before.  At most once a second, only when
 * changed, and not for networks that the owner or a ban keeps out.  Times in microseconds of the
 * monotonic clock: the first and the last that are counted, and until when the last machine there
 * is under a penalty. Counts as in DOOR_COUNTERS; those that are not of connections turned away are
 * 0 */
#define SP_REFUSED_NETWORK_KEPT (300 * (gint64) G_USEC_PER_SEC) /* after the last one */
#define SP_NETWORK_REFUSED_FIELDS(S, NUMBER, FIXED, BYTES)                                         \
  NUMBER (S, guint8, place)                                                                        \
  FIXED (S, address, SP_ADDRESS_SIZE)                                                              \
  NUMBER (S, guint8, length)                                                                       \
  NUMBER (S, guint64, since)                                                                       \
  NUMBER (S, guint64, last)                                                                        \
  NUMBER (S, guint64, until)                                                                       \
  FIXED (S, counts, (SP_DOOR_COUNTERS_N * 8))

/* UNDER_ATTACK: whether the door is flooded, see door/siege.h; at once when it begins or ends, and
 * meanwhile once a second at most.  Since when (as in NETWORK_REFUSED), and what was turned away
 * since then; of an end, all of it */
#define SP_UNDER_ATTACK_FIELDS(S, NUMBER, FIXED, BYTES)                                            \
  NUMBER (S, guint8, on)                                                                           \
  NUMBER (S, guint64, since)                                                                       \
  NUMBER (S, guint64, connections)                                                                 \
  NUMBER (S, guint64, datagrams)                                                                   \
  NUMBER (S, guint32, networks) /* of the connections; an estimate */

/* SET_PROXIES: from now on connections from these networks begin with a header that says whose they
 * are (codec/proxy-header.h).  The bits of each network's 16-byte form, then its length, one after
 * the other; others are told anew with every message.  Another door knows of none */
#define SP_PROXY_NETWORK_SIZE (SP_ADDRESS_SIZE + 1)
#define SP_SET_PROXIES_FIELDS(S, NUMBER, FIXED, BYTES)                                             \
  BYTES (S, networks, (SP_PROXIES_MAX * SP_PROXY_NETWORK_SIZE))

/* CLIENT_FORWARDED: CLIENT_ADMITTED of somebody who comes through a proxy, whose end of the socket
 * is proxy_…; whose it is (peer_…) the proxy said, and nobody else can know.  Its header is gone
 * from the socket */
#define SP_CLIENT_FORWARDED_FIELDS(S, NUMBER, FIXED, BYTES)                                        \
  FIXED (S, peer_address, SP_ADDRESS_SIZE)                                                         \
  NUMBER (S, guint16, peer_port)                                                                   \
  FIXED (S, proxy_address, SP_ADDRESS_SIZE)                                                        \
  NUMBER (S, guint16, proxy_port)                                                                  \
  FIXED (S, local_address, SP_ADDRESS_SIZE)                                                        \
  NUMBER (S, guint16, local_port)

/* METRICS_WANTED: a program of this computer asks for them; METRICS_TOLD: as they are now, in the
 * text format of Prometheus */
#define SP_METRICS_WANTED_FIELDS(S, NUMBER, FIXED, BYTES) NUMBER (S, guint8, reserved)
#define SP_METRICS_TOLD_FIELDS(S, NUMBER, FIXED, BYTES)   BYTES (S, text, SP_METRICS_TEXT_MAX)

/* ANSWER_VALIDATION: from now on who fetches SP_ACME_PATH and this token over HTTP (RFC 8555 8.3)
 * gets this text; an empty token: nobody does, and the listeners for it are closed.
 * VALIDATION_LISTENER: where they do, a listening socket, after what is answered.  Another door
 * knows of neither */
#define SP_ANSWER_VALIDATION_FIELDS(S, NUMBER, FIXED, BYTES)                                       \
  BYTES (S, token, SP_ACME_TOKEN_MAX)                                                              \
  BYTES (S, text, SP_ACME_ANSWERED_MAX)
#define SP_VALIDATION_LISTENER_FIELDS(S, NUMBER, FIXED, BYTES) NUMBER (S, guint8, reserved)

#define SP_MAIN_DOOR_FROM(side) SP_MAIN_DOOR_##side
#define SP_MAIN_DOOR_IN(phase)  SP_PHASE (SP_MAIN_DOOR_##phase)

/* clang-format off */
#define SP_MAIN_DOOR_MESSAGES(MESSAGE, FROM, IN) \
  /*       message           struct             sender       in phases      times         fds answers */ \
  MESSAGE (OPEN_DOOR,        SpOpenDoor,        FROM (MAIN), IN (STARTING), 1,            1,  NOTHING) \
  MESSAGE (LISTENER,         SpListener,        FROM (MAIN), IN (OPEN),     SP_DOOR_SOCKETS_MAX, 1, NOTHING) \
  MESSAGE (CLIENT_ADMITTED,  SpClientAdmitted,  FROM (DOOR), IN (OPEN),     SP_TIMES_ANY, 1,  NOTHING) \
  MESSAGE (MINT_ID,          SpMintId,          FROM (MAIN), IN (OPEN),     SP_TIMES_ANY, 0,  NOTHING) \
  MESSAGE (ID_MINTED,        SpIdMinted,        FROM (DOOR), IN (OPEN),     SP_TIMES_ANY, 0,  MINT_ID) \
  MESSAGE (HELLO_VERIFIED,   SpHelloVerified,   FROM (DOOR), IN (OPEN),     SP_TIMES_ANY, 0,  NOTHING) \
  MESSAGE (STRAY_HEARD,      SpStrayHeard,      FROM (DOOR), IN (OPEN),     SP_TIMES_ANY, 0,  NOTHING) \
  MESSAGE (LINGER,           SpLinger,          FROM (MAIN), IN (OPEN),     SP_TIMES_ANY, 1,  NOTHING) \
  MESSAGE (CONNECTION_ENDED, SpConnectionEnded, FROM (MAIN), IN (OPEN),     SP_TIMES_ANY, 0,  NOTHING) \
  MESSAGE (DOOR_COUNTERS,    SpDoorCounters,    FROM (DOOR), IN (OPEN),     SP_TIMES_ANY, 0,  NOTHING) \
  MESSAGE (SET_BAN,          SpSetBan,          FROM (MAIN), IN (OPEN),     SP_TIMES_ANY, 0,  NOTHING) \
  MESSAGE (NETWORK_REFUSED,  SpNetworkRefused,  FROM (DOOR), IN (OPEN),     SP_TIMES_ANY, 0,  NOTHING) \
  MESSAGE (UNDER_ATTACK,     SpUnderAttack,     FROM (DOOR), IN (OPEN),     SP_TIMES_ANY, 0,  NOTHING) \
  MESSAGE (ATTACHMENT_OVER,  SpAttachmentOver,  FROM (MAIN), IN (OPEN),     SP_TIMES_ANY, 0,  NOTHING) \
  MESSAGE (SET_NAME_GATE,    SpSetNameGate,     FROM (MAIN), IN (OPEN),     SP_TIMES_ANY, 0,  NOTHING) \
  MESSAGE (SET_VALIDATION,   SpSetValidation,   FROM (MAIN), IN (OPEN),     SP_TIMES_ANY, 0,  NOTHING) \
  MESSAGE (SET_LABELS,       SpSetLabels,       FROM (MAIN), IN (OPEN),     SP_TIMES_ANY, 0,  NOTHING) \
  MESSAGE (SET_PROXIES,      SpSetProxies,      FROM (MAIN), IN (OPEN),     SP_TIMES_ANY, 0,  NOTHING) \
  MESSAGE (CLIENT_FORWARDED, SpClientForwarded, FROM (DOOR), IN (OPEN),     SP_TIMES_ANY, 1,  NOTHING) \
  MESSAGE (METRICS_WANTED,   SpMetricsWanted,   FROM (DOOR), IN (OPEN),     SP_TIMES_ANY, 0,  NOTHING) \
  MESSAGE (METRICS_TOLD,     SpMetricsTold,     FROM (MAIN), IN (OPEN),     SP_TIMES_ANY, 0,  NOTHING) \
  MESSAGE (ANSWER_VALIDATION, SpAnswerValidation, FROM (MAIN), IN (OPEN),   SP_TIMES_ANY, 0,  NOTHING) \
  MESSAGE (VALIDATION_LISTENER, SpValidationListener, FROM (MAIN), IN (OPEN), SP_TIMES_ANY, 1, NOTHING)
/* clang-format on */

enum
{
  SP_MAIN_DOOR_NO_MESSAGE = 0,
  SP_MAIN_DOOR_MESSAGES (SP_ENUM_MESSAGE, SP_MAIN_DOOR_FROM, SP_MAIN_DOOR_IN)
};

SP_MAIN_DOOR_MESSAGES (SP_STRUCT_MESSAGE, SP_MAIN_DOOR_FROM, SP_MAIN_DOOR_IN)

extern const SpWall sp_wall_main_door;

G_END_DECLS
