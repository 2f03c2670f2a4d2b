/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "codec/client-hello.h"

#include "hex.h"

/* openssl s_client -tls1_2 -servername vpn.example.org */
#define OPENSSL_MESSAGE                                                                            \
  "010000cb030386bce9a9d9dc8d8b3c942090651eafac3566a8ddfb4a3e8e3937c119ee00279e000038c02cc030009f" \
  "cc"                                                                                             \
  "a9cca8ccaac02bc02f009ec024c028006bc023c0270067c00ac0140039c009c0130033009d009c003d003c0035002f" \
  "00"                                                                                             \
  "ff0100006a00000014001200000f76706e2e6578616d706c652e6f7267000b000403000102000a000c000a001d0017" \
  "00"                                                                                             \
  "1e00190018002300000016000000170000000d002a002804030503060308070808080908 "                      \
  "0a080b080408050806040105"                                                                       \
  "010601030303010302040205020602"
#define OPENSSL "16030100cf" OPENSSL_MESSAGE

static SpClientHelloVerdict
peek (const GByteArray *bytes, gsize size, SpClientHello *hello)
{
  g_autofree guint8 *copy = exact_copy (bytes->data, size);

  return sp_client_hello_peek (copy, size, hello);
}

static void
test_real (void)
{
  g_autoptr (GByteArray) bytes = bytes_from_hex (OPENSSL);
  SpClientHello hello;

  g_assert_cmpint (peek (bytes, bytes->len, &hello), ==, SP_CLIENT_HELLO_COMPLETE);
  g_assert_true (hello.has_server_name);
  g_assert_cmpstr (hello.server_name, ==, "vpn.example.org");
  g_assert_cmpuint (hello.server_name_length, ==, 15);
  g_assert_cmpuint (hello.total_size, ==, bytes->len);
  for (gsize size = 0; size < bytes->len; size++)
    g_assert_cmpint (peek (bytes, size, &hello), ==, SP_CLIENT_HELLO_INCOMPLETE);
  g_byte_array_append (bytes, (const guint8 *) "\x14\x03\x03", 3);
  g_assert_cmpint (peek (bytes, bytes->len, &hello), ==, SP_CLIENT_HELLO_COMPLETE);
  g_assert_cmpuint (hello.total_size, ==, bytes->len - 3);
}

/* The same message in records of `fragment` bytes each. */
static GByteArray *
split_records (guint fragment)
{
  g_autoptr (GByteArray) message = bytes_from_hex (OPENSSL_MESSAGE);
  GByteArray *bytes = g_byte_array_new ();

  for (guint at = 0; at < message->len; at += fragment)
    {
      guint length = MIN (fragment, message->len - at);
      guint8 header[] = { 22, 3, 3, (guint8) (length >> 8), (guint8) length };

      g_byte_array_append (bytes, header, sizeof header);
      g_byte_array_append (bytes, message->data + at, length);
    }
  return bytes;
}

static void
test_split (void)
{
  static const guint fragments[] = { 1, 2, 3, 4, 5, 64, 206, 207 };

  for (guint i = 0; i < G_N_ELEMENTS (fragments); i++)
    {
      g_autoptr (GByteArray) bytes = split_records (fragments[i]);
      SpClientHello hello;

      g_assert_cmpint (peek (bytes, bytes->len, &hello), ==, SP_CLIENT_HELLO_COMPLETE);
      g_assert_cmpstr (hello.server_name, ==, "vpn.example.org");
      g_assert_cmpuint (hello.total_size, ==, bytes->len);
      for (gsize size = 0; size < bytes->len; size++)
        g_assert_cmpint (peek (bytes, size, &hello), ==, SP_CLIENT_HELLO_INCOMPLETE);
    }
}

static const struct
{
  const char *name;
  const char *hex;
  SpClientHelloVerdict verdict;
} streams[] = {
  { "nothing", "", SP_CLIENT_HELLO_INCOMPLETE },
  { "one byte", "16", SP_CLIENT_HELLO_INCOMPLETE },
  { "HTTP", "474554202f", SP_CLIENT_HELLO_NOT_TLS },
  { "SSH", "53", SP_CLIENT_HELLO_NOT_TLS },
  { "SSL 2", "802e0100", SP_CLIENT_HELLO_NOT_TLS },
  { "alert", "15030100020100", SP_CLIENT_HELLO_NOT_TLS },
  { "major version", "1602", SP_CLIENT_HELLO_NOT_TLS },
  { "DTLS", "16fefd", SP_CLIENT_HELLO_NOT_TLS },
  { "empty record", "1603010000", SP_CLIENT_HELLO_NOT_TLS },
  { "record too long", "1603014001", SP_CLIENT_HELLO_NOT_TLS },
  { "server hello", "160301000402000000", SP_CLIENT_HELLO_NOT_TLS },
  { "other record in between", "160301000201 00 1503010001 00", SP_CLIENT_HELLO_NOT_TLS },
  { "message too long", "1603010004 01001ffd", SP_CLIENT_HELLO_TOO_LONG },
  { "empty hello", "1603010004 01000000", SP_CLIENT_HELLO_MALFORMED },
  { "a second message in the record", "1603010005 0100000002", SP_CLIENT_HELLO_MALFORMED },
  { "record that goes on after the hello", "1603010005 01000000", SP_CLIENT_HELLO_MALFORMED },
};

static void
test_verdicts (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (streams); i++)
    {
      g_autoptr (GByteArray) bytes = bytes_from_hex (streams[i].hex);
      SpClientHello hello;
      SpClientHelloVerdict verdict = peek (bytes, bytes->len, &hello);

      g_test_message ("%s: %s", streams[i].name, sp_client_hello_verdict_to_string (verdict));
      g_assert_cmpint (verdict, ==, streams[i].verdict);
    }
}

static void
append_number (GByteArray *bytes, guint number, guint size)
{
  for (guint i = size; i > 0; i--)
    {
      guint8 byte = (guint8) (number >> (8 * (i - 1)));
      g_byte_array_append (bytes, &byte, 1);
    }
}

/* A hello with these extensions behind a minimal start. */
static GByteArray *
build (const guint8 *extensions, gsize size)
{
  g_autoptr (GByteArray) start = bytes_from_hex (
      "0303 8ffefddccda9921939bac315c5219193f38e0233a15c9f616ef8d82cab08983e 00 0002 1301 01 00");
  GByteArray *bytes = g_byte_array_new ();
  guint body = start->len + 2 + (guint) size;

  append_number (bytes, 0x160301, 3);
  append_number (bytes, body + 4, 2);
  append_number (bytes, 1, 1);
  append_number (bytes, body, 3);
  g_byte_array_append (bytes, start->data, start->len);
  append_number (bytes, (guint) size, 2);
  g_byte_array_append (bytes, extensions, (guint) size);
  return bytes;
}

static void
test_names (void)
{
  static const struct
  {
    const char *extensions;
    SpClientHelloVerdict verdict;
    const char *name; /* NULL: none */
  } names[] = {
    { "", SP_CLIENT_HELLO_COMPLETE, NULL },
    { "0000 0006 0004 00 0001 41", SP_CLIENT_HELLO_COMPLETE, "a" },
    { "0000 0008 0006 00 0003 412e5f", SP_CLIENT_HELLO_COMPLETE, "a._" },
    { "002b 0003 020304 0000 0006 0004 00 0001 41", SP_CLIENT_HELLO_COMPLETE, "a" },
    { "0000 000a 0008 00 0001 41 00 0001 42", SP_CLIENT_HELLO_COMPLETE, "a" },
    { "0000 000a 0008 01 0001 41 00 0001 42", SP_CLIENT_HELLO_COMPLETE, "b" },
    { "0000 0006 0004 00 0001 41 0000 0006 0004 00 0001 42", SP_CLIENT_HELLO_COMPLETE, "a" },
    { "0000 0006 0004 00 0001 00", SP_CLIENT_HELLO_COMPLETE, NULL },
    { "0000 0007 0005 00 0002 6120", SP_CLIENT_HELLO_COMPLETE, NULL },
    { "0000 0007 0005 00 0002 c3a9", SP_CLIENT_HELLO_COMPLETE, NULL },
    { "0000 0005 0003 00 0000", SP_CLIENT_HELLO_COMPLETE, NULL },
    { "0000 0002 0000", SP_CLIENT_HELLO_COMPLETE, NULL },
    { "0000 0000", SP_CLIENT_HELLO_MALFORMED, NULL },
    { "0000 0006 0004 00 0002 41", SP_CLIENT_HELLO_MALFORMED, NULL },
    { "0000 0006 0003 00 0001 41", SP_CLIENT_HELLO_MALFORMED, NULL },
    { "0000 0006 0005 00 0001 41", SP_CLIENT_HELLO_MALFORMED, NULL },
    { "0000 0007 0005 00 0001 41 00", SP_CLIENT_HELLO_MALFORMED, NULL },
    { "0000 0006 0004 00 0001", SP_CLIENT_HELLO_MALFORMED, NULL },
    { "0000", SP_CLIENT_HELLO_MALFORMED, NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GByteArray) extensions = bytes_from_hex (names[i].extensions);
      g_autoptr (GByteArray) bytes = build (extensions->data, extensions->len);
      SpClientHello hello;
      SpClientHelloVerdict verdict = peek (bytes, bytes->len, &hello);

      g_test_message ("%s: %s", names[i].extensions, sp_client_hello_verdict_to_string (verdict));
      g_assert_cmpint (verdict, ==, names[i].verdict);
      if (verdict != SP_CLIENT_HELLO_COMPLETE)
        continue;
      g_assert_cmpint (hello.has_server_name, ==, names[i].name != NULL);
      g_assert_cmpstr (hello.server_name, ==, names[i].name == NULL ? "" : names[i].name);
      g_assert_cmpuint (hello.server_name_length, ==, strlen (hello.server_name));
    }
}

/* RFC 8737 3: it is the only protocol that is offered. */
static void
test_validation (void)
{
  static const struct
  {
    const char *extensions;
    gboolean asks;
  } hellos[] = {
    { "", FALSE },
    { "0010 000d 000b 0a 61636d652d746c732f31", TRUE },
    { "0010 000d 000b 0a 61636d652d746c732f32", FALSE },
    { "0010 0016 0014 0a 61636d652d746c732f31 08 687474702f312e31", FALSE },
    { "0010 0016 0014 08 687474702f312e31 0a 61636d652d746c732f31", FALSE },
    { "0010 000d 000b 0b 61636d652d746c732f31", FALSE },
    { "0010 000e 000b 0a 61636d652d746c732f31 00", FALSE },
    { "0010 0002 0000", FALSE },
    { "0010 0000", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (hellos); i++)
    {
      g_autoptr (GByteArray) extensions = bytes_from_hex (hellos[i].extensions);
      g_autoptr (GByteArray) bytes = build (extensions->data, extensions->len);
      SpClientHello hello;

      g_test_message ("%s", hellos[i].extensions);
      g_assert_cmpint (peek (bytes, bytes->len, &hello), ==, SP_CLIENT_HELLO_COMPLETE);
      g_assert_cmpint (hello.asks_validation, ==, hellos[i].asks);
    }
}

static void
test_name_length (void)
{
  static const struct
  {
    guint length;
    gboolean found;
  } lengths[] = { { SP_DOMAIN_MAX, TRUE }, { SP_DOMAIN_MAX + 1, FALSE } };

  for (guint i = 0; i < G_N_ELEMENTS (lengths); i++)
    {
      g_autofree char *name = g_strnfill (lengths[i].length, 'n');
      g_autoptr (GByteArray) extension = g_byte_array_new ();
      g_autoptr (GByteArray) bytes = NULL;
      SpClientHello hello;

      append_number (extension, 0, 2);
      append_number (extension, lengths[i].length + 5, 2);
      append_number (extension, lengths[i].length + 3, 2);
      append_number (extension, 0, 1);
      append_number (extension, lengths[i].length, 2);
      g_byte_array_append (extension, (const guint8 *) name, lengths[i].length);
      bytes = build (extension->data, extension->len);
      g_assert_cmpint (peek (bytes, bytes->len, &hello), ==, SP_CLIENT_HELLO_COMPLETE);
      g_assert_cmpint (hello.has_server_name, ==, lengths[i].found);
      g_assert_cmpstr (hello.server_name, ==, lengths[i].found ? name : "");
    }
}

/* The largest hello that fits, and the same hello one byte longer. */
static void
test_limit (void)
{
  guint fits = SP_CLIENT_HELLO_MAX - 5 - 4 - 2 - 32 - 1 - 4 - 2 - 2 - 4;

  for (guint more = 0; more < 2; more++)
    {
      g_autoptr (GByteArray) extension = g_byte_array_new ();
      g_autoptr (GByteArray) bytes = NULL;
      SpClientHello hello;

      append_number (extension, 21, 2); /* padding, RFC 7685 */
      append_number (extension, fits + more, 2);
      g_byte_array_set_size (extension, 4 + fits + more);
      memset (extension->data + 4, 0, fits + more);
      bytes = build (extension->data, extension->len);
      g_assert_cmpuint (bytes->len, ==, SP_CLIENT_HELLO_MAX + more);
      g_assert_cmpint (peek (bytes, bytes->len, &hello), ==,
                       more == 0 ? SP_CLIENT_HELLO_COMPLETE : SP_CLIENT_HELLO_TOO_LONG);
    }
}

/* Tiny records take their own headers from the allowance. */
static void
test_limit_split (void)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  SpClientHello hello;

  append_number (bytes, 0x160301, 3);
  append_number (bytes, 4, 2);
  append_number (bytes, 0x01001000, 4);
  while (bytes->len < SP_CLIENT_HELLO_MAX)
    {
      g_assert_cmpint (peek (bytes, bytes->len, &hello), ==, SP_CLIENT_HELLO_INCOMPLETE);
      append_number (bytes, 0x160301, 3);
      append_number (bytes, 1, 2);
      append_number (bytes, 0, 1);
    }
  g_assert_cmpint (peek (bytes, bytes->len, &hello), ==, SP_CLIENT_HELLO_TOO_LONG);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/client-hello/real", test_real);
  g_test_add_func ("/client-hello/split", test_split);
  g_test_add_func ("/client-hello/verdicts", test_verdicts);
  g_test_add_func ("/client-hello/names", test_names);
  g_test_add_func ("/client-hello/validation", test_validation);
  g_test_add_func ("/client-hello/name-length", test_name_length);
  g_test_add_func ("/client-hello/limit", test_limit);
  g_test_add_func ("/client-hello/limit-split", test_limit_split);
  return g_test_run ();
}
