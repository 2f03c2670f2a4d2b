/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "page-frame.h"

#include "codec/page-fields.h"
#include "html-text.h"

#include <string.h>

#define STYLE                                                                                      \
  ":root{color-scheme:light dark;--a:#1a5fb4;--o:#fff;--c:#f2f2f4;--l:#c8c8cc}"                    \
  "@media(prefers-color-scheme:dark){:root{--a:#99c1f1;--o:#111;--c:#2c2c30;--l:#55555a}}"         \
  "body{font:1.06rem/1.5 system-ui,sans-serif;max-width:34rem;margin:0 auto;padding:1rem}"         \
  "h1{font-size:1.6rem;line-height:1.2}h2{font-size:1.2rem;margin:1.6rem 0 .4rem}"                 \
  "p,li{margin:.5rem 0}ol{padding-left:1.4rem}"                                                    \
  "a{color:var(--a)}h1,dd,code{overflow-wrap:anywhere}"                                            \
  ".b,button{display:block;box-sizing:border-box;width:100%;padding:.8rem 1rem;border:0;"          \
  "border-radius:.7rem;background:var(--a);color:var(--o);font:inherit;font-weight:600;"           \
  "text-align:center;text-decoration:none}"                                                        \
  ":focus-visible{outline:3px solid var(--a);outline-offset:3px}"                                  \
  "details{background:var(--c);border:1px solid var(--l);border-radius:.7rem;padding:.2rem 1rem;"  \
  "margin:.6rem 0}summary{padding:.6rem 0;font-weight:600}"                                        \
  "code{user-select:all;-webkit-user-select:all;font-family:ui-monospace,monospace}"               \
  ".s{display:block;font-size:1.3rem;padding:.8rem;border:2px solid var(--a);border-radius:.7rem;" \
  "text-align:center}dt{font-weight:600;margin-top:.5rem}dd{margin:0}"

void
sp_page_frame_say (GString *html, guint language, SpPageText text, const char *value)
{
  sp_html_append_text (html, sp_page_texts[language][text], value);
}

void
sp_page_frame_element (
    GString *html, const char *tag, guint language, SpPageText text, const char *value)
{
  g_string_append_printf (html, "<%s>", tag);
  sp_page_frame_say (html, language, text, value);
  g_string_append_printf (html, "</%s>", tag);
}

void
sp_page_frame_open (GString *html, guint language, SpPageText heading, const char *value)
{
  g_string_append_printf (html,
                          "<!DOCTYPE html>\n<html lang=\"%s\"><head><meta charset=\"utf-8\">"
                          "<meta name=\"viewport\" content=\"width=device-width\">"
                          "<link rel=\"icon\" href=\"data:,\"><title>",
                          sp_page_languages[language]);
  sp_page_frame_say (html, language, SP_PAGE_TEXT_TITLE, NULL);
  g_string_append (html, "</title><style>" STYLE "</style></head><body><main>");
  sp_page_frame_element (html, "h1", language, heading, value);
}

void
sp_page_frame_close (GString *html)
{
  g_string_append (html, "</main></body></html>\n");
}

char *
sp_page_fields (void)
{
  static const char style[] = STYLE;
  guint8 digest[32];
  gsize size = sizeof digest;
  GChecksum *checksum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree char *base64 = NULL;

  g_checksum_update (checksum, (const guint8 *) style, strlen (style));
  g_checksum_get_digest (checksum, digest, &size);
  g_checksum_free (checksum);
  base64 = g_base64_encode (digest, size);
  return g_strdup_printf ("Content-Security-Policy: default-src 'none'; style-src 'sha256-%s'; "
                          "img-src data:; form-action 'self'; base-uri 'none'; "
                          "frame-ancestors 'none'\r\n"
                          "Referrer-Policy: no-referrer\r\n"
                          "X-Robots-Tag: noindex\r\n",
                          base64);
}
