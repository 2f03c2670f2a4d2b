/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/token.h"

G_BEGIN_DECLS

/* Where an invited person finds what: below SP_ENROLMENT_FOLDER a token, and behind it the name of
 * a file, or nothing.  The token of the page is the invitation's, that of a file the one which the
 * page gave out. */
#define SP_ENROLMENT_FOLDER "/e/"

typedef enum
{
  SP_ENROLMENT_PAGE,            /* all others are files to be saved */
  SP_ENROLMENT_PKCS12,          /* key and certificate (RFC 7292) */
  SP_ENROLMENT_NETWORK_MANAGER, /* what NetworkManager imports: no secret */
  SP_ENROLMENT_APPLE,           /* a profile for Apple's devices, with the PKCS #12 file within */
  SP_ENROLMENT_LAST = SP_ENROLMENT_APPLE
} SpEnrolmentFile;

typedef struct
{
  const char *name; /* behind the token; empty: the page */
  const char *type; /* Content-Type */
} SpEnrolmentFileRow;

const SpEnrolmentFileRow *sp_enrolment_file_get_row (SpEnrolmentFile file);

/* FALSE if the target (path and query) is none of these. */
gboolean sp_enrolment_path_read (const char *target,
                                 gsize length,
                                 SpEnrolmentFile *ret_file,
                                 guint8 ret_token[SP_TOKEN_SIZE]);

G_END_DECLS
