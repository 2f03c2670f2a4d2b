/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/acme-limits.h"
#include "base/limits.h"
#include "walls/permit.h"

G_BEGIN_DECLS

/* Wall A: main and one worker.  The worker asks for a tunnel and tells what it counts; main lends
 * it descriptors and takes them back.  Main already knows who the peer is and learns who logged in
 * from the keyholder: nothing that the worker says here decides about trust.  A worker that goes on
 * saying more than 50 messages a second is ended (sp_link_set_rate_max). */

enum
{
  SP_MAIN_WORKER_MAIN = 0,
  SP_MAIN_WORKER_WORKER = 1
};

/* Phases:
 * IDLE       forked ahead of need, nobody served yet
 * CLIENT     has a client: TLS handshake, sign-in
 * WAITING    asked for a tunnel
 * GRANTED    has a TUN, has not acknowledged it
 * TUNNEL     attached: packets flow
 * ENDING     told to stop; only its last reports count
 */
typedef enum
{
  SP_MAIN_WORKER_IDLE,
  SP_MAIN_WORKER_CLIENT,
  SP_MAIN_WORKER_WAITING,
  SP_MAIN_WORKER_GRANTED,
  SP_MAIN_WORKER_TUNNEL,
  SP_MAIN_WORKER_ENDING
} SpMainWorkerPhase;

/* TUNNEL_REQUESTED.flags */
enum
{
  SP_TUNNEL_WANTS_IPV4 = 1 << 0,
  SP_TUNNEL_WANTS_IPV6 = 1 << 1,
  SP_TUNNEL_FULL_IPV6 = 1 << 2,  /* understands the -IP6 headers */
  SP_TUNNEL_WANTS_DTLS = 1 << 3, /* offered PSK-NEGOTIATE */
  SP_TUNNEL_MOBILE = 1 << 4,
  SP_TUNNEL_RESUMES_1_2 = 1 << 5, /* sent a master secret and suites of DTLS 1.2 */
  SP_TUNNEL_RESUMES_0_9 = 1 << 6  /* likewise, of what was before the standard */
};

/* TUNNEL_GRANTED.compression: what may be agreed on with the client, if it offers it */
enum
{
  SP_TUNNEL_MAY_LZ4 = 1 << 0,
  SP_TUNNEL_MAY_LZS = 1 << 1
};

/* TUNNEL_GRANTED.dtls_mode: how the id becomes a datagram channel */
typedef enum
{
  SP_DTLS_MODE_OFF,
  SP_DTLS_MODE_PSK,
  SP_DTLS_MODE_RESUME_1_2,
  SP_DTLS_MODE_RESUME_0_9,
  SP_DTLS_MODE_LAST = SP_DTLS_MODE_RESUME_0_9
} SpDtlsMode;

/* REPORT.transport */
enum
{
  SP_TRANSPORT_TLS = 0,
  SP_TRANSPORT_DTLS = 1
};

/* REACH_ANSWERED.verdict */
typedef enum
{
  SP_REACH_ANSWER_STRANGER, /* no such link, or it is over or used */
  SP_REACH_ANSWER_HOME,     /* opened from within the home network: it stays good */
  SP_REACH_ANSWER_OUTSIDE,  /* from outside: it is used up */
  SP_REACH_ANSWER_LAST = SP_REACH_ANSWER_OUTSIDE
} SpReachAnswer;

/* STOP.how and PAUSE.  A superseded client is told that it was replaced; a disconnected one why. */
enum
{
  SP_STOP_DISCONNECT = 0, /* CSTP disconnect with the text, then end: the client stays away */
  SP_STOP_DROP = 1        /* close without a word: the client comes back with its cookie */
};

/* CLIENT_LEFT.how: why the connection ended, as far as the worker saw. */
typedef enum
{
  SP_LEFT_LOGOUT,       /* BYE with reason b0: the person disconnected */
  SP_LEFT_RECONNECTING, /* BYE with another reason: will be back */
  SP_LEFT_CLOSED,       /* end of file or TLS close */
  SP_LEFT_SILENT,       /* dead peer detection, or no further request */
  SP_LEFT_GARBAGE,      /* broke the protocol; the cause is in the text */
  SP_LEFT_HANDSHAKE,    /* never finished TLS */
  SP_LEFT_REQUEST,      /* never sent a complete request in time, or too many */
  SP_LEFT_DENIED,       /* sign-in failed for good */
  SP_LEFT_NO_KEYHOLDER, /* a question to the keyholder was not answered */
  SP_LEFT_STOPPED,      /* main asked for it */
  SP_LEFT_IDLE,         /* was sent away after the idle time; its cookie stays good */
  SP_LEFT_OVER,         /* was sent away at the end of the session's time */
  SP_LEFT_SERVED,       /* an invited person, or who tested reachability, got what they asked for */
  SP_LEFT_LAST = SP_LEFT_SERVED
} SpLeft;

/* REPORT.drops: packets that were not carried on, by cause. */
typedef enum
{
  SP_DROP_SOURCE,      /* inner source address is not this session's */
  SP_DROP_MALFORMED,   /* not an IP packet */
  SP_DROP_TOO_BIG,     /* larger than the path */
  SP_DROP_TUN,         /* the TUN did not take it */
  SP_DROP_QUEUE,       /* the client does not read fast enough */
  SP_DROP_DATAGRAM,    /* datagram whose records do not tile it */
  SP_DROP_RECORD,      /* record that did not authenticate */
  SP_DROP_PAUSED,      /* the owner is about to disconnect this session */
  SP_DROP_COMPRESSION, /* compressed, but it makes no packet that fits the tunnel */
  SP_DROP_STRAY,       /* record from an unknown address that is not this client's */
  SP_DROP_QUOTA,       /* the session may carry no more */
  SP_DROP_CAUSES
} SpDrop;

/* Packed lists in BYTES fields: an address is SP_ADDRESS_SIZE bytes, a route an address and one
 * byte of prefix length in the 16-byte form (see base/endpoint.h). */
#define SP_ROUTE_SIZE (SP_ADDRESS_SIZE + 1)

/* ADOPT_CLIENT.sign_in: what is of use to anybody */
enum
{
  SP_ADOPT_CERTIFICATES = 1 << 0, /* the client is asked for one */
  SP_ADOPT_PASSWORDS = 1 << 1     /* a form is shown */
};

/* ADOPT_CLIENT: the accepted TCP socket; handshake may begin. stranger_answer: what to tell who
 * shows no mark of a VPN client, empty: that there is nothing. login_banner: stands above the
 * sign-in form; empty: nothing does. groups: that the form offers, as codec/group-list.h says;
 * empty: none. validated_name: under which an authority may look for us just now, in lower case;
 * empty: none does; validation: what it is shown then, SHA-256 of the key authorization (RFC 8737
 * 3), which is no secret */
#define SP_ADOPT_CLIENT_FIELDS(S, NUMBER, FIXED, BYTES)                                            \
  FIXED (S, peer_address, SP_ADDRESS_SIZE)                                                         \
  NUMBER (S, guint16, peer_port)                                                                   \
  FIXED (S, local_address, SP_ADDRESS_SIZE)                                                        \
  NUMBER (S, guint16, local_port)                                                                  \
  NUMBER (S, guint8, sign_in)                                                                      \
  BYTES (S, stranger_answer, SP_STRANGER_ANSWER_MAX)                                               \
  BYTES (S, login_banner, SP_BANNER_MAX)                                                           \
  BYTES (S, groups, SP_GROUP_LIST_MAX)                                                             \
  FIXED (S, validation, SP_VALIDATION_SIZE)                                                        \
  BYTES (S, validated_name, SP_DOMAIN_MAX)

/* TUNNEL_REQUESTED: a CONNECT whose cookie the keyholder accepted came in; 0 = the client did not
 * say. Main waits for the keyholder before it believes it */
#define SP_TUNNEL_REQUESTED_FIELDS(S, NUMBER, FIXED, BYTES)                                        \
  NUMBER (S, guint32, base_mtu)                                                                    \
  NUMBER (S, guint32, cstp_mtu)                                                                    \
  NUMBER (S, guint32, path_mtu)                                                                    \
  NUMBER (S, guint8, flags)                                                                        \
  BYTES (S, hostname, SP_HOSTNAME_MAX)                                                             \
  BYTES (S, user_agent, SP_USER_AGENT_MAX)                                                         \
  BYTES (S, tls_cipher, SP_CIPHER_MAX)

/* TUNNEL_GRANTED: the loan: TUN queue and everything that the client is told. Times in seconds, 0 =
 * off; unset address = none; dtls_port 0 = no DTLS; no routes = everything; rx_bytes and tx_bytes
 * are where the session's counters stand, used_at (monotonic microseconds, 0 = now) is the packet
 * from which its idle time counts; rekey_ssl: keys are renewed within the connection; split_dns:
 * domains with blanks between, the name servers are for them alone, none = for all; allowance: as
 * in ALLOWANCE; behind: routes to what lies behind the client, which may send from there, too */
#define SP_TUNNEL_GRANTED_FIELDS(S, NUMBER, FIXED, BYTES)                                          \
  FIXED (S, session, SP_ID_SIZE)                                                                   \
  FIXED (S, ipv4, SP_ADDRESS_SIZE)                                                                 \
  NUMBER (S, guint8, ipv4_prefix)                                                                  \
  FIXED (S, ipv6, SP_ADDRESS_SIZE)                                                                 \
  NUMBER (S, guint8, ipv6_prefix)                                                                  \
  NUMBER (S, guint32, link_mtu)                                                                    \
  FIXED (S, app_id, SP_APP_ID_SIZE)                                                                \
  NUMBER (S, guint16, dtls_port)                                                                   \
  NUMBER (S, guint8, dtls_mode)                                                                    \
  NUMBER (S, guint32, dpd)                                                                         \
  NUMBER (S, guint32, keepalive)                                                                   \
  NUMBER (S, guint32, rekey)                                                                       \
  NUMBER (S, guint8, rekey_ssl)                                                                    \
  NUMBER (S, guint32, idle_timeout)                                                                \
  NUMBER (S, guint32, session_timeout)                                                             \
  NUMBER (S, guint8, compression)                                                                  \
  NUMBER (S, guint64, rx_bytes)                                                                    \
  NUMBER (S, guint64, tx_bytes)                                                                    \
  NUMBER (S, guint64, used_at)                                                                     \
  NUMBER (S, guint64, allowance)                                                                   \
  BYTES (S, dns, (SP_DNS_SERVERS_MAX * SP_ADDRESS_SIZE))                                           \
  BYTES (S, routes, (SP_ROUTES_MAX * SP_ROUTE_SIZE))                                               \
  BYTES (S, excluded, (SP_ROUTES_MAX * SP_ROUTE_SIZE))                                             \
  BYTES (S, domain, SP_DOMAIN_MAX)                                                                 \
  BYTES (S, banner, SP_BANNER_MAX)                                                                 \
  BYTES (S, split_dns, SP_SPLIT_DNS_MAX)                                                           \
  BYTES (S, behind, (SP_NETWORKS_BEHIND_MAX * SP_ROUTE_SIZE))

/* TUNNEL_REFUSED: HTTP status 401 or 503, the text goes into X-Reason */
#define SP_TUNNEL_REFUSED_FIELDS(S, NUMBER, FIXED, BYTES)                                          \
  NUMBER (S, guint16, status)                                                                      \
  BYTES (S, reason, SP_REASON_MAX)

/* ATTACHED: the loan is acknowledged, sent before the answer to CONNECT: from here on UDP may be
 * handed over. Inner MTU, for the TUN */
#define SP_ATTACHED_FIELDS(S, NUMBER, FIXED, BYTES) NUMBER (S, guint32, mtu)

/* CANDIDATE: a connected UDP socket and the hello that the door verified (opaque to main) */
#define SP_CANDIDATE_FIELDS(S, NUMBER, FIXED, BYTES)                                               \
  NUMBER (S, guint32, association)                                                                 \
  FIXED (S, peer_address, SP_ADDRESS_SIZE)                                                         \
  NUMBER (S, guint16, peer_port)                                                                   \
  FIXED (S, local_address, SP_ADDRESS_SIZE)                                                        \
  NUMBER (S, guint16, local_port)                                                                  \
  FIXED (S, prestate, 12)                                                                          \
  BYTES (S, datagram, SP_FIRST_DATAGRAM_MAX)

/* CHANNEL_CURRENT: its first authenticated record came, or the client answered there: packets go
 * there now */
#define SP_CHANNEL_CURRENT_FIELDS(S, NUMBER, FIXED, BYTES) NUMBER (S, guint32, association)

/* CHANNEL_CLOSED: done with it: main gives the socket to the door to linger */
#define SP_CHANNEL_CLOSED_FIELDS(S, NUMBER, FIXED, BYTES) NUMBER (S, guint32, association)

/* STRAY_OFFERED: a record from an address that nobody is known at (opaque to main): is it of this
 * client? The number names the offer, which main forgets after SP_STRAY_SECONDS */
#define SP_STRAY_OFFERED_FIELDS(S, NUMBER, FIXED, BYTES)                                           \
  NUMBER (S, guint32, stray)                                                                       \
  BYTES (S, datagram, SP_FIRST_DATAGRAM_MAX)

/* STRAY_PROVEN: it authenticated and was fresh: a connected socket is wanted. Where to, main knows
 * by itself */
#define SP_STRAY_PROVEN_FIELDS(S, NUMBER, FIXED, BYTES) NUMBER (S, guint32, stray)

/* ROAM: a socket connected to where that stray came from. The worker asks the client there, and
 * answers by CHANNEL_CURRENT when it is the client's, otherwise by CHANNEL_CLOSED */
#define SP_ROAM_FIELDS(S, NUMBER, FIXED, BYTES)                                                    \
  NUMBER (S, guint32, association)                                                                 \
  NUMBER (S, guint32, stray)

/* MTU_CHANGED: the path carries less (or more again) */
#define SP_MTU_CHANGED_FIELDS(S, NUMBER, FIXED, BYTES) NUMBER (S, guint32, mtu)

/* REPORT: absolute counters of inner bytes; drops is SP_DROP_CAUSES little-endian u32; round_trip
 * in microseconds, 0 = unknown; used_at: as in TUNNEL_GRANTED, by now; after an idle end the time
 * of that, since it is a person who comes back then */
#define SP_REPORT_FIELDS(S, NUMBER, FIXED, BYTES)                                                  \
  NUMBER (S, guint64, rx_bytes)                                                                    \
  NUMBER (S, guint64, tx_bytes)                                                                    \
  NUMBER (S, guint64, rx_packets)                                                                  \
  NUMBER (S, guint64, tx_packets)                                                                  \
  NUMBER (S, guint64, used_at)                                                                     \
  NUMBER (S, guint32, round_trip)                                                                  \
  NUMBER (S, guint8, transport)                                                                    \
  BYTES (S, cipher, SP_CIPHER_MAX)                                                                 \
  FIXED (S, drops, (SP_DROP_CAUSES * 4))

/* RECALL: give the TUN back: another connection of this session has it next */
#define SP_RECALL_FIELDS(S, NUMBER, FIXED, BYTES) NUMBER (S, guint8, reserved)

/* RECALLED: the TUN is closed on this side, the client told, everything else said: main ends the
 * process, and only then lends the TUN to another */
#define SP_RECALLED_FIELDS(S, NUMBER, FIXED, BYTES) NUMBER (S, guint8, reserved)

/* PAUSE: carry no packets but answer liveness (undo window of a disconnect) */
#define SP_PAUSE_FIELDS(S, NUMBER, FIXED, BYTES) NUMBER (S, guint8, on)

/* ALLOWANCE: the sum of rx_bytes and tx_bytes from which on nothing more is carried, which is
 * REPORTed at once; 0 = there is none */
#define SP_ALLOWANCE_FIELDS(S, NUMBER, FIXED, BYTES) NUMBER (S, guint64, bytes)

/* STOP: end this client */
#define SP_STOP_FIELDS(S, NUMBER, FIXED, BYTES)                                                    \
  NUMBER (S, guint8, how)                                                                          \
  BYTES (S, text, SP_REASON_MAX)

/* REACH_ASKED: somebody opened a link that tests whether the server is reached; SHA-256 of its
 * token. Where they are, main knows by itself */
#define SP_REACH_ASKED_FIELDS(S, NUMBER, FIXED, BYTES) FIXED (S, digest, SP_DIGEST_SIZE)

/* REACH_ANSWERED: what it was */
#define SP_REACH_ANSWERED_FIELDS(S, NUMBER, FIXED, BYTES) NUMBER (S, guint8, verdict)

/* CLIENT_LEFT: the last message of a worker; reason is the CSTP byte or 0 */
#define SP_CLIENT_LEFT_FIELDS(S, NUMBER, FIXED, BYTES)                                             \
  NUMBER (S, guint8, how)                                                                          \
  NUMBER (S, guint8, reason)                                                                       \
  BYTES (S, text, SP_REASON_MAX)

#define SP_MAIN_WORKER_FROM(side) SP_MAIN_WORKER_##side
#define SP_MAIN_WORKER_IN(phase)  SP_PHASE (SP_MAIN_WORKER_##phase)

/* clang-format off */
#define SP_MAIN_WORKER_MESSAGES(MESSAGE, FROM, IN) \
  /*       message           struct             sender         in phases                                                              times         fds answers */ \
  MESSAGE (ADOPT_CLIENT,     SpAdoptClient,     FROM (MAIN),   IN (IDLE),                                                             1,            1,  NOTHING) \
  MESSAGE (TUNNEL_REQUESTED, SpTunnelRequested, FROM (WORKER), IN (CLIENT) | IN (ENDING),                                             1,            0,  NOTHING) \
  MESSAGE (TUNNEL_GRANTED,   SpTunnelGranted,   FROM (MAIN),   IN (WAITING),                                                          1,            1,  NOTHING) \
  MESSAGE (TUNNEL_REFUSED,   SpTunnelRefused,   FROM (MAIN),   IN (CLIENT) | IN (WAITING),                                            1,            0,  NOTHING) \
  MESSAGE (ATTACHED,         SpAttached,        FROM (WORKER), IN (GRANTED) | IN (ENDING),                                            1,            0,  NOTHING) \
  MESSAGE (CANDIDATE,        SpCandidate,       FROM (MAIN),   IN (TUNNEL),                                                           SP_TIMES_ANY, 1,  NOTHING) \
  MESSAGE (CHANNEL_CURRENT,  SpChannelCurrent,  FROM (WORKER), IN (TUNNEL) | IN (ENDING),                                             SP_TIMES_ANY, 0,  NOTHING) \
  MESSAGE (CHANNEL_CLOSED,   SpChannelClosed,   FROM (WORKER), IN (TUNNEL) | IN (ENDING),                                             SP_TIMES_ANY, 0,  NOTHING) \
  MESSAGE (STRAY_OFFERED,    SpStrayOffered,    FROM (MAIN),   IN (TUNNEL),                                                           SP_TIMES_ANY, 0,  NOTHING) \
  MESSAGE (STRAY_PROVEN,     SpStrayProven,     FROM (WORKER), IN (TUNNEL) | IN (ENDING),                                             SP_TIMES_ANY, 0,  NOTHING) \
  MESSAGE (ROAM,             SpRoam,            FROM (MAIN),   IN (TUNNEL),                                                           SP_TIMES_ANY, 1,  NOTHING) \
  MESSAGE (MTU_CHANGED,      SpMtuChanged,      FROM (WORKER), IN (TUNNEL) | IN (ENDING),                                             SP_TIMES_ANY, 0,  NOTHING) \
  MESSAGE (REPORT,           SpReport,          FROM (WORKER), IN (TUNNEL) | IN (ENDING),                                             SP_TIMES_ANY, 0,  NOTHING) \
  MESSAGE (RECALL,           SpRecall,          FROM (MAIN),   IN (TUNNEL),                                                           1,            0,  NOTHING) \
  MESSAGE (RECALLED,         SpRecalled,        FROM (WORKER), IN (ENDING),                                                           1,            0,  NOTHING) \
  MESSAGE (PAUSE,            SpPause,           FROM (MAIN),   IN (TUNNEL),                                                           SP_TIMES_ANY, 0,  NOTHING) \
  MESSAGE (STOP,             SpStop,            FROM (MAIN),   IN (CLIENT) | IN (WAITING) | IN (GRANTED) | IN (TUNNEL) | IN (ENDING), 1,            0,  NOTHING) \
  MESSAGE (CLIENT_LEFT,      SpClientLeft,      FROM (WORKER), IN (CLIENT) | IN (WAITING) | IN (GRANTED) | IN (TUNNEL) | IN (ENDING), 1,            0,  NOTHING) \
  MESSAGE (ALLOWANCE,        SpAllowance,       FROM (MAIN),   IN (TUNNEL),                                                           SP_TIMES_ANY, 0,  NOTHING) \
  MESSAGE (REACH_ASKED,      SpReachAsked,      FROM (WORKER), IN (CLIENT) | IN (ENDING),                                             1,            0,  NOTHING) \
  MESSAGE (REACH_ANSWERED,   SpReachAnswered,   FROM (MAIN),   IN (CLIENT),                                                           1,            0,  NOTHING)
/* clang-format on */

enum
{
  SP_MAIN_WORKER_NO_MESSAGE = 0,
  SP_MAIN_WORKER_MESSAGES (SP_ENUM_MESSAGE, SP_MAIN_WORKER_FROM, SP_MAIN_WORKER_IN)
};

SP_MAIN_WORKER_MESSAGES (SP_STRUCT_MESSAGE, SP_MAIN_WORKER_FROM, SP_MAIN_WORKER_IN)

extern const SpWall sp_wall_main_worker;

G_END_DECLS
