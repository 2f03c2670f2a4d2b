/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "codec/update-answer.h"

#include "base/endpoint.h"

#include <string.h>

static const struct
{
  const char *text;
  SpUpdateAnswer answer;
  const char *word;
} answers[] = {
  { "good", SP_UPDATE_GOOD, "good" },
  { "good 81.2.69.160\n", SP_UPDATE_GOOD, "good" },
  { "good 127.0.0.1\r\nnohost", SP_UPDATE_GOOD, "good" },
  { "nochg 81.2.69.160", SP_UPDATE_UNCHANGED, "nochg" },
  { "badauth\n", SP_UPDATE_CREDENTIAL, "badauth" },
  { "nohost", SP_UPDATE_NAME, "nohost" },
  { "notfqdn", SP_UPDATE_NAME, "notfqdn" },
  { "numhost", SP_UPDATE_NAME, "numhost" },
  { "!yours", SP_UPDATE_NAME, "!yours" },
  { "abuse", SP_UPDATE_ABUSE, "abuse" },
  { "!donator", SP_UPDATE_UNPAID, "!donator" },
  { "badagent", SP_UPDATE_PROGRAM, "badagent" },
  { "badsys", SP_UPDATE_PROGRAM, "badsys" },
  { "911", SP_UPDATE_LATER, "911" },
  { "dnserr", SP_UPDATE_LATER, "dnserr" },
  { "", SP_UPDATE_UNKNOWN, "" },
  { " good", SP_UPDATE_UNKNOWN, "" },
  { "Good", SP_UPDATE_UNKNOWN, "" },
  { "goodness", SP_UPDATE_UNKNOWN, "" },
  { "goo", SP_UPDATE_UNKNOWN, "" },
  { "OK", SP_UPDATE_UNKNOWN, "" },
  { "<html>good</html>", SP_UPDATE_UNKNOWN, "" },
};

static void
test_words (void)
{
  char word[SP_PROVIDER_WORD_MAX + 1];

  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      g_test_message ("%s", answers[i].text);
      g_assert_cmpint (
          sp_update_answer_read ((const guint8 *) answers[i].text, strlen (answers[i].text), word),
          ==, answers[i].answer);
      g_assert_cmpstr (word, ==, answers[i].word);
    }
  g_assert_cmpint (sp_update_answer_read ((const guint8 *) "good\0x", 6, word), ==,
                   SP_UPDATE_UNKNOWN);
}

static const struct
{
  const char *text;
  const char *address; /* NULL: none */
} addresses[] = {
  { "81.2.69.160", "81.2.69.160" },
  { "81.2.69.160\n", "81.2.69.160" },
  { "81.2.69.160\r\n", "81.2.69.160" },
  { "2a02:2f08:0:0::7\n", "2a02:2f08::7" },
  { "::ffff:81.2.69.160", "81.2.69.160" },
  { "", NULL },
  { "\n", NULL },
  { "81.2.69.160\n\n", NULL },
  { " 81.2.69.160", NULL },
  { "81.2.69", NULL },
  { "81.2.69.160:443", NULL },
  { "81.2.69.0160", NULL },
  { "0x51.2.69.160", NULL },
  { "10.1.2.3", NULL },
  { "100.64.0.1", NULL },
  { "169.254.1.1", NULL },
  { "172.31.255.255", NULL },
  { "192.0.2.1", NULL },
  { "224.0.0.1", NULL },
  { "255.255.255.255", NULL },
  { "0.0.0.0", NULL },
  { "::1", NULL },
  { "fe80::1", NULL },
  { "fd00::1", NULL },
  { "ff02::1", NULL },
  { "2001:db8::1", NULL },
  { "2002:5102:45a0::1", NULL },
  { "::", NULL },
};

static void
test_addresses (void)
{
  guint8 address[SP_ADDRESS_SIZE];
  char text[SP_ENDPOINT_TEXT_MAX];

  for (guint i = 0; i < G_N_ELEMENTS (addresses); i++)
    {
      g_test_message ("%s", addresses[i].text);
      g_assert_cmpint (sp_address_answer_read ((const guint8 *) addresses[i].text,
                                               strlen (addresses[i].text), address),
                       ==, addresses[i].address != NULL);
      if (addresses[i].address == NULL)
        continue;
      sp_address_to_text (address, text);
      g_assert_cmpstr (text, ==, addresses[i].address);
    }
}

/* A terminator, and more than an address can be. */
static void
test_length (void)
{
  guint8 address[SP_ADDRESS_SIZE];
  guint8 long_text[SP_ADDRESS_ANSWER_MAX + 3];

  g_assert_false (sp_address_answer_read ((const guint8 *) "81.2.69.160\0x", 13, address));
  memset (long_text, '1', sizeof long_text);
  for (gsize size = 40; size <= sizeof long_text; size++)
    g_assert_false (sp_address_answer_read (long_text, size, address));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/update-answer/words", test_words);
  g_test_add_func ("/update-answer/addresses", test_addresses);
  g_test_add_func ("/update-answer/length", test_length);
  return g_test_run ();
}
