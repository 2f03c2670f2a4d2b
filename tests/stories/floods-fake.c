/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backdoor.h"

#include <string.h>

void
sp_fake_flood (SpPenaltyBook *penalties, char **words)
{
  SpNetworkRefused message = { .place = (guint8) g_ascii_strtoull (words[1], NULL, 10) };
  guint64 count = GUINT64_TO_LE (g_ascii_strtoull (words[3], NULL, 10));
  gint64 now = g_get_monotonic_time ();
  SpNetwork network;

  g_assert_true (sp_ban_read_network (words[2], &network, NULL));
  memcpy (message.address, network.address, SP_ADDRESS_SIZE);
  message.length = network.length;
  message.since = (guint64) MAX (now - 60 * G_USEC_PER_SEC, 1);
  message.last = (guint64) now;
  message.until = (guint64) now + 90 * G_USEC_PER_SEC;
  memcpy (message.counts + SP_DOOR_PENALTY * sizeof count, &count, sizeof count);
  sp_penalty_book_note_network (penalties, &message, now, g_get_real_time ());
}

void
sp_fake_attack (SpPenaltyBook *penalties, char **words)
{
  gint64 now = g_get_monotonic_time ();
  SpUnderAttack message = { .on = words[1] != NULL };

  if (message.on)
    {
      message.since = (guint64) MAX (now - 60 * G_USEC_PER_SEC, 1);
      message.connections = g_ascii_strtoull (words[1], NULL, 10);
      message.datagrams = g_ascii_strtoull (words[2], NULL, 10);
      message.networks = (guint32) g_ascii_strtoull (words[3], NULL, 10);
    }
  sp_penalty_book_note_attack (penalties, &message, now, g_get_real_time ());
}
