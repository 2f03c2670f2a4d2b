/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "remote/bridge-frame.h"
#include "remote/bus-message.h"

#include "hex.h"

#include <gio/gunixfdlist.h>
#include <string.h>
#include <unistd.h>

/* --- frames --- */

static void
test_round_trip (void)
{
  const SpBridgeDescriptor descriptor = { .kind = SP_BRIDGE_SEALED, .seals = 0xf, .size = 511 };
  guint8 bytes[SP_BRIDGE_SMALL_MAX];
  SpBridgeFrame frame;
  gsize size = sp_bridge_frame_write_descriptor (bytes, 0x01020304, &descriptor);

  g_assert_cmpint (sp_bridge_frame_read (bytes, size, &frame), ==, (gssize) size);
  g_assert_cmpuint (frame.type, ==, SP_BRIDGE_DESCRIPTOR);
  g_assert_cmphex (frame.channel, ==, 0x01020304);
  g_assert_cmpuint (frame.descriptor.kind, ==, SP_BRIDGE_SEALED);
  g_assert_cmphex (frame.descriptor.seals, ==, 0xf);
  g_assert_cmpuint (frame.descriptor.size, ==, 511);
  size = sp_bridge_frame_write_credit (bytes, 7, 65536);
  g_assert_cmpint (sp_bridge_frame_read (bytes, size, &frame), ==, (gssize) size);
  g_assert_cmpuint (frame.credit, ==, 65536);
  size = sp_bridge_frame_write_hello (bytes);
  g_assert_cmpint (sp_bridge_frame_read (bytes, size, &frame), ==, (gssize) size);
  g_assert_cmpuint (frame.version, ==, SP_BRIDGE_VERSION);
  for (gsize known = 0; known < size; known++)
    g_assert_cmpint (sp_bridge_frame_read (bytes, known, &frame), ==, 0);
}

static void
test_frames (void)
{
  static const struct
  {
    const char *hex;
    gssize expected;
  } cases[] = {
    { "", 0 },
    { "00", -1 },
    { "08", -1 },
    { "01", 0 },
    { "0100000800000000627269646765", 0 },
    { "01000008000000006272696467650001", 16 },
    { "01000008000000006272696467640001", -1 }, /* another word */
    { "01000009000000006272696467650001", -1 }, /* length */
    { "01000008000000016272696467650001", -1 }, /* of a channel */
    { "01010008000000006272696467650001", -1 }, /* flag */
    { "0200000100000000aa", 9 },
    { "0201000100000000aa", 9 },
    { "0202000100000000aa", -1 },
    { "0200000000000000", -1 },
    { "0200800100000000", -1 },
    { "0200800000000000", 0 },
    { "0200000100000001aa", -1 },
    { "0300000c00000001010000000000000000000001", 20 },
    { "0300000c00000001010000000000000000100001", -1 }, /* too large */
    { "0300000c00000001010000200000000000000001", -1 }, /* an unknown seal */
    { "0300000c00000001010100000000000000000001", -1 },
    { "0300000c00000001040000000000000000000000", 20 },
    { "0300000c00000001040000000000000000000001", -1 }, /* of a size, and no sealed one */
    { "0300000c00000001040000010000000000000000", -1 },
    { "0300000c00000001000000000000000000000000", -1 },
    { "0300000c00000001070000000000000000000000", -1 },
    { "0300000c00000000010000000000000000000001", -1 },
    { "040000010000000100", 9 },
    { "0400000000000001", -1 },
    { "040000010000000000", -1 },
    { "050000040000000100000001", 12 },
    { "050000040000000100000000", -1 },
    { "0600000000000001", 8 },
    { "0601000000000001", 8 },
    { "0600000100000001aa", -1 },
    { "0700000000000001", 8 },
    { "0701000000000001", -1 },
    { "0700000000000000", -1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GByteArray) bytes = bytes_from_hex (cases[i].hex);
      SpBridgeFrame frame;

      g_test_message ("%s", cases[i].hex);
      g_assert_cmpint (sp_bridge_frame_read (bytes->data, bytes->len, &frame), ==,
                       cases[i].expected);
    }
}

static void
test_directions (void)
{
  static const struct
  {
    guint8 kind;
    gboolean out;
    gboolean back;
  } cases[] = {
    { SP_BRIDGE_SEALED, TRUE, FALSE },   { SP_BRIDGE_FILE, TRUE, FALSE },
    { SP_BRIDGE_RETURNED, FALSE, TRUE }, { SP_BRIDGE_READER, TRUE, FALSE },
    { SP_BRIDGE_WRITER, FALSE, TRUE },   { SP_BRIDGE_SOCKET, TRUE, TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_assert_cmpint (sp_bridge_kind_goes_out (cases[i].kind), ==, cases[i].out);
      g_assert_cmpint (sp_bridge_kind_comes_back (cases[i].kind), ==, cases[i].back);
    }
}

/* --- messages --- */

static GByteArray *
blob_of (GDBusMessage *message)
{
  gsize size;
  guchar *bytes =
      g_dbus_message_to_blob (message, &size, G_DBUS_CAPABILITY_FLAGS_UNIX_FD_PASSING, NULL);

  g_assert_nonnull (bytes);
  return g_byte_array_new_take (bytes, size);
}

static GByteArray *
make_call (GDBusMessageByteOrder order, guint n_descriptors)
{
  g_autoptr (GDBusMessage) message =
      g_dbus_message_new_method_call ("org.example", "/path", "org.example.Interface", "Method");
  g_autoptr (GUnixFDList) list = g_unix_fd_list_new ();

  g_dbus_message_set_byte_order (message, order);
  g_dbus_message_set_serial (message, 0x01020304);
  g_dbus_message_set_body (message, g_variant_new ("(sa{sv})", "text", NULL));
  for (guint i = 0; i < n_descriptors; i++)
    g_assert_cmpint (g_unix_fd_list_append (list, STDIN_FILENO, NULL), ==, (int) i);
  g_dbus_message_set_unix_fd_list (message, list);
  return blob_of (message);
}

/* What GLib writes is what we read, in both byte orders. */
static void
test_message (void)
{
  static const GDBusMessageByteOrder orders[] = { G_DBUS_MESSAGE_BYTE_ORDER_BIG_ENDIAN,
                                                  G_DBUS_MESSAGE_BYTE_ORDER_LITTLE_ENDIAN };

  for (guint i = 0; i < G_N_ELEMENTS (orders); i++)
    {
      g_autoptr (GByteArray) bytes = make_call (orders[i], 3);
      SpBusMessage head;

      g_assert_cmpint (sp_bus_message_measure (bytes->data, bytes->len), ==, bytes->len);
      g_assert_cmpint (sp_bus_message_measure (bytes->data, SP_BUS_MESSAGE_START), ==, bytes->len);
      g_assert_cmpint (sp_bus_message_measure (bytes->data, SP_BUS_MESSAGE_START - 1), ==, 0);
      g_assert_true (sp_bus_message_read (bytes->data, bytes->len, &head));
      g_assert_cmpuint (head.type, ==, SP_BUS_MESSAGE_CALL);
      g_assert_cmphex (head.serial, ==, 0x01020304);
      g_assert_cmpuint (head.reply_serial, ==, 0);
      g_assert_cmpuint (head.n_descriptors, ==, 3);
      g_assert_false (head.wants_no_reply);
      g_assert_cmpstr (head.interface, ==, "org.example.Interface");
      g_assert_cmpstr (head.member, ==, "Method");
      g_assert_false (sp_bus_message_read (bytes->data, bytes->len - 1, &head));
    }
}

/* Each byte of a head put wrong is either refused or makes no difference to the bounds. */
static void
test_malformed (void)
{
  g_autoptr (GByteArray) whole = make_call (G_DBUS_MESSAGE_BYTE_ORDER_LITTLE_ENDIAN, 1);

  for (guint at = 0; at < whole->len; at++)
    for (guint value = 0; value < 256; value += 5)
      {
        g_autofree guint8 *bytes = g_memdup2 (whole->data, whole->len);
        SpBusMessage head;

        bytes[at] = (guint8) value;
        if (!sp_bus_message_read (bytes, whole->len, &head))
          continue;
        g_assert_cmpuint (head.serial, !=, 0);
        if (head.interface != NULL)
          g_assert_true (memchr (head.interface, 0,
                                 (gsize) (bytes + whole->len - (const guint8 *) head.interface)) !=
                         NULL);
      }
}

static void
test_too_long (void)
{
  guint8 head[SP_BUS_MESSAGE_START] = { 'l', 1, 0, 1, 0, 0, 0, 2, 1, 0, 0, 0, 0, 0, 0, 0 };

  g_assert_cmpint (sp_bus_message_measure (head, sizeof head), ==, -1);
  head[7] = 1;
  g_assert_cmpint (sp_bus_message_measure (head, sizeof head), ==,
                   SP_BUS_MESSAGE_START + (1 << 24));
  head[15] = 0xff;
  g_assert_cmpint (sp_bus_message_measure (head, sizeof head), ==, -1);
}

static void
test_refusal (void)
{
  SpBusMessage call = { .type = SP_BUS_MESSAGE_CALL, .serial = 9 };
  const SpBusMessage answer = { .type = SP_BUS_MESSAGE_RETURN, .serial = 9, .reply_serial = 4 };
  const SpBusMessage signal = { .type = SP_BUS_MESSAGE_SIGNAL, .serial = 9 };
  const SpBusMessage *const both[] = { &call, &answer };

  for (guint i = 0; i < G_N_ELEMENTS (both); i++)
    {
      g_autoptr (GByteArray) bytes = sp_bus_message_refuse (both[i], "org.example.No", "because");
      g_autoptr (GDBusMessage) read = NULL;

      g_assert_nonnull (bytes);
      read = g_dbus_message_new_from_blob (bytes->data, bytes->len, G_DBUS_CAPABILITY_FLAGS_NONE,
                                           NULL);
      g_assert_nonnull (read);
      g_assert_cmpint (g_dbus_message_get_message_type (read), ==, G_DBUS_MESSAGE_TYPE_ERROR);
      g_assert_cmpuint (g_dbus_message_get_reply_serial (read), ==, i == 0 ? 9 : 4);
      g_assert_cmpstr (g_dbus_message_get_error_name (read), ==, "org.example.No");
      g_assert_cmpstr (g_dbus_message_get_arg0 (read), ==, "because");
    }
  call.wants_no_reply = TRUE;
  g_assert_null (sp_bus_message_refuse (&call, "org.example.No", "because"));
  g_assert_null (sp_bus_message_refuse (&signal, "org.example.No", "because"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bridge-frame/round-trip", test_round_trip);
  g_test_add_func ("/bridge-frame/cases", test_frames);
  g_test_add_func ("/bridge-frame/directions", test_directions);
  g_test_add_func ("/bus-message/read", test_message);
  g_test_add_func ("/bus-message/malformed", test_malformed);
  g_test_add_func ("/bus-message/too-long", test_too_long);
  g_test_add_func ("/bus-message/refusal", test_refusal);
  return g_test_run ();
}
