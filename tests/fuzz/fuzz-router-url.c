/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz.h"

#include "codec/router-url.h"

#include <string.h>

#define ROUTER "192.168.1.1"

/* What is taken for the router's is so for every reader: for GLib's, too. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *url = g_strndup ((const char *) data, size);
  g_autoptr (GUri) uri = NULL;

  if (!sp_router_url_check (url, ROUTER))
    return 0;
  g_assert_cmpuint (strlen (url), <=, SP_ROUTER_URL_MAX);
  uri = g_uri_parse (url, G_URI_FLAGS_PARSE_RELAXED, NULL);
  if (uri == NULL)
    return 0;
  g_assert_cmpstr (g_uri_get_host (uri), ==, ROUTER);
  g_assert_null (g_uri_get_userinfo (uri));
  return 0;
}
