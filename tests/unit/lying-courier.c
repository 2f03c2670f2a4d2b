/* SPDX-License-Identifier: GPL-2.0-or-later */

/* In the place of a courier, one that somebody has taken over: the directory of the order that it
 * is sent out with, the name that it is to look up, or a nonce, says how it lies. */

#include "base/names.h"
#include "link/channel.h"
#include "walls/main-courier.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define MANY     (2 * SP_ACME_QUESTIONS)
#define PATIENCE 20000 /* milliseconds */

/* Until main takes it, or has had enough. */
static void
say (guint8 type, guint32 serial, gconstpointer message)
{
  struct pollfd writable = { .fd = SP_WALL_FD, .events = POLLOUT };
  gboolean said = FALSE;

  while (!said && poll (&writable, 1, PATIENCE) == 1 && (writable.revents & POLLHUP) == 0)
    said =
        sp_channel_send (SP_WALL_FD, &sp_wall_main_courier, type, serial, message, NULL, 0, NULL);
}

static void
ask_for_signatures (guint count)
{
  SpSignRequest request = { .kind = SP_ACME_FETCH };

  for (guint32 serial = 1; serial <= count; serial++)
    say (SP_MESSAGE_SIGN_REQUEST, serial, &request);
}

static void
lie (const char *how, guint32 serial)
{
  SpOrderDone done = { .outcome = SP_ORDER_CAA, .seconds = G_MAXUINT32 };
  const SpErrandDone other = { .outcome = SP_ERRAND_DONE };

  if (strcmp (how, "open") == 0)
    ask_for_signatures (1);
  if (strcmp (how, "many") == 0)
    ask_for_signatures (MANY);
  if (strcmp (how, "unknown") == 0)
    done.outcome = G_MAXUINT8;
  if (strcmp (how, "other") == 0)
    say (SP_MESSAGE_ERRAND_DONE, serial, &other);
  if (strcmp (how, "garbage") == 0)
    (void) send (SP_WALL_FD, how, strlen (how), MSG_NOSIGNAL);
  if (strcmp (how, "nothing") != 0)
    say (SP_MESSAGE_ORDER_DONE, serial, &done);
}

/* Addresses that are none, with outcomes that do not go with them. */
static void
lie_about_name (const char *how, guint32 serial)
{
  SpNameLookedUp done = { .outcome = SP_LOOKUP_FOUND, .addresses_length = 2 * SP_ADDRESS_SIZE };

  memset (done.addresses, 1, sizeof done.addresses);
  if (strcmp (how, "unknown") == 0)
    done.outcome = G_MAXUINT8;
  if (strcmp (how, "half") == 0)
    done.addresses_length--;
  if (strcmp (how, "empty") == 0)
    done.addresses_length = 0;
  if (strcmp (how, "both") == 0)
    done.outcome = SP_LOOKUP_UNKNOWN;
  say (SP_MESSAGE_NAME_LOOKED_UP, serial, &done);
}

/* The nonce says how. */
static void
lie_about_ports (const SpMapPorts *order, guint32 serial)
{
  g_autofree char *how = g_strndup ((const char *) order->nonce, sizeof order->nonce);
  SpPortsMapped done = {
    .tcp = SP_MAPPING_DONE, .udp = SP_MAPPING_DONE, .way = SP_MAPPING_PCP, .seconds = G_MAXUINT32
  };

  memcpy (done.address, order->own, SP_ADDRESS_SIZE);
  if (strcmp (how, "elsewhere") == 0)
    done.address[SP_ADDRESS_SIZE - 1] ^= 1;
  if (strcmp (how, "nowhere") == 0)
    memset (done.address, 0, sizeof done.address);
  if (strcmp (how, "unknown") == 0)
    done.tcp = done.udp = done.way = G_MAXUINT8;
  if (strcmp (how, "refused") == 0)
    done.tcp = done.udp = SP_MAPPING_REFUSED;
  if (strcmp (how, "udp alone") == 0 || strcmp (how, "udp away") == 0)
    done.tcp = SP_MAPPING_TAKEN;
  if (strcmp (how, "udp away") == 0)
    done.address[SP_ADDRESS_SIZE - 1] ^= 1;
  say (SP_MESSAGE_PORTS_MAPPED, serial, &done);
}

int
main (void)
{
  struct pollfd readable = { .fd = SP_WALL_FD, .events = POLLIN };
  g_autofree SpEnvelope *envelope = g_new0 (SpEnvelope, 1);
  const SpRunOrder *order = (const void *) envelope->message.bytes;
  const SpLookUpName *lookup = (const void *) envelope->message.bytes;
  g_autofree char *how = NULL;
  SpPermit permit;

  sp_permit_init (&permit, &sp_wall_main_courier, SP_MAIN_COURIER_COURIER);
  if (poll (&readable, 1, PATIENCE) != 1 ||
      !sp_channel_receive (SP_WALL_FD, &permit, envelope, NULL))
    return EXIT_FAILURE;
  if (envelope->header.type == SP_MESSAGE_LOOK_UP_NAME)
    {
      how = g_strndup ((const char *) lookup->name, lookup->name_length);
      lie_about_name (how, envelope->header.serial);
    }
  else if (envelope->header.type == SP_MESSAGE_MAP_PORTS)
    lie_about_ports ((const void *) envelope->message.bytes, envelope->header.serial);
  else
    {
      how = g_strndup ((const char *) order->directory, order->directory_length);
      lie (how, envelope->header.serial);
    }
  sp_envelope_clear (envelope);
  return EXIT_SUCCESS;
}
