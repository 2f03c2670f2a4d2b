/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What can be flooded with, as a table: which bytes come first, and what follows. */

typedef enum
{
  FLOOD_NOTHING,
  FLOOD_DRIP,    /* of a hello, a byte a second */
  FLOOD_GARBAGE, /* bytes that mean nothing */
  FLOOD_HELLO_NAMELESS,
  FLOOD_HELLO_MISNAMED, /* names a server that nobody has */
  FLOOD_HELLO_NAMED,    /* with the name that was given, if any */
  FLOOD_HANDSHAKE,      /* a whole one */
  FLOOD_RECORDS,        /* datagrams: DTLS records under keys of nobody */
  FLOOD_HELLO_RANDOM_ID,
  FLOOD_HELLO_GIVEN_ID,
  FLOOD_OPENVPN /* the first packet of an OpenVPN client, with an id of its own */
} FloodFirst;

typedef enum
{
  FLOOD_HANG, /* hold the connection until the server ends it, or its place is needed */
  FLOOD_JUNK_REQUEST,
  FLOOD_GUESS_DEEP, /* passwords of one login */
  FLOOD_GUESS_WIDE  /* each of another login */
} FloodThen;

typedef struct
{
  const char *name;
  const char *words;
  gboolean is_datagram;
  FloodFirst first;
  FloodThen then;
  guint rate;    /* a second: connections or datagrams */
  guint at_once; /* connections that are held */
} FloodKind;

extern const FloodKind flood_kinds[];
extern const guint flood_kinds_n;

/* NULL if there is none of this name. */
const FloodKind *flood_kind_find (const char *name);

G_END_DECLS
