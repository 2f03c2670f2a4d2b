/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "certificate-verdict.h"

G_BEGIN_DECLS

/* Looks at files that somebody brought, in a thread of its own: opening what is encrypted takes
 * seconds, and meanwhile others sign in. */

typedef struct
{
  int files[SP_BUNDLE_FILES_MAX]; /* taken */
  guint n_files;
  int passphrase;  /* taken; -1: there is none */
  int trust;       /* taken; PEM, may be empty */
  char *name;      /* of the server; taken */
  GPtrArray *pins; /* of GBytes; taken: keys that are here */
  gboolean token;  /* the passphrase is the PIN of a token, which has the key */
} SpExaminationPlan;

typedef struct _SpExamination SpExamination;

/* In the loop.  `bundle` is what the verdict lends; `error` instead of both: the files could not be
 * read at all.  May free the examination. */
typedef void (*SpExamined) (gpointer user_data,
                            SpBundle *bundle,
                            const SpCertificateVerdict *verdict,
                            const GError *error);

SpExamination *sp_examination_new (SpExaminationPlan *plan,
                                   SpExamined examined,
                                   gpointer user_data);
/* When it has ended, as long as it is not freed: the PIN (empty if there was none), and the
 * verdict, which is not final then. */
const char *sp_examination_get_pin (SpExamination *examination);
SpCertificateVerdict *sp_examination_get_verdict (SpExamination *examination);
/* Waits until the thread has ended; everything is wiped. */
void sp_examination_free (SpExamination *examination);

G_END_DECLS
