/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/limits.h"

#include <glib.h>

G_BEGIN_DECLS

/* The head of one HTTP/1.x request (RFC 9112 2–6), read as strictly as every stock client allows:
 * one CRLF a line, one blank between the three parts of the first line, no folding, no blank
 * before a colon, no control character, no transfer coding.  What two readers could understand in
 * two ways is refused, so nothing can be smuggled past a proxy. */

typedef enum
{
  SP_HTTP_GET,
  SP_HTTP_POST,
  SP_HTTP_CONNECT,
  SP_HTTP_HEAD,  /* a GET whose answer has no body (RFC 9110 9.3.2) */
  SP_HTTP_OTHER, /* well-formed, but nothing that we serve */
  SP_HTTP_METHOD_LAST = SP_HTTP_OTHER
} SpHttpMethod;

/* Both texts point into the caller's buffer and are not terminated.  The value has no blank at
 * either end and may be empty. */
typedef struct
{
  const char *name;
  gsize name_length;
  const char *value;
  gsize value_length;
} SpHttpField;

/* Valid as long as the parsed bytes are. */
typedef struct
{
  SpHttpMethod method;
  const char *target; /* into the caller's buffer, printable ASCII without blanks */
  gsize target_length;
  guint minor;         /* HTTP/1.minor: 0 or 1 */
  gboolean keep_alive; /* what Connection and the version say together (RFC 9112 9.3) */
  gboolean has_content_length;
  guint64 content_length; /* bytes, at most SP_HTTP_BODY_MAX */
  gsize head_size;        /* bytes up to and including the empty line */
  guint n_fields;
  SpHttpField fields[SP_HTTP_HEADERS_MAX];
} SpHttpHead;

typedef enum
{
  SP_HTTP_COMPLETE,
  SP_HTTP_INCOMPLETE,         /* nothing wrong so far: call again with more bytes */
  SP_HTTP_BAD_SYNTAX,         /* whatever has no name of its own below */
  SP_HTTP_BAD_VERSION,        /* neither HTTP/1.0 nor HTTP/1.1 */
  SP_HTTP_BARE_LF,            /* a line that does not end in CRLF */
  SP_HTTP_FOLDED,             /* a field continued on the next line */
  SP_HTTP_BLANK_BEFORE_COLON, /* "Name : value" */
  SP_HTTP_TARGET_NO_PATH, /* of GET, HEAD or POST: another form than "/…" (RFC 9112 3.2.2 to 3.2.4)
                           */
  SP_HTTP_TARGET_TOO_LONG,   /* more than SP_HTTP_TARGET_MAX bytes */
  SP_HTTP_HEAD_TOO_LONG,     /* no end within SP_HTTP_HEAD_MAX bytes */
  SP_HTTP_TOO_MANY_FIELDS,   /* more than SP_HTTP_HEADERS_MAX */
  SP_HTTP_TRANSFER_ENCODING, /* no client needs one */
  SP_HTTP_BODY_TOO_LONG,     /* Content-Length above SP_HTTP_BODY_MAX */
  SP_HTTP_UNEXPECTED_BODY,   /* a body where none belongs: anything but POST */
  SP_HTTP_VERDICT_LAST = SP_HTTP_UNEXPECTED_BODY
} SpHttpVerdict;

const char *sp_http_verdict_to_string (SpHttpVerdict verdict);

/* Reads the head at the start of `bytes`; what follows it (body, tunnel bytes) is not looked at.
 * A refusal is final: more bytes do not mend it.  `ret` is filled only if COMPLETE. */
SpHttpVerdict sp_http_head_parse (const char *bytes, gsize size, SpHttpHead *ret);

/* The first field of that name (ASCII case is ignored), or NULL. */
const SpHttpField *sp_http_head_find (const SpHttpHead *head, const char *name);

/* The first cookie of exactly that name in any Cookie field (RFC 6265 4.2); points into the
 * caller's buffer and may be empty. */
gboolean sp_http_head_cookie (const SpHttpHead *head,
                              const char *cookie_name,
                              const char **ret_value,
                              gsize *ret_length);

/* Whether the target's path, without a query, is `path`. */
gboolean sp_http_head_path_is (const SpHttpHead *head, const char *path);

G_END_DECLS
