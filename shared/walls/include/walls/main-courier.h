/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/limits.h"
#include "walls/acme.h"
#include "walls/permit.h"

G_BEGIN_DECLS

/* Wall E: main and a courier, which lives for one errand over the network.  What came from there
 * reaches main as an outcome, a number and an address; no byte of an answer does, but the word of a
 * provider that is one of a list.  A certificate goes into a file for the keyholder, which main
 * does not read. */

enum
{
  SP_MAIN_COURIER_MAIN = 0,
  SP_MAIN_COURIER_COURIER = 1
};

/* Phases:
 * WAITING   the courier has no errand yet
 * ABROAD    it has
 * ORDERING  its errand is the order of a certificate
 */
typedef enum
{
  SP_MAIN_COURIER_WAITING,
  SP_MAIN_COURIER_ABROAD,
  SP_MAIN_COURIER_ORDERING
} SpMainCourierPhase;

/* RUN_ERRAND.kind */
typedef enum
{
  SP_ERRAND_DYNDNS2,      /* tell a provider an address, and understand what it says */
  SP_ERRAND_UPDATE,       /* tell it to another; the status alone says whether that went well */
  SP_ERRAND_ASK_ADDRESS,  /* fetch a text that is the address from which it was fetched */
  SP_ERRAND_ZONE_ADDRESS, /* have a name server replace the addresses of a name (RFC 2136) */
  SP_ERRAND_ZONE_TEXT,    /* have it add a TXT record */
  SP_ERRAND_ZONE_NO_TEXT, /* have it take that out */
  SP_ERRAND_KIND_LAST = SP_ERRAND_ZONE_NO_TEXT
} SpErrandKind;

#define SP_ZONE_TEXT_MAX 43 /* bytes: SHA-256 as base64url (RFC 8555 8.4) */

/* RUN_ERRAND.algorithm (RFC 8945 6) */
typedef enum
{
  SP_ZONE_HMAC_SHA256,
  SP_ZONE_HMAC_SHA384,
  SP_ZONE_HMAC_SHA512,
  SP_ZONE_ALGORITHM_LAST = SP_ZONE_HMAC_SHA512
} SpZoneAlgorithm;

/* ERRAND_DONE.outcome */
typedef enum
{
  SP_ERRAND_DONE,
  SP_ERRAND_UNCHANGED,      /* the provider knew the address already */
  SP_ERRAND_BAD_CREDENTIAL, /* these and those up to UNWELCOME: the provider says so */
  SP_ERRAND_BAD_NAME,
  SP_ERRAND_ABUSE,
  SP_ERRAND_UNPAID,
  SP_ERRAND_UNWELCOME,
  SP_ERRAND_LATER,
  SP_ERRAND_STATUS,         /* its HTTP status is no success */
  SP_ERRAND_REDIRECTED,     /* elsewhere, which is never followed */
  SP_ERRAND_NOT_UNDERSTOOD, /* what it answers is not what was asked for, or too much */
  SP_ERRAND_NOT_TRUSTED,    /* its certificate is not good */
  SP_ERRAND_UNREACHABLE,    /* no such host, or no connection to it */
  SP_ERRAND_SILENT,         /* it did not answer in time */
  SP_ERRAND_FAILED,         /* whatever else */
  SP_ERRAND_NO_KEY,         /* there is no secret to sign with, or it is none of a key */
  SP_ERRAND_KEY_UNKNOWN,    /* these and those up to REFUSED: a name server says so; BADKEY */
  SP_ERRAND_KEY_WRONG,      /* BADSIG, BADTRUNC */
  SP_ERRAND_CLOCK,          /* BADTIME */
  SP_ERRAND_NO_ZONE,        /* NOTAUTH, NOTZONE: it does not keep that zone */
  SP_ERRAND_REFUSED,        /* REFUSED, NOTIMP */
  SP_ERRAND_NOT_SIGNED,     /* its answer is not signed with the key, or not well */
  SP_ERRAND_OUTCOME_LAST = SP_ERRAND_NOT_SIGNED
} SpErrandOutcome;

#define SP_MAPPING_NONCE_SIZE 12

/* How a router is asked to forward ports.  MAP_PORTS.way, PORTS_MAPPED.way */
typedef enum
{
  SP_MAPPING_ANY, /* whichever it knows; of an answer: none */
  SP_MAPPING_PCP,
  SP_MAPPING_NAT_PMP,
  SP_MAPPING_UPNP,
  SP_MAPPING_WAY_LAST = SP_MAPPING_UPNP
} SpMappingWay;

/* PORTS_MAPPED.tcp, PORTS_MAPPED.udp */
typedef enum
{
  SP_MAPPING_DONE,           /* the port leads here or, if that was ordered, no longer does */
  SP_MAPPING_REFUSED,        /* the router does not want to */
  SP_MAPPING_TAKEN,          /* it leads to another computer, and still does */
  SP_MAPPING_NO_ROUTER,      /* nobody at the router's address knows a way */
  SP_MAPPING_NOT_UNDERSTOOD, /* what it answers is not what was asked for */
  SP_MAPPING_SILENT,         /* it began to answer, and did not end in time */
  SP_MAPPING_FAILED,         /* whatever else */
  SP_MAPPING_OUTCOME_LAST = SP_MAPPING_FAILED
} SpMappingOutcome;

/* NAME_LOOKED_UP.outcome */
typedef enum
{
  SP_LOOKUP_FOUND,   /* it has the addresses that are told */
  SP_LOOKUP_UNKNOWN, /* there is no such name, or it has no address */
  SP_LOOKUP_FAILED,  /* no name server said anything that counts */
  SP_LOOKUP_OUTCOME_LAST = SP_LOOKUP_FAILED
} SpLookupOutcome;

/* RUN_ERRAND: url: with places, as in codec/update-url.h; user: with whom the password is sent
 * (RFC 7617), empty: it is not sent that way; addresses that are not set are not told.  The
 * descriptor is a file with the password, from its beginning; empty: there is none.  Of a ZONE
 * errand, which alone has algorithm, zone and text: url: the name server, a name or an address and
 * perhaps a port; user: name of the key (RFC 8945), whose secret is in the file, in base64 */
#define SP_RUN_ERRAND_FIELDS(S, NUMBER, FIXED, BYTES)                                              \
  NUMBER (S, guint8, kind)                                                                         \
  NUMBER (S, guint8, algorithm)                                                                    \
  FIXED (S, ipv4, SP_ADDRESS_SIZE)                                                                 \
  FIXED (S, ipv6, SP_ADDRESS_SIZE)                                                                 \
  BYTES (S, url, SP_ERRAND_URL_MAX)                                                                \
  BYTES (S, name, SP_DOMAIN_MAX)                                                                   \
  BYTES (S, user, SP_ERRAND_USER_MAX)                                                              \
  BYTES (S, zone, SP_DOMAIN_MAX)                                                                   \
  BYTES (S, text, SP_ZONE_TEXT_MAX)

/* ERRAND_DONE: status: of HTTP, or the RCODE of a name server, 0: there was none; address: of
 * ASK_ADDRESS that is DONE; word: what a provider said, if it is one that codec/update-answer.h
 * knows */
#define SP_ERRAND_DONE_FIELDS(S, NUMBER, FIXED, BYTES)                                             \
  NUMBER (S, guint8, outcome)                                                                      \
  NUMBER (S, guint16, status)                                                                      \
  FIXED (S, address, SP_ADDRESS_SIZE)                                                              \
  BYTES (S, word, SP_PROVIDER_WORD_MAX)

/* MAP_PORTS: router, own: addresses of one family, of whom to ask and of where the ports shall
 * lead, which is this computer; of IPv6 they are let in there; interface: the index of that by
 * which a link-local router is reached, 0: it is none; ports: the same outside and here, 0: none;
 * seconds: for how long, 0: they shall lead here no longer; nonce: by which a router knows again
 * whose they are (RFC 6887 11.2) */
#define SP_MAP_PORTS_FIELDS(S, NUMBER, FIXED, BYTES)                                               \
  NUMBER (S, guint8, way)                                                                          \
  FIXED (S, router, SP_ADDRESS_SIZE)                                                               \
  FIXED (S, own, SP_ADDRESS_SIZE)                                                                  \
  NUMBER (S, guint32, interface)                                                                   \
  NUMBER (S, guint16, tcp_port)                                                                    \
  NUMBER (S, guint16, udp_port)                                                                    \
  NUMBER (S, guint32, seconds)                                                                     \
  FIXED (S, nonce, SP_MAPPING_NONCE_SIZE)

/* PORTS_MAPPED: tcp, udp: what became of each port; of one that was not ordered as of the other;
 * way: by which it was done or refused; address: IPv4, that the router says it has outside, unset:
 * it does not say; of IPv6 `own`, if either is done; seconds: for how long those that are done lead
 * here at least */
#define SP_PORTS_MAPPED_FIELDS(S, NUMBER, FIXED, BYTES)                                            \
  NUMBER (S, guint8, tcp)                                                                          \
  NUMBER (S, guint8, udp)                                                                          \
  NUMBER (S, guint8, way)                                                                          \
  FIXED (S, address, SP_ADDRESS_SIZE)                                                              \
  NUMBER (S, guint32, seconds)

/* ORDER_DONE.outcome */
typedef enum
{
  SP_ORDER_DONE,  /* the file has the certificate */
  SP_ORDER_TERMS, /* these and those up to PROBLEM: the authority wants its terms agreed to */
  SP_ORDER_EXTERNAL_ACCOUNT, /* an account that it knows from elsewhere */
  SP_ORDER_ACCOUNT,          /* it does not take our account, or its contact */
  SP_ORDER_NAME,             /* it gives no certificates for that name */
  SP_ORDER_CAA,              /* the DNS says that it may not */
  SP_ORDER_NAME_UNKNOWN,     /* the DNS does not know the name */
  SP_ORDER_NOT_REACHED,      /* it did not reach the server under that name */
  SP_ORDER_WRONG_ANSWER,     /* it reached somebody else */
  SP_ORDER_NO_WAY,           /* it looks in none of the ways that it may */
  SP_ORDER_TOO_OFTEN,        /* to be tried later */
  SP_ORDER_PROBLEM,          /* any other problem that it tells of */
  SP_ORDER_STATUS,           /* its HTTP status is no success, and it says no more */
  SP_ORDER_NOT_UNDERSTOOD,
  SP_ORDER_NOT_TRUSTED,
  SP_ORDER_UNREACHABLE,
  SP_ORDER_SILENT,
  SP_ORDER_FAILED,
  SP_ORDER_NOT_SHOWN,   /* we could not show it a name */
  SP_ORDER_PORT_IN_USE, /* main says so: another program has the port where it would look */
  SP_ORDER_HOOK_UNFIT,  /* these, too, of the owner's program: it is none that may be run */
  SP_ORDER_HOOK_LATE,   /* it did not end in time */
  SP_ORDER_HOOK_FAILED, /* it says that it failed */
  SP_ORDER_OUTCOME_LAST = SP_ORDER_HOOK_FAILED
} SpOrderOutcome;

/* RUN_ORDER: directory: where the authority says what it has (RFC 8555 7.1.1); agreed: to its
 * terms; ways: how it may be shown the names, an SpAcmeWay each, that which is liked best first.
 * Descriptors: authorities that may have signed its own certificate, besides those that the
 * computer trusts, as PEM, perhaps empty; an empty file for the certificate that it makes */
#define SP_RUN_ORDER_FIELDS(S, NUMBER, FIXED, BYTES)                                               \
  NUMBER (S, guint8, agreed)                                                                       \
  BYTES (S, ways, SP_ACME_WAYS_N)                                                                  \
  BYTES (S, directory, SP_ERRAND_URL_MAX)

/* SIGN_REQUEST: have this signed; as in SIGN_ACME of wall C, where what is not said here is main's
 */
#define SP_SIGN_REQUEST_FIELDS(S, NUMBER, FIXED, BYTES)                                            \
  NUMBER (S, guint8, kind)                                                                         \
  BYTES (S, url, SP_ERRAND_URL_MAX)                                                                \
  BYTES (S, nonce, SP_ACME_NONCE_MAX)                                                              \
  BYTES (S, account, SP_ERRAND_URL_MAX)

/* REQUEST_SIGNED: empty: it is not */
#define SP_REQUEST_SIGNED_FIELDS(S, NUMBER, FIXED, BYTES) BYTES (S, request, SP_ACME_REQUEST_MAX)

/* SHOW_VALIDATION: from now on let the authority find the server under this name, with that token
 * and in that way, one of those of the order; instead of the one before */
#define SP_SHOW_VALIDATION_FIELDS(S, NUMBER, FIXED, BYTES)                                         \
  NUMBER (S, guint8, way)                                                                          \
  BYTES (S, name, SP_DOMAIN_MAX)                                                                   \
  BYTES (S, token, SP_ACME_TOKEN_MAX)

#define SP_VALIDATION_SHOWN_FIELDS(S, NUMBER, FIXED, BYTES) NUMBER (S, guint8, shown)

/* ORDER_DONE: status: of HTTP, 0: there was none; seconds: after which the authority wants to be
 * asked again, 0: it does not say */
#define SP_ORDER_DONE_FIELDS(S, NUMBER, FIXED, BYTES)                                              \
  NUMBER (S, guint8, outcome)                                                                      \
  NUMBER (S, guint16, status)                                                                      \
  NUMBER (S, guint32, seconds)

/* ASK_RENEWAL: when the authority of that directory wants a certificate renewed (RFC 9773), which
 * it knows as `certificate` (4.1).  Descriptor: the first of RUN_ORDER */
#define SP_ASK_RENEWAL_FIELDS(S, NUMBER, FIXED, BYTES)                                             \
  BYTES (S, directory, SP_ERRAND_URL_MAX)                                                          \
  BYTES (S, certificate, SP_ACME_RENEWAL_MAX)

/* RENEWAL_TOLD: outcome: as in ORDER_DONE, NO_WAY: it does not say such things; begin, end: of the
 * time in which it wants that, in microseconds since the epoch; seconds: after which it wants to be
 * asked again, 0: it does not say */
#define SP_RENEWAL_TOLD_FIELDS(S, NUMBER, FIXED, BYTES)                                            \
  NUMBER (S, guint8, outcome)                                                                      \
  NUMBER (S, guint64, begin)                                                                       \
  NUMBER (S, guint64, end)                                                                         \
  NUMBER (S, guint32, seconds)

/* LOOK_UP_NAME: which addresses (RFC 1035, RFC 3596) the name servers of this computer know of it
 */
#define SP_LOOK_UP_NAME_FIELDS(S, NUMBER, FIXED, BYTES) BYTES (S, name, SP_DOMAIN_MAX)

/* NAME_LOOKED_UP: addresses: whole ones, one behind the other; empty: there are none */
#define SP_NAME_LOOKED_UP_FIELDS(S, NUMBER, FIXED, BYTES)                                          \
  NUMBER (S, guint8, outcome)                                                                      \
  BYTES (S, addresses, SP_LOOKUP_ADDRESSES_MAX *SP_ADDRESS_SIZE)

#define SP_MAIN_COURIER_FROM(side) SP_MAIN_COURIER_##side
#define SP_MAIN_COURIER_IN(phase)  SP_PHASE (SP_MAIN_COURIER_##phase)

/* clang-format off */
#define SP_MAIN_COURIER_MESSAGES(MESSAGE, FROM, IN) \
  /*       message      struct        sender          in phases     times fds answers */ \
  MESSAGE (RUN_ERRAND,  SpRunErrand,  FROM (MAIN),    IN (WAITING), 1,    1,  NOTHING) \
  MESSAGE (ERRAND_DONE, SpErrandDone, FROM (COURIER), IN (ABROAD),  1,    0,  RUN_ERRAND) \
  MESSAGE (MAP_PORTS,   SpMapPorts,   FROM (MAIN),    IN (WAITING), 1,    0,  NOTHING) \
  MESSAGE (PORTS_MAPPED, SpPortsMapped, FROM (COURIER), IN (ABROAD), 1,   0,  MAP_PORTS) \
  MESSAGE (RUN_ORDER,   SpRunOrder,   FROM (MAIN),    IN (WAITING), 1,    2,  NOTHING) \
  MESSAGE (SIGN_REQUEST, SpSignRequest, FROM (COURIER), IN (ORDERING), SP_ACME_QUESTIONS, 0, NOTHING) \
  MESSAGE (REQUEST_SIGNED, SpRequestSigned, FROM (MAIN), IN (ORDERING), SP_ACME_QUESTIONS, 0, SIGN_REQUEST) \
  MESSAGE (SHOW_VALIDATION, SpShowValidation, FROM (COURIER), IN (ORDERING), 2 * SP_ACME_NAMES_MAX, 0, NOTHING) \
  MESSAGE (VALIDATION_SHOWN, SpValidationShown, FROM (MAIN), IN (ORDERING), 2 * SP_ACME_NAMES_MAX, 0, SHOW_VALIDATION) \
  MESSAGE (ORDER_DONE,  SpOrderDone,  FROM (COURIER), IN (ORDERING), 1,   0,  RUN_ORDER) \
  MESSAGE (ASK_RENEWAL, SpAskRenewal, FROM (MAIN),    IN (WAITING), 1,    1,  NOTHING) \
  MESSAGE (RENEWAL_TOLD, SpRenewalTold, FROM (COURIER), IN (ABROAD), 1,   0,  ASK_RENEWAL) \
  MESSAGE (LOOK_UP_NAME, SpLookUpName, FROM (MAIN),   IN (WAITING), 1,    0,  NOTHING) \
  MESSAGE (NAME_LOOKED_UP, SpNameLookedUp, FROM (COURIER), IN (ABROAD), 1, 0, LOOK_UP_NAME)
/* clang-format on */

enum
{
  SP_MAIN_COURIER_NO_MESSAGE = 0,
  SP_MAIN_COURIER_MESSAGES (SP_ENUM_MESSAGE, SP_MAIN_COURIER_FROM, SP_MAIN_COURIER_IN)
};

SP_MAIN_COURIER_MESSAGES (SP_STRUCT_MESSAGE, SP_MAIN_COURIER_FROM, SP_MAIN_COURIER_IN)

extern const SpWall sp_wall_main_courier;

G_END_DECLS
