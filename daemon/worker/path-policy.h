/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "codec/http-head.h"

G_BEGIN_DECLS

/* Which path gives what: everything that stock clients ask for besides the tunnel.  A query is
 * never looked at. */

typedef enum
{
  SP_PATH_FORM,     /* the sign-in form, for who has no XML to post */
  SP_PATH_SIGN_IN,  /* what is posted there is a step of signing in */
  SP_PATH_PHONE,    /* signing in for IP phones: one POST, and a cookie instead of a page */
  SP_PATH_DOCUMENT, /* always the same, kept below */
  SP_PATH_NOTHING   /* 404 */
} SpPathUse;

typedef struct
{
  SpPathUse use;
  const char *type;   /* Content-Type of a document; NULL if it is empty */
  const char *fields; /* more header lines of a document, each with its CRLF, or NULL */
  const char *body;   /* of a document */
} SpPathPolicy;

/* Never NULL.  Of a GET, POST or another method; CONNECT has a path of its own. */
const SpPathPolicy *sp_path_policy_find (SpHttpMethod method, const char *target, gsize length);

G_END_DECLS
