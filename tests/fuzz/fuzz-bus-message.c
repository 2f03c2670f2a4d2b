/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz.h"

#include "remote/bus-message.h"

#include <string.h>

static void
check_text (const char *text, const uint8_t *data, size_t size)
{
  if (text == NULL)
    return;
  g_assert_true ((const uint8_t *) text > data && (const uint8_t *) text < data + size);
  g_assert_nonnull (memchr (text, 0, (gsize) (data + size - (const uint8_t *) text)));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  gssize total = sp_bus_message_measure (data, size);
  g_autoptr (GByteArray) refusal = NULL;
  SpBusMessage message;

  g_assert_cmpint (total == 0, ==, size < SP_BUS_MESSAGE_START);
  g_assert_cmpint (total, <=, SP_BUS_MESSAGE_MAX);
  if (!sp_bus_message_read (data, size, &message))
    return 0;
  g_assert_cmpint (total, ==, (gssize) size);
  check_text (message.interface, data, size);
  check_text (message.member, data, size);
  refusal = sp_bus_message_refuse (&message, "a.b", "c");
  if (refusal != NULL)
    g_assert_true (sp_bus_message_read (refusal->data, refusal->len, &message));
  return 0;
}
