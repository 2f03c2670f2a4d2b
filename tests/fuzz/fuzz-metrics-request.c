/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz.h"

#include "metrics-desk.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  gsize most = MIN (size, SP_METRICS_REQUEST_MAX);
  SpMetricsRequest verdict = sp_metrics_request_read (data, most);
  SpMetricsRequest earlier = sp_metrics_request_read (data, most / 2);

  if (earlier != SP_METRICS_REQUEST_INCOMPLETE)
    g_assert_cmpint (earlier, ==, verdict);
  if (verdict == SP_METRICS_REQUEST_GOOD)
    {
      g_assert_cmpuint (most, >, 24);
      g_assert_cmpmem (data, 12, "GET /metrics", 12);
    }
  return 0;
}
