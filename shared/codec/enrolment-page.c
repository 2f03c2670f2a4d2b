/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "codec/enrolment-page.h"

#include "codec/enrolment-path.h"
#include "html-text.h"
#include "page-frame.h"

#include <string.h>

#define IOS_APP "https://apps.apple.com/app/id1135064690"
#define ANDROID_APP                                                                                \
  "https://play.google.com/store/apps/details?id=com.cisco.anyconnect.vpn.android.avf"
#define DESKTOP_APP "https://gui.openconnect-vpn.net/"

typedef void (*Section) (GString *html, const SpEnrolmentPage *page);

static void
say (GString *html, const SpEnrolmentPage *page, SpPageText text, const char *value)
{
  sp_page_frame_say (html, page->language, text, value);
}

static void
element (
    GString *html, const char *tag, const SpEnrolmentPage *page, SpPageText text, const char *value)
{
  sp_page_frame_element (html, tag, page->language, text, value);
}

/* A link to another server, which does not hear from where. */
static void
link_away (GString *html, const SpEnrolmentPage *page, const char *address, SpPageText text)
{
  g_string_append_printf (html, "<p><a rel=\"noreferrer\" href=\"%s\">", address);
  say (html, page, text, NULL);
  g_string_append (html, "</a></p>");
}

static void
button_file (GString *html, const SpEnrolmentPage *page, SpEnrolmentFile file, SpPageText text)
{
  g_string_append (html, "<p><a class=b href=\"");
  sp_html_append_escaped (html, page->folder);
  g_string_append_printf (html, "/%s\">", sp_enrolment_file_get_row (file)->name);
  say (html, page, text, NULL);
  g_string_append (html, "</a></p>");
}

static const char *
get_host (const SpEnrolmentPage *page)
{
  return g_str_has_prefix (page->url, "https://") ? page->url + strlen ("https://") : page->url;
}

/* --- which app --- */

static void
write_store (GString *html, const SpEnrolmentPage *page, const char *address)
{
  link_away (html, page, address, SP_PAGE_TEXT_APP_STORE);
  element (html, "p", page, SP_PAGE_TEXT_APP_EXTERNAL, NULL);
}

static void
write_ios_app (GString *html, const SpEnrolmentPage *page)
{
  write_store (html, page, IOS_APP);
}

static void
write_android_app (GString *html, const SpEnrolmentPage *page)
{
  write_store (html, page, ANDROID_APP);
}

static void
write_desktop_app (GString *html, const SpEnrolmentPage *page)
{
  link_away (html, page, DESKTOP_APP, SP_PAGE_TEXT_APP_DESKTOP);
  element (html, "p", page, SP_PAGE_TEXT_APP_DESKTOP_OTHER, NULL);
}

static void
write_linux_app (GString *html, const SpEnrolmentPage *page)
{
  element (html, "p", page, SP_PAGE_TEXT_APP_LINUX, NULL);
}

static void
write_other_app (GString *html, const SpEnrolmentPage *page)
{
  element (html, "p", page, SP_PAGE_TEXT_APP_OTHER, NULL);
}

/* --- what to do with it --- */

/* The app takes the certificate by itself from an absolute address. */
static void
button_import (GString *html, const SpEnrolmentPage *page)
{
  g_autofree char *address = g_strdup_printf (
      "%s%s/%s", page->url, page->folder, sp_enrolment_file_get_row (SP_ENROLMENT_PKCS12)->name);
  g_autofree char *escaped = g_uri_escape_string (address, NULL, FALSE);

  g_string_append_printf (
      html, "<li><a class=b href=\"anyconnect://import?type=pkcs12&amp;uri=%s\">", escaped);
  say (html, page, SP_PAGE_TEXT_CERTIFICATE_IN_APP, NULL);
  g_string_append (html, "</a>");
}

static void
button_create (GString *html, const SpEnrolmentPage *page)
{
  g_autofree char *host = g_uri_escape_string (get_host (page), NULL, FALSE);
  g_autofree char *common_name = g_uri_escape_string (page->common_name, NULL, FALSE);

  g_string_append_printf (html,
                          "<li><a class=b href=\"anyconnect://create/?name=%s&amp;host=%s&amp;"
                          "usecert=true&amp;certcommonname=%s&amp;netroam=true\">",
                          host, host, common_name);
  say (html, page, SP_PAGE_TEXT_ADD_IN_APP, NULL);
  g_string_append (html, "</a>");
}

static void
write_phone_steps (GString *html, const SpEnrolmentPage *page)
{
  g_string_append (html, "<ol>");
  button_import (html, page);
  button_create (html, page);
  element (html, "li", page, SP_PAGE_TEXT_CONNECT_IN_APP, NULL);
  g_string_append (html, "</ol>");
}

/* Two steps in one, for who wants nothing to be opened by links. */
static void
offer_profile (GString *html, const SpEnrolmentPage *page)
{
  element (html, "p", page, SP_PAGE_TEXT_PROFILE_TEXT, NULL);
  button_file (html, page, SP_ENROLMENT_APPLE, SP_PAGE_TEXT_PROFILE);
}

static void
write_ios_steps (GString *html, const SpEnrolmentPage *page)
{
  write_phone_steps (html, page);
  offer_profile (html, page);
}

static void
write_desktop_steps (GString *html, const SpEnrolmentPage *page)
{
  button_file (html, page, SP_ENROLMENT_PKCS12, SP_PAGE_TEXT_CERTIFICATE);
  element (html, "p", page, SP_PAGE_TEXT_OPEN_CERTIFICATE, NULL);
  element (html, "p", page, SP_PAGE_TEXT_USE_CERTIFICATE, page->url);
}

static void
write_macos_steps (GString *html, const SpEnrolmentPage *page)
{
  write_desktop_steps (html, page);
  offer_profile (html, page);
}

static void
write_linux_steps (GString *html, const SpEnrolmentPage *page)
{
  button_file (html, page, SP_ENROLMENT_PKCS12, SP_PAGE_TEXT_CERTIFICATE);
  button_file (html, page, SP_ENROLMENT_NETWORK_MANAGER, SP_PAGE_TEXT_CONNECTION_FILE);
  element (html, "p", page, SP_PAGE_TEXT_IMPORT_FILE, NULL);
  element (html, "p", page, SP_PAGE_TEXT_TERMINAL, NULL);
  g_string_append (html, "<p><code>sudo openconnect --certificate vpn.p12 --servercert ");
  sp_html_append_escaped (html, page->pin);
  g_string_append_c (html, ' ');
  sp_html_append_escaped (html, page->url);
  g_string_append (html, "</code></p>");
}

static void
write_value (GString *html, const SpEnrolmentPage *page, SpPageText name, const char *value)
{
  element (html, "dt", page, name, NULL);
  g_string_append (html, "<dd><code>");
  sp_html_append_escaped (html, value);
  g_string_append (html, "</code></dd>");
}

static void
write_other_steps (GString *html, const SpEnrolmentPage *page)
{
  button_file (html, page, SP_ENROLMENT_PKCS12, SP_PAGE_TEXT_CERTIFICATE);
  g_string_append (html, "<dl>");
  write_value (html, page, SP_PAGE_TEXT_SERVER, page->url);
  write_value (html, page, SP_PAGE_TEXT_USER, page->login);
  write_value (html, page, SP_PAGE_TEXT_PIN, page->pin);
  g_string_append (html, "</dl>");
}

/* --- the pages --- */

static const struct
{
  SpPageText name;
  Section app;
  Section steps;
} platforms[SP_PLATFORMS] = {
  [SP_PLATFORM_IOS] = { SP_PAGE_TEXT_IOS, write_ios_app, write_ios_steps },
  [SP_PLATFORM_ANDROID] = { SP_PAGE_TEXT_ANDROID, write_android_app, write_phone_steps },
  [SP_PLATFORM_WINDOWS] = { SP_PAGE_TEXT_WINDOWS, write_desktop_app, write_desktop_steps },
  [SP_PLATFORM_MACOS] = { SP_PAGE_TEXT_MACOS, write_desktop_app, write_macos_steps },
  [SP_PLATFORM_LINUX] = { SP_PAGE_TEXT_LINUX, write_linux_app, write_linux_steps },
  [SP_PLATFORM_OTHER] = { SP_PAGE_TEXT_OTHER, write_other_app, write_other_steps },
};

static void
write_platform (GString *html, const SpEnrolmentPage *page, SpPlatform platform, gboolean second)
{
  g_string_append (html,
                   platform == page->platform ? "<details open><summary>" : "<details><summary>");
  say (html, page, platforms[platform].name, NULL);
  g_string_append (html, "</summary>");
  (second ? platforms[platform].steps : platforms[platform].app) (html, page);
  g_string_append (html, "</details>");
}

/* The visitor's own comes first and is open; the others are a touch away. */
static void
write_platforms (GString *html, const SpEnrolmentPage *page, gboolean second)
{
  write_platform (html, page, page->platform, second);
  for (guint i = 0; i < SP_PLATFORMS; i++)
    if (i != page->platform)
      write_platform (html, page, (SpPlatform) i, second);
}

void
sp_enrolment_page_write_first (GString *html, const SpEnrolmentPage *page)
{
  sp_page_frame_open (html, page->language, SP_PAGE_TEXT_INVITED, get_host (page));
  element (html, "p", page, SP_PAGE_TEXT_INVITED_TEXT, page->name);
  element (html, "h2", page, SP_PAGE_TEXT_FIRST, NULL);
  write_platforms (html, page, FALSE);
  element (html, "h2", page, SP_PAGE_TEXT_SECOND, NULL);
  element (html, "p", page, SP_PAGE_TEXT_ONCE, NULL);
  g_string_append (html, "<form method=\"post\"><button>");
  say (html, page, SP_PAGE_TEXT_BEGIN, NULL);
  g_string_append (html, "</button></form>");
  sp_page_frame_close (html);
}

void
sp_enrolment_page_write_second (GString *html, const SpEnrolmentPage *page)
{
  sp_page_frame_open (html, page->language, SP_PAGE_TEXT_FINISH, NULL);
  element (html, "p", page, SP_PAGE_TEXT_STAY, NULL);
  element (html, "h2", page, SP_PAGE_TEXT_PASSPHRASE, NULL);
  g_string_append (html, "<p><code class=s>");
  sp_html_append_escaped (html, page->passphrase);
  g_string_append (html, "</code></p>");
  element (html, "p", page, SP_PAGE_TEXT_PASSPHRASE_TEXT, NULL);
  write_platforms (html, page, TRUE);
  sp_page_frame_close (html);
}

/* The plugin reads Host, Protocol and Description from there; a certificate would be a path of a
 * machine that nobody here knows. */
void
sp_enrolment_page_write_connection (GString *text, const SpEnrolmentPage *page)
{
  g_string_append_printf (text, "[openconnect]\nDescription=%s\nHost=%s\nProtocol=anyconnect\n",
                          get_host (page), get_host (page));
}
