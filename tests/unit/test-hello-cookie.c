/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hello-cookie.h"

#include <string.h>

#define SECOND     ((gint64) G_USEC_PER_SEC)
#define START      (1000 * SECOND)
#define HELLO_SIZE 104 /* without a cookie */
#define COOKIE_AT  92  /* its length byte */
#define COOKIE_MAX 32

typedef struct
{
  guint8 bytes[HELLO_SIZE + COOKIE_MAX];
  gsize size;
  SpDtlsHello hello;
} Datagram;

/* The smallest ClientHello that openconnect could send, with this cookie. */
static void
make_datagram (Datagram *datagram, const guint8 *cookie, guint8 cookie_length)
{
  guint8 body = 34 + 33 + 1 + cookie_length + 4 + 2 + 2 + 2;
  const guint8 start[] = { 22,
                           0xfe,
                           0xff,
                           0,
                           0,
                           0,
                           0,
                           0,
                           0,
                           0,
                           cookie_length > 0,
                           0,
                           body + 12,
                           1,
                           0,
                           0,
                           body,
                           0,
                           cookie_length > 0,
                           0,
                           0,
                           0,
                           0,
                           0,
                           body,
                           0xfe,
                           0xfd };
  static const guint8 end[] = { 0, 4, 0x00, 0xa9, 0x00, 0xa8, 1, 0, 0, 0 };
  guint8 *at = datagram->bytes;

  memcpy (at, start, sizeof start);
  memset (at + 27, 'r', 32);
  at[59] = SP_APP_ID_SIZE;
  memset (at + 60, 'i', SP_APP_ID_SIZE);
  at[COOKIE_AT] = cookie_length;
  memcpy (at + COOKIE_AT + 1, cookie, cookie_length);
  memcpy (at + COOKIE_AT + 1 + cookie_length, end, sizeof end);
  datagram->size = COOKIE_AT + 1 + cookie_length + sizeof end;
  g_assert_cmpint (sp_dtls_hello_read (datagram->bytes, datagram->size, &datagram->hello), ==,
                   SP_DTLS_HELLO_COMPLETE);
}

static ssize_t
keep (gnutls_transport_ptr_t pointer, const void *bytes, size_t size)
{
  GByteArray *kept = pointer;

  (void) g_byte_array_append (kept, bytes, (guint) size);
  return (ssize_t) size;
}

/* What a client answers to the challenge that it gets now. */
static void
answer_challenge (SpHelloCookie *cookie, const SpEndpoint *peer, Datagram *ret)
{
  g_autoptr (GByteArray) kept = g_byte_array_new ();
  Datagram first;

  make_datagram (&first, NULL, 0);
  g_assert_true (sp_hello_cookie_challenge (cookie, peer, &first.hello, keep, kept));
  /* record and handshake header, version, length byte (RFC 6347 4.2.1) */
  g_assert_cmpuint (kept->len, >, 28);
  g_assert_cmpuint (kept->len, <, first.size);
  g_assert_cmpint (kept->data[13], ==, 3);
  g_assert_cmpuint (kept->data[27], ==, kept->len - 28);
  g_assert_cmpuint (kept->data[27], <=, COOKIE_MAX);
  make_datagram (ret, kept->data + 28, kept->data[27]);
}

static gboolean
verify (SpHelloCookie *cookie, const SpEndpoint *peer, const Datagram *datagram)
{
  gnutls_dtls_prestate_st prestate;

  return sp_hello_cookie_verify (cookie, peer, &datagram->hello, datagram->bytes, datagram->size,
                                 &prestate);
}

static SpEndpoint
make_peer (const char *address, guint16 port)
{
  SpEndpoint peer = { .port = port };

  g_assert_true (sp_address_from_text (address, peer.address));
  return peer;
}

/* A cookie is good for at least one period and at most two. */
static void
test_rotation (void)
{
  static const struct
  {
    guint made; /* seconds after the start */
    guint returned;
    gboolean good;
  } rows[] = {
    { 0, 0, TRUE },      { 0, 119, TRUE },   { 0, 120, TRUE },
    { 0, 239, TRUE },    { 0, 240, FALSE },  { 119, 239, TRUE },
    { 119, 240, FALSE }, { 120, 359, TRUE }, { 120, 360, FALSE },
  };
  SpEndpoint peer = make_peer ("192.0.2.1", 5000);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (SpHelloCookie) cookie = sp_hello_cookie_new (START);
      Datagram datagram;

      g_test_message ("row %u", i);
      for (guint second = 0; second <= rows[i].returned; second++)
        {
          (void) sp_hello_cookie_rotate (cookie, START + second * SECOND);
          if (second == rows[i].made)
            answer_challenge (cookie, &peer, &datagram);
        }
      g_assert_cmpint (verify (cookie, &peer, &datagram), ==, rows[i].good);
    }
}

static void
test_due (void)
{
  g_autoptr (SpHelloCookie) cookie = sp_hello_cookie_new (START);
  gint64 due = sp_hello_cookie_rotate (cookie, START);

  g_assert_cmpint (due, ==, START + SP_HELLO_COOKIE_SECONDS * SECOND);
  g_assert_cmpint (sp_hello_cookie_rotate (cookie, due - 1), ==, due);
  g_assert_cmpint (sp_hello_cookie_rotate (cookie, due), ==,
                   due + SP_HELLO_COOKIE_SECONDS * SECOND);
}

static void
test_bound_to_peer_and_id (void)
{
  static const struct
  {
    const char *address;
    guint16 port;
    gboolean good;
  } rows[] = {
    { "192.0.2.1", 5000, TRUE },  { "192.0.2.1", 5001, FALSE },   { "192.0.2.1", 5256, FALSE },
    { "192.0.2.2", 5000, FALSE }, { "2001:db8::1", 5000, FALSE },
  };
  g_autoptr (SpHelloCookie) cookie = sp_hello_cookie_new (START);
  SpEndpoint owner = make_peer ("192.0.2.1", 5000);
  Datagram datagram;

  answer_challenge (cookie, &owner, &datagram);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      SpEndpoint peer = make_peer (rows[i].address, rows[i].port);
      g_test_message ("row %u", i);
      g_assert_cmpint (verify (cookie, &peer, &datagram), ==, rows[i].good);
    }
  for (guint byte = 0; byte < SP_APP_ID_SIZE; byte++)
    {
      datagram.hello.app_id[byte] ^= 1;
      g_assert_false (verify (cookie, &owner, &datagram));
      datagram.hello.app_id[byte] ^= 1;
    }
}

static void
test_each_flipped_bit (void)
{
  g_autoptr (SpHelloCookie) cookie = sp_hello_cookie_new (START);
  SpEndpoint owner = make_peer ("192.0.2.1", 5000);
  Datagram datagram;

  answer_challenge (cookie, &owner, &datagram);
  for (guint bit = 0; bit < 8u * datagram.bytes[COOKIE_AT]; bit++)
    {
      datagram.bytes[COOKIE_AT + 1 + bit / 8] ^= 1 << bit % 8;
      g_assert_false (verify (cookie, &owner, &datagram));
      datagram.bytes[COOKIE_AT + 1 + bit / 8] ^= 1 << bit % 8;
    }
  g_assert_true (verify (cookie, &owner, &datagram));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/hello-cookie/rotation", test_rotation);
  g_test_add_func ("/hello-cookie/due", test_due);
  g_test_add_func ("/hello-cookie/bound", test_bound_to_peer_and_id);
  g_test_add_func ("/hello-cookie/each-flipped-bit", test_each_flipped_bit);
  return g_test_run ();
}
