/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz.h"

#include "http-desk.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  gsize most = MIN (size, SP_HTTP_REQUEST_MAX);
  SpHttpRequest verdict = sp_http_request_read (data, most, "/metrics");
  SpHttpRequest earlier = sp_http_request_read (data, most / 2, "/metrics");

  if (earlier != SP_HTTP_REQUEST_INCOMPLETE)
    g_assert_cmpint (earlier, ==, verdict);
  if (verdict == SP_HTTP_REQUEST_GOOD)
    {
      g_assert_cmpuint (most, >, 24);
      g_assert_cmpmem (data, 12, "GET /metrics", 12);
    }
  return 0;
}
