/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz.h"

#include "../unit/dtls-peer.h"

#include <gnutls/dtls.h>
#include <string.h>

/* A channel with GnuTLS as its client, and somebody between them who repeats, reorders, loses,
 * changes and invents datagrams.  What the channel delivers the client has sealed, each once; what
 * the client is given the channel has sealed, each once, and no number of ours is ever used twice
 * (dtls-peer.c sees to that).  The input is a list of steps. */

#define REKEY_SECONDS 100
#define HELD_MAX      16
#define STEPS_MAX     64

typedef struct
{
  DtlsPeer *peer;
  const uint8_t *next;
  size_t left;
  GBytes *held[HELD_MAX]; /* under way; NULL: none */
  gboolean delivered[256];
  guint8 sealed; /* how many */
  guint8 answered;
} Story;

static uint8_t
take_byte (Story *self)
{
  if (self->left == 0)
    return 0;
  self->left--;
  return *self->next++;
}

static void
hold (Story *self, uint8_t place, GBytes *datagram)
{
  g_clear_pointer (&self->held[place % HELD_MAX], g_bytes_unref);
  self->held[place % HELD_MAX] = datagram;
}

/* Each text is one byte, and no two are the same. */
static void
deliver (Story *self, const guint8 *bytes, gsize size)
{
  guint8 *datagram = g_memdup2 (bytes, size);
  guint8 text[SP_DTLS_RECORD_MAX];
  gsize text_size;

  if (sp_dtls_channel_feed (self->peer->channel, datagram, size, self->peer->now))
    while (sp_dtls_channel_receive (self->peer->channel, text, &text_size))
      {
        g_assert_cmpuint (text_size, ==, 1);
        g_assert_cmpuint (text[0], <, self->sealed);
        g_assert_false (self->delivered[text[0]]);
        self->delivered[text[0]] = TRUE;
      }
  g_free (datagram);
}

static void
seal (Story *self)
{
  uint8_t place = take_byte (self);

  if (self->sealed == 255 ||
      gnutls_record_send (self->peer->client, &self->sealed, sizeof self->sealed) < 0)
    return;
  self->sealed++;
  hold (self, place, g_queue_pop_tail (&self->peer->sent));
}

static void
hand_over (Story *self)
{
  GBytes *datagram = self->held[take_byte (self) % HELD_MAX];
  gsize size;

  if (datagram != NULL)
    deliver (self, g_bytes_get_data (datagram, &size), g_bytes_get_size (datagram));
}

/* A changed copy, which nobody may take for real. */
static void
hand_over_changed (Story *self)
{
  GBytes *datagram = self->held[take_byte (self) % HELD_MAX];
  gsize at = take_byte (self);
  uint8_t change = take_byte (self);
  g_autofree guint8 *bytes = NULL;
  gsize size;

  if (datagram == NULL || change == 0)
    return;
  bytes = g_memdup2 (g_bytes_get_data (datagram, &size), g_bytes_get_size (datagram));
  bytes[at % size] ^= change;
  deliver (self, bytes, size);
}

static void
hand_over_joined (Story *self)
{
  g_autoptr (GByteArray) all = g_byte_array_new ();
  uint8_t first = take_byte (self);

  for (uint8_t i = 0; i < 4; i++)
    {
      GBytes *datagram = self->held[(first + i) % HELD_MAX];
      gsize size;

      if (datagram != NULL)
        {
          gconstpointer bytes = g_bytes_get_data (datagram, &size);

          g_byte_array_append (all, bytes, (guint) size);
        }
    }
  deliver (self, all->data, all->len);
}

static void
invent (Story *self)
{
  gsize wanted = take_byte (self);
  gsize size = MIN (wanted, self->left);

  deliver (self, self->next, size);
  self->next += size;
  self->left -= size;
}

static void
answer (Story *self)
{
  guint8 text[64];
  gssize size;

  if (sp_dtls_channel_send (self->peer->channel, &self->answered, sizeof self->answered))
    self->answered++;
  dtls_peer_collect (self->peer);
  while ((size = gnutls_record_recv (self->peer->client, text, sizeof text)) > 0)
    g_assert_cmpint (size, ==, 1);
}

/* The client's handshake, a step of it: what it says is under way, too. */
static void
shake (Story *self)
{
  uint8_t place = take_byte (self);
  GBytes *datagram;

  self->peer->now += REKEY_SECONDS * G_USEC_PER_SEC / 2;
  if (gnutls_error_is_fatal (gnutls_handshake (self->peer->client)))
    return;
  while ((datagram = g_queue_pop_head (&self->peer->sent)) != NULL)
    hold (self, place++, datagram);
  dtls_peer_collect (self->peer);
}

/* The whole of it, without anybody between. */
static void
shake_well (Story *self)
{
  self->peer->now += REKEY_SECONDS * G_USEC_PER_SEC;
  for (guint i = 0; i < 8 && sp_dtls_channel_get_state (self->peer->channel) == SP_DTLS_FINISHED;
       i++)
    {
      GBytes *datagram;
      int code = gnutls_handshake (self->peer->client);

      while ((datagram = g_queue_pop_head (&self->peer->sent)) != NULL)
        {
          gsize size;
          gconstpointer bytes = g_bytes_get_data (datagram, &size);

          deliver (self, bytes, size);
          g_bytes_unref (datagram);
        }
      dtls_peer_collect (self->peer);
      if (code == 0)
        break;
    }
}

static void
say_goodbye (Story *self)
{
  uint8_t place = take_byte (self);

  if (gnutls_bye (self->peer->client, GNUTLS_SHUT_WR) == 0 && !g_queue_is_empty (&self->peer->sent))
    hold (self, place, g_queue_pop_tail (&self->peer->sent));
}

static void
wait (Story *self)
{
  self->peer->now += take_byte (self) * G_USEC_PER_SEC / 8;
  sp_dtls_channel_expire (self->peer->channel, self->peer->now);
}

static void (*const steps[]) (Story *self) = {
  seal,       hand_over, hand_over_changed, hand_over_joined, invent, answer, shake,
  shake_well, wait,      say_goodbye
};

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const char *const ciphers[] = { "AES-128-GCM", "CHACHA20-POLY1305", "AES-256-GCM" };
  Story story = { .next = data, .left = size };

  story.peer = dtls_peer_new (ciphers[take_byte (&story) % G_N_ELEMENTS (ciphers)]);
  dtls_peer_connect (story.peer);
  sp_dtls_channel_settle (story.peer->channel, REKEY_SECONDS, story.peer->now);
  for (guint i = 0; i < STEPS_MAX && story.left > 0 &&
                    sp_dtls_channel_get_state (story.peer->channel) == SP_DTLS_FINISHED;
       i++)
    steps[take_byte (&story) % G_N_ELEMENTS (steps)](&story);
  g_clear_pointer (&story.peer->channel, sp_dtls_channel_free);
  dtls_peer_collect (story.peer);
  for (guint i = 0; i < HELD_MAX; i++)
    g_clear_pointer (&story.held[i], g_bytes_unref);
  dtls_peer_free (story.peer);
  return 0;
}
