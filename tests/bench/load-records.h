/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

G_BEGIN_DECLS

/* DTLS 1.2 records of AES-GCM (RFC 6347 4.1, RFC 5288), sealed and opened by the load client itself
 * with the keys of a session whose handshake is over: that costs half of what records of GnuTLS do.
 * Shares no code with the server's own.  There is no replay window: the line has no attacker. */

#define LOAD_RECORD_HEADER   21 /* of the record, and the nonce's explicit part */
#define LOAD_RECORD_TAG      16
#define LOAD_RECORD_OVERHEAD (LOAD_RECORD_HEADER + LOAD_RECORD_TAG)

typedef struct
{
  gnutls_aead_cipher_hd_t cipher;
  guint8 salt[4];
  guint64 number; /* epoch and sequence number of the next record */
} LoadKey;

typedef struct
{
  LoadKey sealing;
  LoadKey opening;
} LoadRecords;

/* FALSE if the session has another cipher than AES-GCM. */
gboolean load_records_init (LoadRecords *records, gnutls_session_t session);
void load_records_clear (LoadRecords *records);

/* Application data of `size` bytes into `record`, which has room for LOAD_RECORD_OVERHEAD more; the
 * record's size. */
gsize load_records_seal (LoadRecords *records, guint8 *record, const guint8 *data, gsize size);
/* Opens one record in place; NULL if it is none of application data, or not authentic. */
const guint8 *load_records_open (LoadRecords *records, guint8 *record, gsize size, gsize *ret_size);

G_END_DECLS
