/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "codec/enrolment-page.h"

#include "base/io.h"
#include "base/limits.h"
#include "codec/apple-profile.h"
#include "codec/enrolment-path.h"

#include <string.h>

#define TOKEN "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"

/* --- tokens and paths --- */

static void
test_token (void)
{
  guint8 token[SP_TOKEN_SIZE];
  guint8 again[SP_TOKEN_SIZE];
  char text[SP_TOKEN_TEXT_LENGTH + 1];

  for (guint i = 0; i < 1000; i++)
    {
      sp_random_bytes (token, sizeof token);
      sp_token_write (token, text);
      g_assert_cmpuint (
          strspn (text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"), ==,
          SP_TOKEN_TEXT_LENGTH);
      g_assert_cmpuint (strlen (text), ==, SP_TOKEN_TEXT_LENGTH);
      g_assert_true (sp_token_read (text, strlen (text), again));
      g_assert_cmpmem (token, sizeof token, again, sizeof again);
    }
}

static const char *const no_tokens[] = {
  "",
  "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh",   /* short */
  "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8A", /* long */
  "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", /* padded */
  "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9",  /* bits that nobody needs */
  "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdH+8",  /* the other alphabet */
  "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdH/8",
  "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdH\n8",
  "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd%48",
};

static void
test_no_tokens (void)
{
  guint8 token[SP_TOKEN_SIZE];

  for (guint i = 0; i < G_N_ELEMENTS (no_tokens); i++)
    {
      g_test_message ("%s", no_tokens[i]);
      g_assert_false (sp_token_read (no_tokens[i], strlen (no_tokens[i]), token));
    }
}

static const struct
{
  const char *target;
  int file; /* -1: none */
} paths[] = {
  { "/e/" TOKEN, SP_ENROLMENT_PAGE },
  { "/e/" TOKEN "?fbclid=x/y", SP_ENROLMENT_PAGE },
  { "/e/" TOKEN "/vpn.p12", SP_ENROLMENT_PKCS12 },
  { "/e/" TOKEN "/vpn.p12?x", SP_ENROLMENT_PKCS12 },
  { "/e/" TOKEN "/vpn.pem", -1 },
  { "/e/" TOKEN "/vpn.conf", SP_ENROLMENT_NETWORK_MANAGER },
  { "/e/" TOKEN "/vpn.mobileconfig", SP_ENROLMENT_APPLE },
  { "/e/" TOKEN "/vpn.mobileconfi", -1 },
  { "", -1 },
  { "/", -1 },
  { "/e", -1 },
  { "/e/", -1 },
  { "/e/" TOKEN "/", -1 },
  { "/e/" TOKEN "//vpn.p12", -1 },
  { "/e/" TOKEN "/vpn.p1", -1 },
  { "/e/" TOKEN "/vpn.p123", -1 },
  { "/e/" TOKEN "/../x", -1 },
  { "/e/" TOKEN "vpn.p12", -1 },
  { "/E/" TOKEN, -1 },
  { "//e/" TOKEN, -1 },
  { "/e/?" TOKEN, -1 },
};

static void
test_paths (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      SpEnrolmentFile file = SP_ENROLMENT_LAST;
      guint8 token[SP_TOKEN_SIZE];
      gboolean found =
          sp_enrolment_path_read (paths[i].target, strlen (paths[i].target), &file, token);

      g_test_message ("%s", paths[i].target);
      g_assert_cmpint (found ? (int) file : -1, ==, paths[i].file);
      for (guint j = 0; found && j < sizeof token; j++)
        g_assert_cmpuint (token[j], ==, j);
    }
}

/* --- visitors --- */

static const struct
{
  const char *agent;
  SpPlatform platform;
} agents[] = {
  { "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15",
    SP_PLATFORM_IOS },
  { "Mozilla/5.0 (iPad; CPU OS 12_5 like Mac OS X)", SP_PLATFORM_IOS },
  { "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36", SP_PLATFORM_ANDROID },
  { "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0)", SP_PLATFORM_WINDOWS },
  { "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)", SP_PLATFORM_MACOS },
  { "Mozilla/5.0 (X11; Linux x86_64; rv:128.0)", SP_PLATFORM_LINUX },
  { "Mozilla/5.0 (X11; FreeBSD amd64)", SP_PLATFORM_LINUX },
  { "curl/7.88.1", SP_PLATFORM_OTHER },
  { "", SP_PLATFORM_OTHER },
};

static void
test_platforms (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (agents); i++)
    g_assert_cmpint (sp_platform_from_user_agent (agents[i].agent, strlen (agents[i].agent)), ==,
                     agents[i].platform);
}

static const struct
{
  const char *wishes;
  const char *language;
} wishes[] = {
  { "de-AT,de;q=0.9,en;q=0.8", "de" },
  { "DE", "de" },
  { "en-GB, de;q=0.5", "en" },
  { "fr, de;q=0.5, en;q=0.4", "de" },
  { "en;q=0.4 , de ; q=0.5", "de" },
  { "en;q=0.1,de;q=0.101", "de" },
  { "de;q=0,fr", "en" },
  { "de;q=0.0,en", "en" },
  { "fr", "en" },
  { "*", "en" },
  { "den", "en" },
  { "de_AT", "de" },
  { "de;q=2,en;q=0.9", "de" },
  { ",,;q=;,de", "de" },
  { "de;q=0", "en" },
  { "zh", "zh-CN" },
  { "fr,zh-CN;q=0.5", "zh-CN" },
  { "zh-Hant-TW", "zh-CN" },
  { "zhx", "en" },
  { "", "en" },
};

static void
test_languages (void)
{
  static const char *const languages[] = { "en", "de", "zh-CN", NULL };

  for (guint i = 0; i < G_N_ELEMENTS (wishes); i++)
    {
      g_test_message ("%s", wishes[i].wishes);
      g_assert_cmpstr (
          languages[sp_language_choose (wishes[i].wishes, strlen (wishes[i].wishes), languages)],
          ==, wishes[i].language);
    }
}

/* --- pages --- */

typedef struct
{
  const char *open[64];
  guint depth;
  GString *text;
} Reader;

/* The pages are written so that they are XML, too, but for a few elements without an end; those
 * are given one, and an XML parser does the rest. */
static char *
close_lonely_elements (const char *html)
{
  static const struct
  {
    const char *pattern;
    const char *replacement;
  } rules[] = {
    { "<!DOCTYPE html>", "" },
    { "<(meta|link)([^>]*)>", "<\\1\\2/>" },
    { " class=([a-z])", " class=\"\\1\"" },
    { "<details open>", "<details open=\"\">" },
    { "<li>(.*?)(?=<li>|</ol>)", "<li>\\1</li>" },
    { "</li></li>", "</li>" },
  };
  char *text = g_strdup (html);

  for (guint i = 0; i < G_N_ELEMENTS (rules); i++)
    {
      g_autoptr (GRegex) regex = g_regex_new (rules[i].pattern, G_REGEX_DOTALL, 0, NULL);
      g_autofree char *before = text;

      text = g_regex_replace (regex, before, -1, 0, rules[i].replacement, 0, NULL);
    }
  return text;
}

static void
read_start (GMarkupParseContext *context,
            const char *name,
            const char **attributes,
            const char **values,
            gpointer data,
            GError **error)
{
  Reader *reader = data;

  for (guint i = 0; attributes[i] != NULL; i++)
    g_string_append_printf (reader->text, "[%s=%s]", attributes[i], values[i]);
  g_assert_cmpstr (name, !=, "script");
  g_assert_cmpstr (name, !=, "img");
}

static void
read_text (
    GMarkupParseContext *context, const char *text, gsize size, gpointer data, GError **error)
{
  Reader *reader = data;

  g_string_append_len (reader->text, text, (gssize) size);
}

/* What a person would see, and where links lead; fails unless it is well-formed. */
static char *
read_page (const char *html)
{
  static const GMarkupParser parser = { .start_element = read_start, .text = read_text };
  g_autofree char *xml = close_lonely_elements (html);
  Reader reader = { .text = g_string_new (NULL) };
  g_autoptr (GMarkupParseContext) context = g_markup_parse_context_new (&parser, 0, &reader, NULL);
  g_autoptr (GError) error = NULL;

  (void) (g_markup_parse_context_parse (context, xml, -1, &error) &&
          g_markup_parse_context_end_parse (context, &error));
  if (error != NULL)
    g_test_message ("%s", xml);
  g_assert_no_error (error);
  return g_string_free (reader.text, FALSE);
}

static SpEnrolmentPage
make_page (SpPlatform platform)
{
  return (SpEnrolmentPage){ .platform = platform,
                            .url = "https://vpn.example.org:4443",
                            .name = "Anna's <phone>",
                            .login = "anna&co",
                            .common_name = "anna&co",
                            .folder = "/e/" TOKEN,
                            .passphrase = "abcd-efgh-ijkm-npqr",
                            .pin = "pin-sha256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=" };
}

static void
test_first (void)
{
  SpEnrolmentPage page = make_page (SP_PLATFORM_IOS);
  g_autoptr (GString) html = g_string_new (NULL);
  g_autofree char *text = NULL;

  page.login = page.common_name = page.folder = page.passphrase = page.pin = NULL;
  sp_enrolment_page_write_first (html, &page);
  text = read_page (html->str);
  g_assert_nonnull (strstr (text, "Connect to vpn.example.org:4443"));
  g_assert_nonnull (strstr (text, "“Anna's <phone>”"));
  g_assert_nonnull (strstr (text, "[method=post]"));
  g_assert_nonnull (strstr (text, "[lang=en]"));
  g_assert_null (strstr (text, "Sallyport"));
}

static const struct
{
  SpPlatform platform;
  const char *first; /* in this order in the visitor's own part */
  const char *then;
} steps[] = {
  { SP_PLATFORM_IOS,
    "anyconnect://import?type=pkcs12&uri=https%3A%2F%2Fvpn.example.org%3A4443%2Fe%2F" TOKEN
    "%2Fvpn.p12",
    "anyconnect://create/?name=vpn.example.org%3A4443" },
  { SP_PLATFORM_ANDROID,
    "anyconnect://import?type=pkcs12&uri=https%3A%2F%2Fvpn.example.org%3A4443%2Fe%2F" TOKEN
    "%2Fvpn.p12",
    "anyconnect://create/?name=vpn.example.org%3A4443&host=vpn.example.org%3A4443&usecert=true&"
    "certcommonname=anna%26co&netroam=true" },
  { SP_PLATFORM_WINDOWS, "/e/" TOKEN "/vpn.p12", "connect to https://vpn.example.org:4443" },
  { SP_PLATFORM_MACOS, "connect to https://vpn.example.org:4443", "/e/" TOKEN "/vpn.mobileconfig" },
  { SP_PLATFORM_LINUX, "/e/" TOKEN "/vpn.conf",
    "sudo openconnect --certificate vpn.p12 --servercert "
    "pin-sha256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU= https://vpn.example.org:4443" },
  { SP_PLATFORM_OTHER, "anna&co", "pin-sha256:" },
};

static void
test_second (void)
{
  G_STATIC_ASSERT (G_N_ELEMENTS (steps) == SP_PLATFORMS);

  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      const SpEnrolmentPage page = make_page (steps[i].platform);
      g_autoptr (GString) html = g_string_new (NULL);
      g_autofree char *text = NULL;
      const char *own;

      sp_enrolment_page_write_second (html, &page);
      text = read_page (html->str);
      g_assert_nonnull (strstr (text, "abcd-efgh-ijkm-npqr"));
      own = strstr (text, "[open=]");
      g_assert_nonnull (own);
      g_assert_true (own == g_strrstr (text, "[open=]"));
      g_assert_nonnull (strstr (own, steps[i].first));
      g_assert_nonnull (strstr (strstr (own, steps[i].first), steps[i].then));
    }
}

/* As long as the walls let names be, in every language, for everybody. */
static void
test_size (void)
{
  g_autofree char *name = g_strnfill (SP_DEVICE_NAME_MAX, '"');
  g_autofree char *login = g_strnfill (SP_LOGIN_MAX, '&');
  g_autofree char *host = g_strnfill (SP_DOMAIN_MAX, 'w');
  g_autofree char *url = g_strdup_printf ("https://%s:65535", host);

  for (guint language = 0; sp_page_languages[language] != NULL; language++)
    for (guint platform = 0; platform < SP_PLATFORMS; platform++)
      {
        SpEnrolmentPage page = make_page ((SpPlatform) platform);
        g_autoptr (GString) first = g_string_new (NULL);
        g_autoptr (GString) second = g_string_new (NULL);

        page.language = language;
        page.url = url;
        page.name = name;
        page.login = page.common_name = login;
        sp_enrolment_page_write_first (first, &page);
        sp_enrolment_page_write_second (second, &page);
        g_test_message ("%s: %" G_GSIZE_FORMAT " and %" G_GSIZE_FORMAT " bytes",
                        sp_page_languages[language], first->len, second->len);
        g_assert_cmpuint (first->len, <, SP_ENROLMENT_PAGE_MAX);
        g_assert_cmpuint (second->len, <, SP_ENROLMENT_PAGE_MAX);
      }
}

static void
test_german (void)
{
  SpEnrolmentPage page = make_page (SP_PLATFORM_LINUX);
  g_autoptr (GString) html = g_string_new (NULL);
  g_autofree char *text = NULL;

  page.language = sp_language_choose ("de", 2, sp_page_languages);
  g_assert_cmpstr (sp_page_languages[page.language], ==, "de");
  sp_enrolment_page_write_first (html, &page);
  text = read_page (html->str);
  g_assert_nonnull (strstr (text, "[lang=de]"));
  g_assert_nonnull (strstr (text, "„Anna's <phone>“"));
  g_assert_nonnull (strstr (text, "Dieses Gerät einrichten"));
}

/* Whatever a name is made of, it stays text. */
static void
test_hostile_names (void)
{
  SpEnrolmentPage page = make_page (SP_PLATFORM_OTHER);
  g_autoptr (GString) html = g_string_new (NULL);

  page.name = "</p><script>alert (1)</script>\xff\xc3%s\r\n\x01";
  page.login = "\"><b>";
  sp_enrolment_page_write_first (html, &page);
  sp_enrolment_page_write_second (html, &page);
  g_assert_null (strstr (html->str, "<script"));
  g_assert_null (strstr (html->str, "<b>"));
  g_assert_true (g_utf8_validate (html->str, -1, NULL));
  g_assert_nonnull (strstr (html->str, "&lt;/p&gt;&lt;script&gt;alert (1)&lt;/script&gt;%s”"));
}

/* The style is allowed by its sum, and nothing else is. */
static void
test_fields (void)
{
  const SpEnrolmentPage page = make_page (SP_PLATFORM_OTHER);
  g_autofree char *fields = sp_page_fields ();
  g_autoptr (GString) html = g_string_new (NULL);
  const char *style;
  g_autofree char *content = NULL;
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  guint8 digest[32];
  gsize size = sizeof digest;
  g_autofree char *base64 = NULL;

  sp_enrolment_page_write_first (html, &page);
  style = strstr (html->str, "<style>") + strlen ("<style>");
  content = g_strndup (style, (gsize) (strstr (style, "</style>") - style));
  g_checksum_update (checksum, (const guint8 *) content, -1);
  g_checksum_get_digest (checksum, digest, &size);
  base64 = g_base64_encode (digest, size);
  g_assert_nonnull (strstr (fields, base64));
  g_assert_nonnull (strstr (fields, "default-src 'none'; "));
  g_assert_nonnull (strstr (fields, "\r\nReferrer-Policy: no-referrer\r\n"));
  g_assert_true (g_str_has_suffix (fields, "\r\n"));
  g_assert_null (strstr (html->str, " style="));
}

/* Hostile names stay text in a profile, too, and devices tell its parts by their numbers. */
static void
test_profile (void)
{
  static const guint8 device[SP_ID_SIZE] = {
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 255
  };
  static const GMarkupParser parser = { 0 };
  const SpAppleProfile profile = { .url = "https://vpn.example.org:4443",
                                   .name = "</string><key>x</key>&\xff\x01\xef\xbf\xbf",
                                   .device = device,
                                   .archive = (const guint8 *) "abc",
                                   .archive_size = 3 };
  g_autoptr (GString) xml = g_string_new (NULL);
  g_autoptr (GMarkupParseContext) context = g_markup_parse_context_new (&parser, 0, NULL, NULL);

  sp_apple_profile_write (xml, &profile);
  g_assert_true (g_markup_parse_context_parse (context, xml->str, -1, NULL));
  g_assert_true (g_markup_parse_context_end_parse (context, NULL));
  g_assert_nonnull (strstr (xml->str, "<string>vpn.example.org:4443</string>"));
  g_assert_nonnull (
      strstr (xml->str, "<string>&lt;/string&gt;&lt;key&gt;x&lt;/key&gt;&amp;</string>"));
  g_assert_nonnull (strstr (xml->str, "<data>YWJj</data>"));
  g_assert_nonnull (strstr (xml->str, "<key>PayloadUUID</key><string>"
                                      "01020304-0506-8708-890A-0B0C0D0E0FFF</string>"));
  g_assert_nonnull (strstr (xml->str, "<key>PayloadCertificateUUID</key><string>"
                                      "01020304-0506-8708-890A-0B0C0D0E0F00</string>"));
}

static void
test_connection (void)
{
  const SpEnrolmentPage page = make_page (SP_PLATFORM_LINUX);
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree char *host = NULL;

  sp_enrolment_page_write_connection (text, &page);
  g_assert_true (g_key_file_load_from_data (file, text->str, text->len, 0, NULL));
  host = g_key_file_get_string (file, "openconnect", "Host", NULL);
  g_assert_cmpstr (host, ==, "vpn.example.org:4443");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/enrolment/token", test_token);
  g_test_add_func ("/enrolment/no-tokens", test_no_tokens);
  g_test_add_func ("/enrolment/paths", test_paths);
  g_test_add_func ("/enrolment/platforms", test_platforms);
  g_test_add_func ("/enrolment/languages", test_languages);
  g_test_add_func ("/enrolment/first-page", test_first);
  g_test_add_func ("/enrolment/second-page", test_second);
  g_test_add_func ("/enrolment/profile", test_profile);
  g_test_add_func ("/enrolment/size", test_size);
  g_test_add_func ("/enrolment/german", test_german);
  g_test_add_func ("/enrolment/hostile-names", test_hostile_names);
  g_test_add_func ("/enrolment/fields", test_fields);
  g_test_add_func ("/enrolment/connection", test_connection);
  return g_test_run ();
}
