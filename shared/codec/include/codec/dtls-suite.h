/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The cipher suites of the datagram channel of clients that do not know PSK-NEGOTIATE (AnyConnect,
 * openconnect before 7.08).  They resume a session that never was: the client invents the master
 * secret and sends it over TLS, the server answers with a session id, and the DTLS handshake is an
 * abbreviated one (RFC 5246 7.3) with that suite.  So the key exchange in a suite's name happens
 * nowhere. */

#define SP_DTLS_SUITES_MAX 32 /* a set of suites is one bit each */

typedef enum
{
  SP_DTLS_VIA_CLASSIC, /* X-DTLS-CipherSuite */
  SP_DTLS_VIA_12       /* X-DTLS12-CipherSuite: DTLS 1.2 whatever the suite */
} SpDtlsVia;

typedef enum
{
  SP_DTLS_KX_RSA,
  SP_DTLS_KX_ECDHE_RSA
} SpDtlsKeyExchange;

/* The cipher and MAC by the names of codec/mtu.h; an AEAD cipher has no MAC. */
typedef struct
{
  const char *name;
  SpDtlsVia via; /* offered and answered in this header */
  guint16 version;
  SpDtlsKeyExchange key_exchange;
  const char *cipher;
  const char *mac;
} SpDtlsSuite;

/* What may be chosen: the standard's DTLS, or what was spoken before it (version 0x0100). */
typedef enum
{
  SP_DTLS_ERA_1_2,
  SP_DTLS_ERA_0_9,
  SP_DTLS_ERAS
} SpDtlsEra;

guint sp_dtls_suite_count (void);
/* NULL beyond the last; the best comes first. */
const SpDtlsSuite *sp_dtls_suite_get (guint index);
guint sp_dtls_suite_get_index (const SpDtlsSuite *suite);
SpDtlsEra sp_dtls_suite_get_era (const SpDtlsSuite *suite);

const char *sp_dtls_via_header (SpDtlsVia via);

/* The suites that a header's value, a list separated by colons, names: bit n is suite n.  What is
 * not known is left out. */
guint32 sp_dtls_suites_read (SpDtlsVia via, const char *value, gsize length);
guint32 sp_dtls_suites_of_era (SpDtlsEra era);

/* The one to use, NULL if there is none: that of the stream's cipher, for that is the one that
 * suits both ends, else the best. `cipher` by its name or NULL. */
const SpDtlsSuite *sp_dtls_suite_choose (guint32 offered, const char *cipher);

G_END_DECLS
