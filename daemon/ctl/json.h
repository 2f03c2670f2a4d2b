/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "records.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* Writes one JSON document (RFC 8259), member by member.  Keys of D-Bus names become lower case
 * with hyphens ("RxBytes": "rx-bytes").  Units stay raw; a time ("…At", microseconds since 1970)
 * becomes an RFC 3339 text, or null for 0, beside the number under "…-at-usec"; "NotAfter"
 * likewise. */
typedef struct
{
  GString *text;
  gboolean follows;   /* a member stands before */
  SpRecords *records; /* that keep everything instead, or NULL */
} SpJson;

#define SP_JSON_SCHEMA      1
#define SP_JSON_USEC_SUFFIX "-usec"

/* Begins the document's object, with its "schema". */
void sp_json_init (SpJson *json);
/* Begins the document of a command that lists or shows things: members of the document, or of the
 * objects of one array in it.  It is printed as JSON, or as --terse and --fields say. */
void sp_json_init_listing (SpJson *json, const SpControl *control, const SpCommand *command);
/* Ends it and prints it as one line. */
void sp_json_print (SpJson *json);
/* Ends the array that was opened, and the document.  With an error the document tells what was done
 * before it, and is printed with it. */
void sp_json_end_list (SpJson *json, SpControl *control, const GError *error);

/* `key` is NULL inside an array.  Every open_ is closed by sp_json_close with the same bracket. */
void sp_json_open (SpJson *json, const char *key, char bracket);
void sp_json_close (SpJson *json, char bracket);

void sp_json_text (SpJson *json, const char *key, const char *text);
void sp_json_number (SpJson *json, const char *key, guint64 number);
void sp_json_time (SpJson *json, const char *key, guint64 microseconds);
/* NULL is null. */
void sp_json_value (SpJson *json, const char *key, GVariant *value);
/* A member under a D-Bus name. */
void sp_json_named (SpJson *json, const char *name, GVariant *value);
/* All properties of the proxy, in the order of its description. */
void sp_json_properties (SpJson *json, GDBusProxy *proxy);

/* "RxBytes" → "rx-bytes" */
char *sp_json_key_from_name (const char *name);
/* Whether a property of that name and type is a time. */
gboolean sp_json_is_time (const char *name, const GVariantType *type);
/* Microseconds since 1970 as RFC 3339 in UTC. */
char *sp_json_time_text (guint64 microseconds);

G_END_DECLS
