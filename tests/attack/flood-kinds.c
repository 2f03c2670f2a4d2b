/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "flood-kinds.h"

#include <string.h>

#define STREAM(name, first, then, rate, at_once, words)                                            \
  {                                                                                                \
    name, words, FALSE, first, then, rate, at_once                                                 \
  }
#define DATAGRAM(name, first, rate, words)                                                         \
  {                                                                                                \
    name, words, TRUE, first, FLOOD_HANG, rate, 0                                                  \
  }

/* A server that waits for the first byte before it accepts must be made to wait long enough, so the
 * silent ones are held for 18 seconds. */
const FloodKind flood_kinds[] = {
  STREAM ("hang", FLOOD_NOTHING, FLOOD_HANG, 1000, 18000, "connect and say nothing"),
  STREAM ("drip", FLOOD_DRIP, FLOOD_HANG, 1000, 12000, "connect and say one byte a second"),
  STREAM ("garbage", FLOOD_GARBAGE, FLOOD_HANG, 5000, 4000, "connect and say what means nothing"),
  STREAM ("nameless",
          FLOOD_HELLO_NAMELESS,
          FLOOD_HANG,
          2000,
          8000,
          "a TLS hello without a server's name, then silence"),
  STREAM ("misnamed",
          FLOOD_HELLO_MISNAMED,
          FLOOD_HANG,
          2000,
          8000,
          "a TLS hello for a server that nobody has, then silence"),
  STREAM ("hello",
          FLOOD_HELLO_NAMED,
          FLOOD_HANG,
          2000,
          8000,
          "a TLS hello with the name given, then silence"),
  STREAM ("junk",
          FLOOD_HANDSHAKE,
          FLOOD_JUNK_REQUEST,
          500,
          2000,
          "a whole TLS handshake, then what is no HTTP"),
  STREAM ("guess-deep",
          FLOOD_HANDSHAKE,
          FLOOD_GUESS_DEEP,
          200,
          1000,
          "guesses at the password of one login"),
  STREAM (
      "guess-wide", FLOOD_HANDSHAKE, FLOOD_GUESS_WIDE, 200, 1000, "guesses, each at another login"),
  STREAM ("openvpn",
          FLOOD_OPENVPN,
          FLOOD_HANG,
          2000,
          8000,
          "the first packet of an OpenVPN client over TCP, then silence"),
  DATAGRAM ("datagrams", FLOOD_GARBAGE, 100000, "datagrams that mean nothing"),
  DATAGRAM ("records", FLOOD_RECORDS, 100000, "DTLS records under keys of nobody"),
  DATAGRAM ("ids", FLOOD_HELLO_RANDOM_ID, 100000, "DTLS hellos with ids of nobody"),
  DATAGRAM ("replays", FLOOD_HELLO_GIVEN_ID, 100000, "one DTLS hello with the id given, repeated"),
  DATAGRAM ("openvpn-datagrams",
            FLOOD_OPENVPN,
            100000,
            "first packets of OpenVPN clients, each with another id"),
};

const guint flood_kinds_n = G_N_ELEMENTS (flood_kinds);

const FloodKind *
flood_kind_find (const char *name)
{
  for (guint i = 0; i < flood_kinds_n; i++)
    if (strcmp (flood_kinds[i].name, name) == 0)
      return &flood_kinds[i];
  return NULL;
}
