/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Every length and number that bounds something which an outsider can influence. */

/* Identifiers, bytes */
#define SP_ID_SIZE          16 /* public id of a user or session */
#define SP_COOKIE_SIZE      32 /* the webvpn cookie, before hexadecimal */
#define SP_APP_ID_SIZE      32 /* X-DTLS-App-ID: handle, nonce, tag */
#define SP_TICKET_SIZE      32 /* names a sign-in whose password was right, for its second step */
#define SP_PSK_SIZE         32 /* exporter output that keys the DTLS channel */
#define SP_DTLS_MASTER_SIZE 48 /* master secret of a resumed DTLS session */
#define SP_PIN_SIZE         32 /* SHA-256 of a public key */
#define SP_TOKEN_SIZE       32 /* of an invitation, and of what it gave */
#define SP_DIGEST_SIZE      32 /* of a token: SHA-256 */
#define SP_ADDRESS_SIZE     16 /* IPv6, or IPv4 mapped into it */

/* Texts, bytes without a terminator */
#define SP_LOGIN_MAX       64
#define SP_FULL_NAME_MAX   128
#define SP_PASSPHRASE_MIN  8 /* of a file that a private key is in */
#define SP_PASSPHRASE_MAX  127
#define SP_DEVICE_NAME_MAX 64
#define SP_COMMON_NAME_MAX 64
#define SP_PASSWORD_MAX    511 /* libxcrypt takes no more */
#define SP_CODE_MAX        32  /* of a second step, as typed */
#define SP_CODE_DIGITS     6
#define SP_ISSUER_MAX      64
#define SP_HOSTNAME_MAX    63
#define SP_USER_AGENT_MAX  127
#define SP_CIPHER_MAX      64
#define SP_DOMAIN_MAX      255
#define SP_BANNER_MAX      255
#define SP_REASON_MAX      120
#define SP_PATH_MAX        1024
#define SP_GROUP_NAME_MAX  32 /* of a group that people choose when they sign in */
#define SP_GROUP_LABEL_MAX 63 /* what they see of it; clients send no more back */

#define SP_GROUPS_MAX 32
/* All of them with their labels, and the choice of none, as codec/group-list.h has them */
#define SP_GROUP_LIST_MAX ((SP_GROUPS_MAX + 1) * (SP_GROUP_NAME_MAX + SP_GROUP_LABEL_MAX + 2))
/* The names of those that one user may choose, each ended by a line feed */
#define SP_GROUP_NAMES_MAX (SP_GROUPS_MAX * (SP_GROUP_NAME_MAX + 1))

/* Where the server answers: places beside its addresses with the port, and the sockets of all */
#define SP_ALSO_LISTEN_MAX 7
#define SP_LISTENERS_MAX   32
#define SP_PROXIES_MAX     16 /* networks in front of the server */

/* Metrics for programs of this computer */
#define SP_METRICS_LISTENERS_MAX 2
#define SP_METRICS_TEXT_MAX      (16 * 1024)
#define SP_INTERFACE_NAME_MAX    15 /* of a network device, as the kernel has it */

/* HTTP stage (protocol limits that stock clients stay far below) */
#define SP_HTTP_TARGET_MAX   255
#define SP_HTTP_HEAD_MAX     (16 * 1024)
#define SP_HTTP_BODY_MAX     (256 * 1024)
#define SP_HTTP_HEADERS_MAX  64
#define SP_HTTP_REQUESTS_MAX 16
#define SP_PASSWORD_TRIES    3
#define SP_CERTIFICATE_TRIES 4 /* the first may be answered by a choice, which has three tries */
#define SP_CODE_TRIES        3 /* for a right password, and on one connection */

/* Signing in by PAM */
#define SP_PROMPT_MAX       255 /* bytes of what a module asks, with what it says before */
#define SP_PAM_PROMPTS_MAX  4   /* in one sign-in, the one for the password among them */
#define SP_PAM_ROOMS_MAX    16  /* at one time */
#define SP_PAM_ROOMS_KNOWN  4   /* of which so many are kept for who signed in from there before */
#define SP_PAM_STEP_SECONDS 15  /* for PAM to ask or to decide: workers wait 20 */
#define SP_PAM_ROOM_SECONDS 600 /* for all that people and modules take: four times the most */

/* Packets */
#define SP_PACKET_MAX         16384 /* largest inner packet, also the largest TLS fragment */
#define SP_FIRST_DATAGRAM_MAX 2048  /* a ClientHello that needs more is refused */
#define SP_CLIENT_HELLO_MAX   (8 * 1024)
#define SP_MTU_LINK_MAX       16384
#define SP_MTU_LINK_MIN_IPV4  800
#define SP_MTU_LINK_MIN_IPV6  1280
#define SP_MTU_DEFAULT        1500

/* Certificates */
#define SP_CERTIFICATE_CHAIN_MAX 8192
#define SP_HANDSHAKE_MAX         28672 /* bytes of all its messages: two hellos, two chains, the rest */
#define SP_CERTIFICATE_MAX       4096
#define SP_FINGERPRINT_SIZE      32  /* SHA-256 of a certificate */
#define SP_CERTIFICATE_TEXT_MAX  255 /* a subject or issuer as text */
#define SP_CERTIFICATE_NAMES_TEXT_MAX                                                              \
  9216 /* all names of one as text; those of the largest fit                                       \
        */
/* Keys in tokens (PKCS #11) */
#define SP_TOKEN_URI_MAX       1024
#define SP_SIGNATURE_MAX       512
#define SP_BUNDLE_FILES_MAX    4
#define SP_BUNDLE_FILE_MAX     (64 * 1024)       /* bytes of one file with certificates or keys */
#define SP_TRUST_MAX           (2 * 1024 * 1024) /* bytes of all authorities that a computer trusts */
#define SP_RSA_BITS_MIN        2048
#define SP_RSA_BITS_MAX        4096 /* SP_SIGNATURE_MAX bytes; signing holds up everybody else */
#define SP_RENEWAL_SECONDS_MIN 2    /* between two signatures for one connection */

#define SP_DEVICE_FILE_MAX 16384 /* a client's key and certificates, packed */
#define SP_DEVICE_DAYS     730   /* for which its certificate is good unless said otherwise */
#define SP_DEVICE_DAYS_MAX 3650

/* Invitations */
#define SP_INVITATIONS_MAX        256 /* that are open at one time */
#define SP_INVITATION_SECONDS     86400
#define SP_INVITATION_SECONDS_MIN 60
#define SP_INVITATION_SECONDS_MAX 2592000
#define SP_ENROLMENT_SECONDS      3600 /* for which files can be fetched, once it was opened */
#define SP_INVITATION_DAYS        7    /* for which one that is over is remembered */
#define SP_URL_MAX                320
#define SP_DEVICES_PER_USER_MAX   100

/* Labels of devices (base/label.h) */
#define SP_LABEL_LENGTH    16
#define SP_LABEL_HASH_SIZE 16
#define SP_LABELS_MAX      65536 /* that the door knows */
#define SP_LABELS_AT_ONCE  1024  /* in one message */

/* What a client is told */
#define SP_DNS_SERVERS_MAX     3
#define SP_NETWORKS_BEHIND_MAX 8  /* one user */
#define SP_USER_ROUTES_MAX     48 /* of one user */
#define SP_REACH_HOSTS_MAX     32
#define SP_SPLIT_DNS_MAX       1023 /* bytes, all domains */
#define SP_SPLIT_DNS_DOMAINS   16
#define SP_ROUTES_MAX          64
#define SP_STRANGER_ANSWER_MAX 255 /* bytes */

#define SP_REFUSED_NETWORKS_MAX 32 /* that the door counts one by one */
#define SP_ERRAND_SECONDS       60 /* for all of a courier's way */
#define SP_ERRAND_URL_MAX       511
#define SP_ERRAND_USER_MAX      127
#define SP_ERRAND_SECRET_MAX    255
#define SP_ERRAND_ANSWER_MAX    1024 /* bytes of what a provider says */
#define SP_LOOKUP_ADDRESSES_MAX 8    /* of a name that are looked at, half of them IPv4 */
#define SP_ADDRESS_ANSWER_MAX   64   /* bytes of an address as text */
#define SP_PROVIDER_WORD_MAX    15

/* House */
#define SP_BANS_MAX            1024
#define SP_SESSIONS_MAX        2000
#define SP_UNAUTHENTICATED_MAX 64 /* workers that serve somebody not yet known */
#define SP_WORKERS_READY       2  /* started ahead of need */
#define SP_NURSERY_FORKS_MAX   1000
#define SP_DRAIN_LIST_MAX      256
#define SP_DRAIN_SECONDS       30
#define SP_STRAY_SECONDS       2 /* for which main remembers where a stray came from */
#define SP_RECALL_MILLISECONDS 250
