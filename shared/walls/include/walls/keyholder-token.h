/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/limits.h"
#include "walls/permit.h"

G_BEGIN_DECLS

/* Wall H: the keyholder and the room of a token (PKCS #11), where a module runs that others wrote.
 * The room gets the PIN and digests, and gives signatures; it learns nothing else.  What it says is
 * believed of no signature: the keyholder checks each with the key of the certificate. */

enum
{
  SP_KEYHOLDER_TOKEN_KEYHOLDER = 0,
  SP_KEYHOLDER_TOKEN_TOKEN = 1
};

/* Phases:
 * STARTING   no module loaded yet
 * READY      the key is there
 */
typedef enum
{
  SP_KEYHOLDER_TOKEN_STARTING,
  SP_KEYHOLDER_TOKEN_READY
} SpKeyholderTokenPhase;

/* How it is with a key in a token; also what main is told (TOKEN_HEALTH) */
typedef enum
{
  SP_TOKEN_READY,
  SP_TOKEN_STARTING,    /* not known yet */
  SP_TOKEN_NO_MODULE,   /* the module is not there, or may not be loaded */
  SP_TOKEN_ABSENT,      /* no token with such a key */
  SP_TOKEN_WRONG_PIN,   /* nobody tries it again, since a token locks itself */
  SP_TOKEN_FOREIGN_KEY, /* its key is not that of the certificate */
  SP_TOKEN_SILENT,      /* it did not answer in time */
  SP_TOKEN_ENDED,       /* its room crashed, or could not be started */
  SP_TOKEN_FAILED,      /* whatever else the token says */
  SP_TOKEN_STATE_LAST = SP_TOKEN_FAILED
} SpTokenState;

/* SIGN_BLOCK.form: what is made of the digest, whose length says which it is (SHA-256, -384, -512)
 */
typedef enum
{
  SP_TOKEN_ECDSA,
  SP_TOKEN_RSA_PKCS1,
  SP_TOKEN_RSA_PSS, /* with the same hash, and salt of its length (RFC 8446 4.2.3) */
  SP_TOKEN_FORM_LAST = SP_TOKEN_RSA_PSS
} SpTokenForm;

/* OPEN_TOKEN: uri: RFC 7512, with the attribute module-path */
#define SP_OPEN_TOKEN_FIELDS(S, NUMBER, FIXED, BYTES)                                              \
  BYTES (S, uri, SP_TOKEN_URI_MAX)                                                                 \
  BYTES (S, pin, SP_PASSWORD_MAX)

/* TOKEN_OPENED: state: an SpTokenState; text: why it is not READY */
#define SP_TOKEN_OPENED_FIELDS(S, NUMBER, FIXED, BYTES)                                            \
  NUMBER (S, guint8, state)                                                                        \
  BYTES (S, text, SP_REASON_MAX)

#define SP_SIGN_BLOCK_FIELDS(S, NUMBER, FIXED, BYTES)                                              \
  NUMBER (S, guint8, form)                                                                         \
  BYTES (S, digest, 64)

/* BLOCK_SIGNED: as TLS has it (of ECDSA: DER); empty: the text says why */
#define SP_BLOCK_SIGNED_FIELDS(S, NUMBER, FIXED, BYTES)                                            \
  BYTES (S, signature, SP_SIGNATURE_MAX)                                                           \
  BYTES (S, text, SP_REASON_MAX)

#define SP_KEYHOLDER_TOKEN_FROM(side) SP_KEYHOLDER_TOKEN_##side
#define SP_KEYHOLDER_TOKEN_IN(phase)  SP_PHASE (SP_KEYHOLDER_TOKEN_##phase)

/* clang-format off */
#define SP_KEYHOLDER_TOKEN_MESSAGES(MESSAGE, FROM, IN) \
  /*       message       struct         sender            in phases      times         fds answers */ \
  MESSAGE (OPEN_TOKEN,   SpOpenToken,   FROM (KEYHOLDER), IN (STARTING), 1,            0,  NOTHING) \
  MESSAGE (TOKEN_OPENED, SpTokenOpened, FROM (TOKEN),     IN (STARTING), 1,            0,  OPEN_TOKEN) \
  MESSAGE (SIGN_BLOCK,   SpSignBlock,   FROM (KEYHOLDER), IN (READY),    SP_TIMES_ANY, 0,  NOTHING) \
  MESSAGE (BLOCK_SIGNED, SpBlockSigned, FROM (TOKEN),     IN (READY),    SP_TIMES_ANY, 0,  SIGN_BLOCK)
/* clang-format on */

enum
{
  SP_KEYHOLDER_TOKEN_NO_MESSAGE = 0,
  SP_KEYHOLDER_TOKEN_MESSAGES (SP_ENUM_MESSAGE, SP_KEYHOLDER_TOKEN_FROM, SP_KEYHOLDER_TOKEN_IN)
};

SP_KEYHOLDER_TOKEN_MESSAGES (SP_STRUCT_MESSAGE, SP_KEYHOLDER_TOKEN_FROM, SP_KEYHOLDER_TOKEN_IN)

extern const SpWall sp_wall_keyholder_token;

G_END_DECLS
