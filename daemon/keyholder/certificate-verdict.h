/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "certificate-bundle.h"
#include "walls/main-keyholder.h"

G_BEGIN_DECLS

/* What there is to say of files before anything in them is used. */

typedef struct
{
  const char *name; /* of the server; "": it has none */
  gint64 now;       /* seconds since the epoch */
  GBytes *trust;    /* authorities as PEM, or NULL */
  GPtrArray *pins;  /* of GBytes: keys that are here already */
  gboolean token;   /* the key is in a token: nothing is said of it yet */
} SpVerdictWishes;

typedef struct
{
  GByteArray *findings; /* as CERTIFICATE_CHECKED has them */
  gboolean usable;      /* no problem was found */
  SpCertificate *leaf;  /* the server's own; lent by the bundle; NULL: none was found */
  SpPrivateKey *key;    /* lent by the bundle; NULL: none, or one that is here already */
  GBytes *chain;        /* DER; NULL: there is none that fits */
} SpCertificateVerdict;

/* `results`: how reading each of the files went.  The verdict is good as long as the bundle. */
void sp_certificate_verdict_make (SpCertificateVerdict *verdict,
                                  SpBundle *bundle,
                                  const SpBundleResult *results,
                                  guint n_results,
                                  const SpVerdictWishes *wishes);
/* What came of asking the token; `text` is told. */
void sp_certificate_verdict_add_key (SpCertificateVerdict *verdict,
                                     gboolean good,
                                     const char *text);
void sp_certificate_verdict_clear (SpCertificateVerdict *verdict);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SpCertificateVerdict, sp_certificate_verdict_clear)

G_END_DECLS
