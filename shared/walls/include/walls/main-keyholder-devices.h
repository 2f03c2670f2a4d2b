/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/limits.h"
#include "walls/message.h"

G_BEGIN_DECLS

/* What wall C says of devices, and of second steps and passwords for one program. */

/* ISSUE_DEVICE.format: of the file that the client's machine gets */
typedef enum
{
  SP_DEVICE_PKCS12,     /* what every importer reads */
  SP_DEVICE_PKCS12_AES, /* what today's read */
  SP_DEVICE_PEM,
  SP_DEVICE_FORMAT_LAST = SP_DEVICE_PEM
} SpDeviceFormat;

/* ISSUE_DEVICE.passphrase: of the private key in the file */
typedef enum
{
  SP_PASSPHRASE_MADE,  /* goes into the second descriptor */
  SP_PASSPHRASE_GIVEN, /* can be read from it */
  SP_PASSPHRASE_NONE,  /* PEM only */
  SP_PASSPHRASE_LAST = SP_PASSPHRASE_NONE
} SpPassphrase;

/* ISSUE_DEVICE: make a key and a certificate of our authority, write both into the first descriptor
 * and keep nothing of the key. renew: for a device that is there; the certificate that it has stays
 * good until the new one is used. The descriptors are memory files; login and name are what people
 * see in the certificate */
#define SP_ISSUE_DEVICE_FIELDS(S, NUMBER, FIXED, BYTES)                                            \
  FIXED (S, device, SP_ID_SIZE)                                                                    \
  FIXED (S, user, SP_ID_SIZE)                                                                      \
  NUMBER (S, guint8, renew)                                                                        \
  NUMBER (S, guint8, format)                                                                       \
  NUMBER (S, guint8, passphrase)                                                                   \
  NUMBER (S, guint32, days)                                                                        \
  BYTES (S, login, SP_LOGIN_MAX)                                                                   \
  BYTES (S, name, SP_DEVICE_NAME_MAX)

/* DEVICE_ISSUED: not_after in microseconds since the epoch; the fingerprint is that of the new
 * certificate */
#define SP_DEVICE_ISSUED_FIELDS(S, NUMBER, FIXED, BYTES)                                           \
  NUMBER (S, guint8, done)                                                                         \
  NUMBER (S, guint64, not_after)                                                                   \
  FIXED (S, fingerprint, SP_FINGERPRINT_SIZE)                                                      \
  BYTES (S, text, SP_REASON_MAX)

/* REVOKE_DEVICE: while on, and before blocked_until (microseconds since the epoch, 0 = it is not
 * blocked), nobody signs in with it; its cookies die at once, or with keep_cookies are no good as
 * long as that is so */
#define SP_REVOKE_DEVICE_FIELDS(S, NUMBER, FIXED, BYTES)                                           \
  FIXED (S, device, SP_ID_SIZE)                                                                    \
  NUMBER (S, guint8, on)                                                                           \
  NUMBER (S, guint64, blocked_until)                                                               \
  NUMBER (S, guint8, keep_cookies)

#define SP_DEVICE_REVOKED_FIELDS(S, NUMBER, FIXED, BYTES) SP_DONE_FIELDS (S, NUMBER, BYTES)

/* REMOVE_DEVICE: as if it had never been; its cookies die at once */
#define SP_REMOVE_DEVICE_FIELDS(S, NUMBER, FIXED, BYTES) FIXED (S, device, SP_ID_SIZE)

#define SP_DEVICE_REMOVED_FIELDS(S, NUMBER, FIXED, BYTES) SP_DONE_FIELDS (S, NUMBER, BYTES)

/* ENROLL_TOTP: make a new secret for the second step, to be confirmed. The keyholder writes the URI
 * that a phone reads (otpauth:) into the descriptor, an empty file in memory that main does not
 * read; label and issuer are what the phone shows. What was confirmed before holds until then */
#define SP_ENROLL_TOTP_FIELDS(S, NUMBER, FIXED, BYTES)                                             \
  FIXED (S, user, SP_ID_SIZE)                                                                      \
  BYTES (S, label, SP_LOGIN_MAX)                                                                   \
  BYTES (S, issuer, SP_ISSUER_MAX)

#define SP_TOTP_ENROLLED_FIELDS(S, NUMBER, FIXED, BYTES) SP_DONE_FIELDS (S, NUMBER, BYTES)

/* CONFIRM_TOTP: with a code of the new secret, which then counts. Recovery codes are written into
 * the descriptor, a line each; older ones are forgotten */
#define SP_CONFIRM_TOTP_FIELDS(S, NUMBER, FIXED, BYTES)                                            \
  FIXED (S, user, SP_ID_SIZE)                                                                      \
  BYTES (S, code, SP_CODE_MAX)

#define SP_TOTP_CONFIRMED_FIELDS(S, NUMBER, FIXED, BYTES) SP_DONE_FIELDS (S, NUMBER, BYTES)

/* REMOVE_TOTP: no second step any more, confirmed or not */
#define SP_REMOVE_TOTP_FIELDS(S, NUMBER, FIXED, BYTES) FIXED (S, user, SP_ID_SIZE)

#define SP_TOTP_REMOVED_FIELDS(S, NUMBER, FIXED, BYTES) SP_DONE_FIELDS (S, NUMBER, BYTES)

/* TWO_STEP_KNOWN: after PREPARED once for each user who has a second step, and when that changes */
#define SP_TWO_STEP_KNOWN_FIELDS(S, NUMBER, FIXED, BYTES)                                          \
  FIXED (S, user, SP_ID_SIZE)                                                                      \
  NUMBER (S, guint8, on)                                                                           \
  NUMBER (S, guint8, recovery_codes)

/* ADD_APP_PASSWORD: make a device that is not there yet and its password, which is written into the
 * descriptor, an empty file in memory that main does not read */
#define SP_ADD_APP_PASSWORD_FIELDS(S, NUMBER, FIXED, BYTES)                                        \
  FIXED (S, device, SP_ID_SIZE)                                                                    \
  FIXED (S, user, SP_ID_SIZE)

#define SP_APP_PASSWORD_ADDED_FIELDS(S, NUMBER, FIXED, BYTES) SP_DONE_FIELDS (S, NUMBER, BYTES)

G_END_DECLS
