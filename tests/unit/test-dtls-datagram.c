/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "codec/dtls-datagram.h"

#include "hex.h"

/* The first flight of openconnect 9.01, in parts. */
#define RECORD(length)    "16 feff 0000 000000000000 " length
#define HANDSHAKE(length) "01 " length " 0000 000000 " length
#define RANDOM            "8ffefddccda9921939bac315c5219193f38e0233a15c9f616ef8d82cab08983e"
#define ID                "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20"
#define SUITES            "0010 00a9 ccab c0a5 008d 00a8 c0a4 008c 00ae 01 00"
#define EXTENSIONS                                                                                 \
  "0035 000d0022002004010809080404030807050108"                                                    \
  "0a0805050308080601080b08060603020102030023 0000 ff01000100 001c00024000"
#define FIRST RECORD ("009b") HANDSHAKE ("00008f") "fefd" RANDOM "20" ID "00" SUITES EXTENSIONS

static void
test_tiles (void)
{
  static const struct
  {
    const char *hex;
    gboolean tiles;
    guint records;
  } datagrams[] = {
    { FIRST, TRUE, 1 },
    { "17 fefd 0001 000000000001 0001 aa", TRUE, 1 },
    { "17 fefd 0001 000000000001 0001 aa 15 fefd 0001 000000000002 0002 0100", TRUE, 2 },
    { "14 0100 0000 000000000003 0003 010001", TRUE, 1 },
    { "", FALSE, 0 },
    { "17", FALSE, 0 },
    { "17 fefd 0001 000000000001 00", FALSE, 0 },
    { "17 fefd 0001 000000000001 0000", FALSE, 0 },
    { "17 fefd 0001 000000000001 0002 aa", FALSE, 0 },
    { "17 fefd 0001 000000000001 0001 aa 17", FALSE, 0 },
    { "17 fefd 0001 000000000001 0001 aa 17 fefd 0001 000000000001 0000", FALSE, 0 },
    { "13 fefd 0001 000000000001 0001 aa", FALSE, 0 },
    { "18 fefd 0001 000000000001 0001 aa", FALSE, 0 },
    { "17 fefc 0001 000000000001 0001 aa", FALSE, 0 },
    { "17 0303 0001 000000000001 0001 aa", FALSE, 0 },
    { "17 0001 0001 000000000001 0001 aa", FALSE, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (datagrams); i++)
    {
      g_autoptr (GByteArray) bytes = bytes_from_hex (datagrams[i].hex);
      g_autofree guint8 *copy = exact_copy (bytes->data, bytes->len);
      guint records = 0;

      g_test_message ("%s", datagrams[i].hex);
      g_assert_cmpint (sp_dtls_datagram_tiles (copy, bytes->len, &records), ==, datagrams[i].tiles);
      g_assert_cmpint (sp_dtls_datagram_tiles (copy, bytes->len, NULL), ==, datagrams[i].tiles);
      g_assert_cmpuint (records, ==, datagrams[i].records);
    }
}

#define SEVENTEEN "0102030405060708090a0b0c0d0e0f1011"

/* Of a peer that is not known by its address. */
static void
test_can_prove (void)
{
  static const struct
  {
    const char *hex;
    gboolean can;
  } datagrams[] = {
    { "17 fefd 0001 000000000001 0011" SEVENTEEN, TRUE },
    { "17 fefd 0002 000000000001 0012" SEVENTEEN "12", TRUE },
    { "17 0100 0001 000000000001 0011" SEVENTEEN, TRUE },
    { "17 fefd 0000 000000000001 0011" SEVENTEEN, FALSE }, /* no keys */
    { "15 fefd 0001 000000000001 0011" SEVENTEEN, FALSE },
    { "16 fefd 0001 000000000001 0011" SEVENTEEN, FALSE },
    { "14 fefd 0001 000000000001 0011" SEVENTEEN, FALSE },
    { "17 fefd 0001 000000000001 0010 0102030405060708090a0b0c0d0e0f10", FALSE }, /* no room */
    { "17 fefd 0001 000000000001 0011" SEVENTEEN "17", FALSE },
    { "17 fefd 0001 000000000001 0011" SEVENTEEN "17 fefd 0001 000000000002 0011" SEVENTEEN,
      FALSE },
    { "17 fefd 0001 000000000001 0012" SEVENTEEN, FALSE },
    { "17 fefd 0001 00000000", FALSE },
    { "", FALSE },
    { FIRST, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (datagrams); i++)
    {
      g_autoptr (GByteArray) bytes = bytes_from_hex (datagrams[i].hex);
      g_autofree guint8 *copy = exact_copy (bytes->data, bytes->len);

      g_test_message ("%s", datagrams[i].hex);
      g_assert_cmpint (sp_dtls_datagram_can_prove (copy, bytes->len), ==, datagrams[i].can);
    }
}

static void
test_record_limit (void)
{
  g_autoptr (GByteArray) bytes = bytes_from_hex ("17 fefd 0001 000000000001 4800");

  g_byte_array_set_size (bytes, SP_DTLS_RECORD_HEADER_SIZE + 0x4800);
  g_assert_true (sp_dtls_datagram_tiles (bytes->data, bytes->len, NULL));
  g_byte_array_set_size (bytes, SP_DTLS_RECORD_HEADER_SIZE + 0x4801);
  bytes->data[12] = 1;
  g_assert_false (sp_dtls_datagram_tiles (bytes->data, bytes->len, NULL));
}

static void
test_first_flight (void)
{
  g_autoptr (GByteArray) bytes = bytes_from_hex (FIRST);
  g_autoptr (GByteArray) id = bytes_from_hex (ID);
  g_autoptr (GByteArray) random = bytes_from_hex (RANDOM);
  SpDtlsHello hello;

  g_assert_cmpuint (bytes->len, ==, 168);
  g_assert_cmpint (sp_dtls_hello_read (bytes->data, bytes->len, &hello), ==,
                   SP_DTLS_HELLO_COMPLETE);
  g_assert_cmpmem (hello.app_id, sizeof hello.app_id, id->data, id->len);
  g_assert_cmpmem (hello.random, SP_DTLS_RANDOM_SIZE, random->data, random->len);
  g_assert_false (hello.from_extension);
  g_assert_false (hello.has_cookie);
  g_assert_null (hello.cookie);
  g_assert_cmpuint (hello.client_version, ==, SP_DTLS_VERSION_1_2);
  g_assert_cmpuint (hello.message_sequence, ==, 0);
}

/* Small hellos: version, random, session id, cookie, one suite, null compression, … */
#define START       "fefd" RANDOM
#define ZERO_RANDOM "0000000000000000000000000000000000000000000000000000000000000000"
#define TAIL        "0002 00a9 01 00"
#define PLAIN       START "20" ID "00" TAIL

static void
append_number (GByteArray *bytes, guint number, guint size)
{
  for (guint i = size; i > 0; i--)
    {
      guint8 byte = (guint8) (number >> (8 * (i - 1)));
      g_byte_array_append (bytes, &byte, 1);
    }
}

/* How far the lengths in the headers are from the truth. */
typedef struct
{
  gint message;
  gint fragment;
  guint fragment_offset;
} Lies;

static GByteArray *
build (const char *body, Lies lies)
{
  g_autoptr (GByteArray) message = bytes_from_hex (body);
  GByteArray *bytes = bytes_from_hex ("16 feff 0000 000000000000");

  append_number (bytes, message->len + 12, 2);
  append_number (bytes, 1, 1);
  append_number (bytes, message->len + lies.message, 3);
  append_number (bytes, 0, 2);
  append_number (bytes, lies.fragment_offset, 3);
  append_number (bytes, message->len + lies.fragment, 3);
  g_byte_array_append (bytes, message->data, message->len);
  return bytes;
}

static const struct
{
  const char *name;
  const char *body;
  SpDtlsHelloVerdict verdict;
  Lies lies;
} hellos[] = {
  { "no extensions", PLAIN, SP_DTLS_HELLO_COMPLETE },
  { "version 0x0100 in a record of the standard", "0100" RANDOM "20" ID "00" TAIL,
    SP_DTLS_HELLO_MALFORMED },
  { "empty extensions", PLAIN "0000", SP_DTLS_HELLO_COMPLETE },
  { "id in the extension",
    START "00"
          "00" TAIL "0025 bb92 0021 20" ID,
    SP_DTLS_HELLO_COMPLETE },
  { "nothing", "", SP_DTLS_HELLO_MALFORMED },
  { "fragment that starts later", PLAIN, SP_DTLS_HELLO_FRAGMENT, { 0, 0, 1 } },
  { "first fragment", PLAIN, SP_DTLS_HELLO_FRAGMENT, { 1, 0, 0 } },
  { "message longer than record", PLAIN, SP_DTLS_HELLO_MALFORMED, { 1, 1, 0 } },
  { "record longer than message", PLAIN, SP_DTLS_HELLO_MALFORMED, { -1, -1, 0 } },
  { "one byte of extensions", PLAIN "00", SP_DTLS_HELLO_MALFORMED },
  { "extension list too long", PLAIN "0001", SP_DTLS_HELLO_MALFORMED },
  { "bytes behind the extensions", PLAIN "0000 00", SP_DTLS_HELLO_MALFORMED },
  { "extension cut", PLAIN "0003 bb92 00", SP_DTLS_HELLO_MALFORMED },
  { "cookie past the end", START "20" ID "ff" TAIL, SP_DTLS_HELLO_MALFORMED },
  { "no suites",
    START "20" ID "00"
          "0000 01 00",
    SP_DTLS_HELLO_MALFORMED },
  { "half a suite",
    START "20" ID "00"
          "0001 00 01 00",
    SP_DTLS_HELLO_MALFORMED },
  { "no compression",
    START "20" ID "00"
          "0002 00a9 00",
    SP_DTLS_HELLO_MALFORMED },
  { "session id of 33 bytes",
    START "21" ID "00"
          "00" TAIL,
    SP_DTLS_HELLO_MALFORMED },
  { "unknown version", "0303" RANDOM "20" ID "00" TAIL, SP_DTLS_HELLO_MALFORMED },
  { "zero random", "fefd" ZERO_RANDOM "20" ID "00" TAIL, SP_DTLS_HELLO_NO_RANDOM },
  { "no id",
    START "00"
          "00" TAIL,
    SP_DTLS_HELLO_NO_ID },
  { "short id",
    START "02 0102"
          "00" TAIL,
    SP_DTLS_HELLO_NO_ID },
  { "short id in the extension", PLAIN "0006 bb92 0002 01 aa", SP_DTLS_HELLO_NO_ID },
  { "extension longer than its id", PLAIN "0007 bb92 0003 01 aabb", SP_DTLS_HELLO_NO_ID },
  { "empty extension", PLAIN "0004 bb92 0000", SP_DTLS_HELLO_NO_ID },
};

static void
test_hellos (void)
{
  g_autoptr (GByteArray) id = bytes_from_hex (ID);

  for (guint i = 0; i < G_N_ELEMENTS (hellos); i++)
    {
      g_autoptr (GByteArray) bytes = build (hellos[i].body, hellos[i].lies);
      g_autofree guint8 *copy = exact_copy (bytes->data, bytes->len);
      SpDtlsHello hello;
      SpDtlsHelloVerdict verdict = sp_dtls_hello_read (copy, bytes->len, &hello);

      g_test_message ("%s: %s", hellos[i].name, sp_dtls_hello_verdict_to_string (verdict));
      g_assert_cmpint (verdict, ==, hellos[i].verdict);
      if (verdict == SP_DTLS_HELLO_COMPLETE)
        g_assert_cmpmem (hello.app_id, sizeof hello.app_id, id->data, id->len);
    }
}

static void
test_others (void)
{
  static const struct
  {
    const char *hex;
    SpDtlsHelloVerdict verdict;
  } datagrams[] = {
    { "", SP_DTLS_HELLO_NOT_TILED },
    { "16 feff 0000 000000000000 009b 01", SP_DTLS_HELLO_NOT_TILED },
    { "17 fefd 0001 000000000001 0001 aa", SP_DTLS_HELLO_OTHER },
    { "17 fefd 0000 000000000001 0001 aa", SP_DTLS_HELLO_OTHER },
    { "16 fefd 0001 000000000001 0001 aa", SP_DTLS_HELLO_OTHER },
    { "16 feff 0000 000000000000 000c 10 000000 0000 000000 000000", SP_DTLS_HELLO_OTHER },
    { "16 feff 0000 000000000000 000b 01 000000 0000 000000 0000", SP_DTLS_HELLO_MALFORMED },
    { FIRST FIRST, SP_DTLS_HELLO_MALFORMED },
  };

  for (guint i = 0; i < G_N_ELEMENTS (datagrams); i++)
    {
      g_autoptr (GByteArray) bytes = bytes_from_hex (datagrams[i].hex);
      g_autofree guint8 *copy = exact_copy (bytes->data, bytes->len);
      SpDtlsHello hello;

      g_test_message ("%s", datagrams[i].hex);
      g_assert_cmpint (sp_dtls_hello_read (copy, bytes->len, &hello), ==, datagrams[i].verdict);
    }
}

/* The answer to a HelloVerifyRequest: 16 bytes more, 184 in all. */
static void
test_cookie (void)
{
  g_autoptr (GByteArray) bytes =
      bytes_from_hex (RECORD ("00ab") "01 00009f 0001 000000 00009f fefd" RANDOM "20" ID
                                      "10 000102030405060708090a0b0c0d0e0f" SUITES EXTENSIONS);
  SpDtlsHello hello;

  g_assert_cmpuint (bytes->len, ==, 184);
  g_assert_cmpint (sp_dtls_hello_read (bytes->data, bytes->len, &hello), ==,
                   SP_DTLS_HELLO_COMPLETE);
  g_assert_cmpuint (hello.message_sequence, ==, 1);
  g_assert_true (hello.has_cookie);
  g_assert_cmpuint (hello.cookie_length, ==, 16);
  g_assert_cmpuint (hello.cookie[0], ==, 0);
  g_assert_cmpuint (hello.cookie[15], ==, 15);
}

/* What was spoken before the standard says so twice. */
static void
test_pre_standard (void)
{
  g_autoptr (GByteArray) bytes = build ("0100" RANDOM "20" ID "00" TAIL, (Lies){ 0 });
  SpDtlsHello hello;

  bytes->data[1] = 0x01;
  bytes->data[2] = 0x00;
  g_assert_cmpint (sp_dtls_hello_read (bytes->data, bytes->len, &hello), ==,
                   SP_DTLS_HELLO_COMPLETE);
  g_assert_cmpuint (hello.client_version, ==, SP_DTLS_VERSION_0_9);
  bytes->data[SP_DTLS_RECORD_HEADER_SIZE + 12] = 0xfe;
  bytes->data[SP_DTLS_RECORD_HEADER_SIZE + 13] = 0xfd;
  g_assert_cmpint (sp_dtls_hello_read (bytes->data, bytes->len, &hello), ==,
                   SP_DTLS_HELLO_MALFORMED);
}

/* The extension of 7.08 outranks the session id. */
static void
test_extension_first (void)
{
  g_autoptr (GByteArray) bytes =
      build (START "20" RANDOM "00" TAIL "0025 bb92 0021 20" ID, (Lies){ 0 });
  g_autoptr (GByteArray) id = bytes_from_hex (ID);
  SpDtlsHello hello;

  g_assert_cmpint (sp_dtls_hello_read (bytes->data, bytes->len, &hello), ==,
                   SP_DTLS_HELLO_COMPLETE);
  g_assert_true (hello.from_extension);
  g_assert_cmpmem (hello.app_id, sizeof hello.app_id, id->data, id->len);
}

/* Every prefix is refused, and so is every single byte more. */
static void
test_sizes (void)
{
  g_autoptr (GByteArray) bytes = bytes_from_hex (FIRST);
  SpDtlsHello hello;

  for (guint size = 0; size < bytes->len; size++)
    {
      g_autofree guint8 *copy = exact_copy (bytes->data, size);

      g_assert_cmpint (sp_dtls_hello_read (copy, size, &hello), ==, SP_DTLS_HELLO_NOT_TILED);
    }
  g_byte_array_append (bytes, (const guint8 *) "", 1);
  g_assert_cmpint (sp_dtls_hello_read (bytes->data, bytes->len, &hello), ==,
                   SP_DTLS_HELLO_NOT_TILED);
}

static void
test_too_long (void)
{
  g_autoptr (GByteArray) bytes = bytes_from_hex ("16 feff 0000 000000000000 07f4");
  SpDtlsHello hello;

  g_byte_array_set_size (bytes, SP_FIRST_DATAGRAM_MAX + 1);
  memset (bytes->data + SP_DTLS_RECORD_HEADER_SIZE, 1, bytes->len - SP_DTLS_RECORD_HEADER_SIZE);
  g_assert_cmpint (sp_dtls_hello_read (bytes->data, bytes->len, &hello), ==,
                   SP_DTLS_HELLO_TOO_LONG);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/dtls-datagram/tiles", test_tiles);
  g_test_add_func ("/dtls-datagram/can-prove", test_can_prove);
  g_test_add_func ("/dtls-datagram/record-limit", test_record_limit);
  g_test_add_func ("/dtls-datagram/first-flight", test_first_flight);
  g_test_add_func ("/dtls-datagram/hellos", test_hellos);
  g_test_add_func ("/dtls-datagram/others", test_others);
  g_test_add_func ("/dtls-datagram/cookie", test_cookie);
  g_test_add_func ("/dtls-datagram/pre-standard", test_pre_standard);
  g_test_add_func ("/dtls-datagram/extension-first", test_extension_first);
  g_test_add_func ("/dtls-datagram/sizes", test_sizes);
  g_test_add_func ("/dtls-datagram/too-long", test_too_long);
  return g_test_run ();
}
