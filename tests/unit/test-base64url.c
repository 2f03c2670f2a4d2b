/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "codec/base64url.h"

#include <string.h>

/* RFC 7515 appendix C, and lengths around a group */
static void
test_encode (void)
{
  static const struct
  {
    const char *bytes;
    const char *text;
  } pairs[] = {
    { "", "" },        { "f", "Zg" },        { "fo", "Zm8" },
    { "foo", "Zm9v" }, { "foob", "Zm9vYg" }, { "\x03\xec\xff\xe0\xc1", "A-z_4ME" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (pairs); i++)
    {
      g_autofree char *text = sp_base64url_encode (pairs[i].bytes, strlen (pairs[i].bytes));

      g_assert_cmpstr (text, ==, pairs[i].text);
    }
}

static void
test_is_text (void)
{
  static const char *const wrong[] = { "", "a=", "a+b", "a/b", "a b", "a\"", "\xc3\xa9", "a\n" };

  g_assert_true (sp_base64url_is_text ("A-z_4ME", 7));
  g_assert_false (sp_base64url_is_text ("ab\0cd", 5));
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    g_assert_false (sp_base64url_is_text (wrong[i], strlen (wrong[i])));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base64url/encode", test_encode);
  g_test_add_func ("/base64url/is-text", test_is_text);
  return g_test_run ();
}
