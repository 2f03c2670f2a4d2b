/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dtls-peer.h"

#include "codec/dtls-record.h"
#include "record-layer.h"

#include <gnutls/dtls.h>
#include <string.h>

#define REKEY_SECONDS 100

/* The last one is GnuTLS's alone. */
static const char *const ciphers[] = { "AES-128-GCM", "AES-256-GCM", "CHACHA20-POLY1305",
                                       "AES-128-CBC" };

static DtlsPeer *
connect_peer (gconstpointer cipher)
{
  DtlsPeer *self = dtls_peer_new (cipher);

  dtls_peer_connect (self);
  sp_dtls_channel_settle (self->channel, REKEY_SECONDS, self->now);
  return self;
}

static void
test_data (gconstpointer cipher)
{
  g_autoptr (DtlsPeer) peer = connect_peer (cipher);
  gsize max = sp_dtls_channel_get_frame_max (peer->channel);
  guint8 text[2048] = { 0 };

  g_assert_cmpuint (max, ==, gnutls_dtls_get_data_mtu (peer->client));
  for (gsize size = 1; size <= max; size += size < 40 ? 1 : 17)
    dtls_peer_exchange (peer, size);
  dtls_peer_exchange (peer, max);
  g_assert_false (sp_dtls_channel_send (peer->channel, text, max + 1));
  g_assert_cmpuint (sp_dtls_channel_get_discarded (peer->channel), ==, 0);
}

static void
shuffle (GBytes **datagrams, guint n)
{
  for (guint i = n - 1; i > 0; i--)
    {
      guint j = (guint) g_test_rand_int_range (0, (gint32) i + 1);
      GBytes *other = datagrams[j];

      datagrams[j] = datagrams[i];
      datagrams[i] = other;
    }
}

/* Each once, in whatever order, and never again. */
static void
test_order (gconstpointer cipher)
{
  g_autoptr (DtlsPeer) peer = connect_peer (cipher);
  GBytes *datagrams[60];
  guint8 text[SP_DTLS_RECORD_MAX];
  gsize size;
  guint sum = 0;

  for (guint8 i = 0; i < G_N_ELEMENTS (datagrams); i++)
    datagrams[i] = dtls_peer_seal (peer, &i, 1);
  shuffle (datagrams, G_N_ELEMENTS (datagrams));
  for (guint i = 0; i < G_N_ELEMENTS (datagrams); i++)
    {
      g_assert_cmpuint (dtls_peer_hand_over (peer, datagrams[i], text, &size), ==, 1);
      g_assert_cmpuint (size, ==, 1);
      sum += text[0];
      g_assert_cmpuint (dtls_peer_hand_over (peer, datagrams[i], NULL, NULL), ==, 0);
    }
  g_assert_cmpuint (sum, ==, 59 * 60 / 2);
  for (guint i = 0; i < G_N_ELEMENTS (datagrams); i++)
    {
      g_assert_cmpuint (dtls_peer_hand_over (peer, datagrams[i], NULL, NULL), ==, 0);
      g_bytes_unref (datagrams[i]);
    }
  g_assert_cmpuint (sp_dtls_channel_get_discarded (peer->channel), ==, 120);
  dtls_peer_exchange (peer, 100);
}

/* Every bit of a byte, one after the other, wherever it is; then the record itself. */
static void
test_flips (gconstpointer cipher)
{
  g_autoptr (DtlsPeer) peer = connect_peer (cipher);
  g_autoptr (GBytes) datagram = dtls_peer_seal (peer, "a packet", 8);
  guint8 text[SP_DTLS_RECORD_MAX];
  gsize size;
  gconstpointer bytes = g_bytes_get_data (datagram, &size);

  for (guint i = 0; i < size * 8; i++)
    {
      g_autofree guint8 *flipped = g_memdup2 (bytes, size);
      g_autoptr (GBytes) wrong = NULL;

      flipped[i / 8] ^= (guint8) (1 << i % 8);
      wrong = g_bytes_new (flipped, size);
      g_assert_cmpuint (dtls_peer_hand_over (peer, wrong, NULL, NULL), ==, 0);
      g_assert_cmpint (sp_dtls_channel_get_state (peer->channel), ==, SP_DTLS_FINISHED);
    }
  g_assert_cmpuint (dtls_peer_hand_over (peer, datagram, text, &size), ==, 1);
  g_assert_cmpmem (text, size, "a packet", 8);
  dtls_peer_collect (peer);
  g_assert_true (g_queue_is_empty (&peer->received));
}

static GBytes *
join (GBytes *const *parts, guint n)
{
  GByteArray *all = g_byte_array_new ();

  for (guint i = 0; i < n; i++)
    g_byte_array_append (all, g_bytes_get_data (parts[i], NULL),
                         (guint) g_bytes_get_size (parts[i]));
  return g_byte_array_free_to_bytes (all);
}

/* Good ones, a wrong one, a repeated one and one of no epoch in the same datagram. */
static void
test_many_records (gconstpointer cipher)
{
  static const guint8 stranger[] = { 23, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 9, 0, 1, 7 };
  g_autoptr (DtlsPeer) peer = connect_peer (cipher);
  g_autoptr (GBytes) first = dtls_peer_seal (peer, "one", 3);
  g_autoptr (GBytes) second = dtls_peer_seal (peer, "two", 3);
  g_autoptr (GBytes) third = dtls_peer_seal (peer, "three", 5);
  g_autofree guint8 *flipped =
      g_memdup2 (g_bytes_get_data (second, NULL), g_bytes_get_size (second));
  g_autoptr (GBytes) none = g_bytes_new (stranger, sizeof stranger);
  g_autoptr (GBytes) wrong = NULL;
  g_autoptr (GBytes) all = NULL;
  guint8 text[SP_DTLS_RECORD_MAX];
  gsize size;

  flipped[g_bytes_get_size (second) - 1] ^= 1;
  wrong = g_bytes_new (flipped, g_bytes_get_size (second));
  all = join ((GBytes *const[]){ first, wrong, none, first, second, none, third }, 7);
  g_assert_cmpuint (dtls_peer_hand_over (peer, all, text, &size), ==, 3);
  g_assert_cmpmem (text, size, "three", 5);
  g_assert_cmpuint (sp_dtls_channel_get_discarded (peer->channel), ==, 4);
}

/* The client's hello, in the channel's hands; `ret_late` was sealed before, and is still under way.
 */
static void
begin_rekey (DtlsPeer *peer, GBytes **ret_late)
{
  peer->now += REKEY_SECONDS * G_USEC_PER_SEC;
  if (ret_late != NULL)
    *ret_late = dtls_peer_seal (peer, "late", 4);
}

static void
rekey (DtlsPeer *peer, GBytes **ret_late)
{
  int code;

  begin_rekey (peer, ret_late);
  while ((code = dtls_peer_shake_hands (peer)) != 0)
    g_assert_cmpint (gnutls_error_is_fatal (code), ==, 0);
  g_assert_false (sp_dtls_channel_is_renewing (peer->channel));
}

static void
test_rekey (gconstpointer cipher)
{
  g_autoptr (DtlsPeer) peer = connect_peer (cipher);

  for (guint i = 0; i < 8; i++)
    {
      rekey (peer, NULL);
      if (i % 2 == 0)
        for (guint j = 0; j < 100; j++)
          dtls_peer_exchange (peer, 1 + j);
    }
  g_assert_cmpint (sp_dtls_channel_get_state (peer->channel), ==, SP_DTLS_FINISHED);
  g_assert_cmpuint (sp_dtls_channel_get_discarded (peer->channel), ==, 0);
}

/* In a renegotiation nothing is sent, but what comes is read. */
static void
test_data_while_rekeying (gconstpointer cipher)
{
  g_autoptr (DtlsPeer) peer = connect_peer (cipher);
  g_autoptr (GBytes) before = NULL;
  guint8 text[SP_DTLS_RECORD_MAX];
  gsize size;

  begin_rekey (peer, &before);
  g_assert_cmpint (dtls_peer_shake_hands (peer), ==, GNUTLS_E_AGAIN);
  g_assert_true (sp_dtls_channel_is_renewing (peer->channel));
  g_assert_false (sp_dtls_channel_send (peer->channel, "x", 1));
  g_assert_cmpuint (dtls_peer_hand_over (peer, before, text, &size), ==, 1);
  g_assert_cmpmem (text, size, "late", 4);
  g_assert_cmpuint (dtls_peer_hand_over (peer, before, NULL, NULL), ==, 0);
  while (dtls_peer_shake_hands (peer) != 0)
    g_assert_cmpint (sp_dtls_channel_get_state (peer->channel), ==, SP_DTLS_FINISHED);
  dtls_peer_exchange (peer, 10);
}

/* GnuTLS itself forgets the old epoch at once. */
static void
test_late_data (gconstpointer cipher)
{
  g_autoptr (DtlsPeer) peer = connect_peer (cipher);
  g_autoptr (GBytes) late = NULL;
  g_autoptr (GBytes) later = NULL;
  guint8 text[SP_DTLS_RECORD_MAX];
  gsize size;

  dtls_peer_exchange (peer, 10);
  later = dtls_peer_seal (peer, "later", 5);
  rekey (peer, &late);
  dtls_peer_exchange (peer, 10);
  if (g_str_equal (cipher, "AES-128-CBC"))
    {
      g_assert_cmpuint (dtls_peer_hand_over (peer, late, NULL, NULL), ==, 0);
      return;
    }
  g_assert_cmpuint (dtls_peer_hand_over (peer, late, text, &size), ==, 1);
  g_assert_cmpmem (text, size, "late", 4);
  g_assert_cmpuint (dtls_peer_hand_over (peer, late, NULL, NULL), ==, 0);
  g_assert_cmpint (sp_dtls_channel_get_deadline (peer->channel), ==,
                   peer->now + SP_RECORD_LATE_SECONDS * G_USEC_PER_SEC);
  sp_dtls_channel_expire (peer->channel, sp_dtls_channel_get_deadline (peer->channel));
  g_assert_cmpuint (dtls_peer_hand_over (peer, later, NULL, NULL), ==, 0);
  g_assert_cmpint (sp_dtls_channel_get_deadline (peer->channel), ==, G_MAXINT64);
  dtls_peer_exchange (peer, 10);
}

/* Too early: an alert, with a number of its own, between our records. */
static void
test_refused_rekey (gconstpointer cipher)
{
  g_autoptr (DtlsPeer) peer = connect_peer (cipher);
  guint8 text[64];

  dtls_peer_exchange (peer, 10);
  g_assert_cmpint (dtls_peer_shake_hands (peer), ==, GNUTLS_E_AGAIN);
  g_assert_false (sp_dtls_channel_is_renewing (peer->channel));
  g_assert_true (sp_dtls_channel_send (peer->channel, "and more", 8));
  dtls_peer_collect (peer);
  g_assert_cmpuint (g_queue_get_length (&peer->received), ==, 2);
  g_assert_cmpint (gnutls_handshake (peer->client), ==, GNUTLS_E_WARNING_ALERT_RECEIVED);
  g_assert_cmpint (gnutls_alert_get (peer->client), ==, GNUTLS_A_NO_RENEGOTIATION);
  g_assert_cmpint (dtls_peer_receive (peer, text, sizeof text), ==, 8);
}

/* A hello that was refused, or a close, recorded and said again by somebody else. */
static void
test_repeated_hello (gconstpointer cipher)
{
  g_autoptr (DtlsPeer) peer = connect_peer (cipher);
  g_autoptr (GBytes) hello = NULL;

  dtls_peer_exchange (peer, 10);
  g_assert_cmpint (gnutls_handshake (peer->client), ==, GNUTLS_E_AGAIN);
  hello = g_queue_pop_head (&peer->sent);
  (void) dtls_peer_hand_over (peer, hello, NULL, NULL);
  dtls_peer_collect (peer);
  g_assert_cmpuint (g_queue_get_length (&peer->received), ==, 1);
  g_assert_true (sp_dtls_channel_send (peer->channel, "x", 1));
  peer->now += REKEY_SECONDS * G_USEC_PER_SEC;
  (void) dtls_peer_hand_over (peer, hello, NULL, NULL);
  g_assert_false (sp_dtls_channel_is_renewing (peer->channel));
}

/* Our last flight is lost: the client says its own again, and so do we. */
static void
test_lost_finish (gconstpointer cipher)
{
  g_autoptr (DtlsPeer) peer = dtls_peer_new (cipher);

  dtls_peer_collect (peer);
  while (sp_dtls_channel_get_state (peer->channel) != SP_DTLS_FINISHED)
    g_assert_cmpint (dtls_peer_shake_hands (peer), ==, GNUTLS_E_AGAIN);
  g_queue_clear_full (&peer->received, (GDestroyNotify) g_bytes_unref);
  while (g_queue_is_empty (&peer->received))
    {
      g_usleep (5000);
      g_assert_cmpint (dtls_peer_shake_hands (peer), ==, GNUTLS_E_AGAIN);
    }
  g_assert_cmpint (dtls_peer_shake_hands (peer), ==, 0);
  dtls_peer_exchange (peer, 100);
}

/* What GnuTLS has read before the keys were ours is not read again. */
static void
test_repeated_finish (gconstpointer cipher)
{
  g_autoptr (DtlsPeer) peer = dtls_peer_new (cipher);
  g_autoptr (GQueue) flight = g_queue_new ();
  GBytes *datagram;
  guint n_datagrams;

  dtls_peer_collect (peer);
  g_assert_cmpint (gnutls_handshake (peer->client), ==, GNUTLS_E_AGAIN);
  while ((datagram = g_queue_pop_head (&peer->sent)) != NULL)
    {
      (void) dtls_peer_hand_over (peer, datagram, NULL, NULL);
      g_queue_push_tail (flight, datagram);
    }
  dtls_peer_connect (peer);
  n_datagrams = g_queue_get_length (flight);
  g_assert_cmpuint (n_datagrams, >, 0);
  while ((datagram = g_queue_pop_head (flight)) != NULL)
    {
      g_assert_cmpuint (dtls_peer_hand_over (peer, datagram, NULL, NULL), ==, 0);
      g_bytes_unref (datagram);
    }
  g_assert_cmpuint (sp_dtls_channel_get_discarded (peer->channel), ==, n_datagrams);
  dtls_peer_exchange (peer, 100);
}

static void
test_close (gconstpointer cipher)
{
  g_autoptr (DtlsPeer) peer = connect_peer (cipher);
  guint8 text[64];

  for (guint i = 0; i < 10; i++)
    dtls_peer_exchange (peer, 100);
  g_clear_pointer (&peer->channel, sp_dtls_channel_free);
  g_assert_cmpint (dtls_peer_receive (peer, text, sizeof text), ==, 0);
}

static void
test_peer_closes (gconstpointer cipher)
{
  g_autoptr (DtlsPeer) peer = connect_peer (cipher);
  g_autoptr (GBytes) alert = NULL;

  dtls_peer_exchange (peer, 100);
  g_assert_cmpint (gnutls_bye (peer->client, GNUTLS_SHUT_WR), ==, 0);
  alert = g_queue_pop_head (&peer->sent);
  g_assert_cmpuint (dtls_peer_hand_over (peer, alert, NULL, NULL), ==, 0);
  g_assert_cmpint (sp_dtls_channel_get_state (peer->channel), ==, SP_DTLS_OVER);
}

/* The last numbers are kept for alerts. */
static void
test_last_number (gconstpointer cipher)
{
  g_autoptr (DtlsPeer) peer = connect_peer (cipher);
  gnutls_session_t session = sp_dtls_channel_get_gnutls (peer->channel);
  g_autoptr (SpRecordSealer) sealer = sp_record_sealer_new (session);
  guint8 record[128];
  guint64 limit;

  if (sealer == NULL)
    {
      g_assert_cmpstr (cipher, ==, "AES-128-CBC");
      return;
    }
  limit = (sp_record_sealer_get_next (sealer) | SP_DTLS_SEQUENCE_LAST) - SP_RECORDS_RESERVED;
  sp_record_sealer_set_next (sealer, limit - 1);
  g_assert_cmpuint (sp_record_sealer_seal (sealer, "x", 1, record), >, 0);
  g_assert_cmpuint (sp_record_sealer_seal (sealer, "x", 1, record), ==, 0);
  g_assert_cmpuint (sp_record_sealer_get_next (sealer), ==, limit);
}

static const struct
{
  const char *name;
  GTestDataFunc function;
} stories[] = {
  { "data", test_data },
  { "order", test_order },
  { "flips", test_flips },
  { "many-records", test_many_records },
  { "rekey", test_rekey },
  { "data-while-rekeying", test_data_while_rekeying },
  { "late-data", test_late_data },
  { "refused-rekey", test_refused_rekey },
  { "repeated-hello", test_repeated_hello },
  { "lost-finish", test_lost_finish },
  { "repeated-finish", test_repeated_finish },
  { "close", test_close },
  { "peer-closes", test_peer_closes },
  { "last-number", test_last_number },
};

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (stories); i++)
    for (guint j = 0; j < G_N_ELEMENTS (ciphers); j++)
      {
        g_autofree char *path =
            g_strdup_printf ("/dtls-channel/%s/%s", stories[i].name, ciphers[j]);

        g_test_add_data_func (path, ciphers[j], stories[i].function);
      }
  return g_test_run ();
}
