/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz.h"

#include "base/endpoint.h"
#include "codec/update-answer.h"

#include <string.h>

/* A word that is handed on is one of those that everybody may read, and means itself. */
static void
check_word (const uint8_t *data, size_t size)
{
  char word[SP_PROVIDER_WORD_MAX + 1];
  char again[SP_PROVIDER_WORD_MAX + 1];
  SpUpdateAnswer answer = sp_update_answer_read (data, size, word);

  g_assert_cmpint (answer, <=, SP_UPDATE_LAST);
  g_assert_cmpint (answer == SP_UPDATE_UNKNOWN, ==, word[0] == '\0');
  g_assert_true (strspn (word, "abcdefghijklmnopqrstuvwxyz0123456789!") == strlen (word));
  g_assert_cmpint (sp_update_answer_read ((const guint8 *) word, strlen (word), again), ==, answer);
  g_assert_true (answer == SP_UPDATE_UNKNOWN || memcmp (data, word, strlen (word)) == 0);
}

/* An address is one that the world could have, and written again reads as itself. */
static void
check_address (const uint8_t *data, size_t size)
{
  guint8 address[SP_ADDRESS_SIZE];
  guint8 again[SP_ADDRESS_SIZE];
  char text[SP_ENDPOINT_TEXT_MAX];

  if (!sp_address_answer_read (data, size, address))
    return;
  g_assert_true (sp_address_is_global (address));
  g_assert_cmpuint (size, <=, SP_ADDRESS_ANSWER_MAX + 2);
  sp_address_to_text (address, text);
  g_assert_true (sp_address_answer_read ((const guint8 *) text, strlen (text), again));
  g_assert_cmpmem (address, sizeof address, again, sizeof again);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  check_word (data, size);
  check_address (data, size);
  return 0;
}
