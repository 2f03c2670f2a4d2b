/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz.h"

#include "codec/apple-profile.h"
#include "codec/enrolment-page.h"
#include "codec/enrolment-path.h"
#include "codec/reach-link.h"

#include <string.h>

typedef struct
{
  const char *text;
  gsize length;
} Piece;

/* Up to the next line end. */
static Piece
take_line (const uint8_t **data, size_t *size)
{
  const uint8_t *end = *size > 0 ? memchr (*data, '\n', *size) : NULL;
  Piece piece = { (const char *) *data, end != NULL ? (gsize) (end - *data) : *size };
  gsize used = end != NULL ? piece.length + 1 : piece.length;

  *data += used;
  *size -= used;
  return piece;
}

/* What is understood is spelt in one way, but for the query. */
static void
check_path (const Piece *target)
{
  guint8 token[SP_TOKEN_SIZE];
  char text[SP_TOKEN_TEXT_LENGTH + 1];
  g_autofree char *path = NULL;
  const char *name;
  SpEnrolmentFile file;

  if (!sp_enrolment_path_read (target->text, target->length, &file, token))
    return;
  g_assert_cmpint (file, <=, SP_ENROLMENT_LAST);
  sp_token_write (token, text);
  name = sp_enrolment_file_get_row (file)->name;
  path = g_strconcat (SP_ENROLMENT_FOLDER, text, name[0] != '\0' ? "/" : "", name, NULL);
  g_assert_cmpuint (target->length, >=, strlen (path));
  g_assert_cmpint (memcmp (target->text, path, strlen (path)), ==, 0);
  g_assert_true (target->length == strlen (path) || target->text[strlen (path)] == '?');
}

static void
check_link (const Piece *target)
{
  guint8 token[SP_TOKEN_SIZE];
  char text[SP_TOKEN_TEXT_LENGTH + 1];
  g_autofree char *path = NULL;

  if (!sp_reach_link_read (target->text, target->length, token))
    return;
  sp_token_write (token, text);
  path = g_strconcat (SP_REACH_FOLDER, text, NULL);
  g_assert_cmpuint (target->length, >=, strlen (path));
  g_assert_cmpint (memcmp (target->text, path, strlen (path)), ==, 0);
  g_assert_true (target->length == strlen (path) || target->text[strlen (path)] == '?');
}

/* A language is chosen because it is there, and the same one when all is said twice. */
static guint
check_language (const Piece *wishes)
{
  guint language = sp_language_choose (wishes->text, wishes->length, sp_page_languages);
  g_autoptr (GString) twice = g_string_new_len (wishes->text, (gssize) wishes->length);
  g_autofree char *lower = NULL;

  g_assert_cmpuint (language, <, g_strv_length ((GStrv) sp_page_languages));
  g_string_append_c (twice, ',');
  g_string_append_len (twice, wishes->text, (gssize) wishes->length);
  g_assert_cmpuint (sp_language_choose (twice->str, twice->len, sp_page_languages), ==, language);
  lower = g_memdup2 (wishes->text, wishes->length);
  for (gsize i = 0; i < wishes->length; i++)
    lower[i] = g_ascii_tolower (lower[i]);
  g_assert_true (language == 0 || memmem (lower, wishes->length, sp_page_languages[language],
                                          strlen (sp_page_languages[language])) != NULL);
  return language;
}

static gsize
count (const GString *html, char byte)
{
  gsize n = 0;

  for (gsize i = 0; i < html->len; i++)
    n += html->str[i] == byte;
  return n;
}

/* Whatever a device is called, the page has the same elements, and is a text that ends. */
static void
check_page (SpPlatform platform, guint language, const Piece *words)
{
  g_autofree char *name = g_strndup (words->text, MIN (words->length, SP_DEVICE_NAME_MAX));
  SpEnrolmentPage page = {
    .language = language, .platform = platform, .url = "https://home.example.net", .name = "phone"
  };
  g_autoptr (GString) plain = g_string_new (NULL);
  g_autoptr (GString) html = g_string_new (NULL);

  sp_enrolment_page_write_first (plain, &page);
  page.name = name;
  sp_enrolment_page_write_first (html, &page);
  for (const char *byte = "<>\""; *byte != '\0'; byte++)
    g_assert_cmpuint (count (html, *byte), ==, count (plain, *byte));
  g_assert_true (g_utf8_validate (html->str, (gssize) html->len, NULL));
  g_assert_cmpuint (html->len, <=, SP_ENROLMENT_PAGE_MAX);
}

/* A profile is one document whatever it is about (XML 1.0 2.1, 2.2). */
static void
check_profile (const Piece *words)
{
  static const GMarkupParser parser = { 0 };
  static const guint8 device[SP_ID_SIZE];
  g_autofree char *name = g_strndup (words->text, MIN (words->length, SP_DEVICE_NAME_MAX));
  const SpAppleProfile profile = { .url = name,
                                   .name = name,
                                   .device = device,
                                   .archive = (const guint8 *) words->text,
                                   .archive_size = words->length };
  g_autoptr (GString) xml = g_string_new (NULL);
  g_autoptr (GMarkupParseContext) context = g_markup_parse_context_new (&parser, 0, NULL, NULL);

  sp_apple_profile_write (xml, &profile);
  g_assert_true (g_markup_parse_context_parse (context, xml->str, (gssize) xml->len, NULL));
  g_assert_true (g_markup_parse_context_end_parse (context, NULL));
}

/* Three lines: the target of the request, User-Agent, Accept-Language. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  Piece target = take_line (&data, &size);
  Piece agent = take_line (&data, &size);
  Piece wishes = take_line (&data, &size);
  SpPlatform platform = sp_platform_from_user_agent (agent.text, agent.length);

  g_assert_cmpint (platform, <, SP_PLATFORMS);
  check_path (&target);
  check_link (&target);
  check_profile (&agent);
  check_page (platform, check_language (&wishes), &agent);
  return 0;
}
