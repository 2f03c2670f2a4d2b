/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz.h"

#include "codec/proxy-header.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  SpProxyHeader header = { 0 };
  SpProxyHeader again = { 0 };
  SpProxyHeaderVerdict verdict = sp_proxy_header_peek (data, size, &header);
  SpProxyHeaderVerdict earlier = sp_proxy_header_peek (data, size / 2, &again);

  /* With fewer bytes it is the same, or not clear yet. */
  if (earlier != SP_PROXY_HEADER_INCOMPLETE)
    g_assert_cmpint (earlier, ==, verdict);
  if (verdict != SP_PROXY_HEADER_COMPLETE)
    return 0;
  g_assert_cmpuint (header.size, <=, MIN (size, SP_PROXY_HEADER_MAX));
  g_assert_cmpint (sp_proxy_header_peek (data, header.size, &again), ==, SP_PROXY_HEADER_COMPLETE);
  g_assert_cmpint (sp_proxy_header_peek (data, header.size - 1, &again), ==,
                   SP_PROXY_HEADER_INCOMPLETE);
  if (header.is_forwarded)
    {
      g_assert_cmpuint (header.client.port, >, 0);
      g_assert_false (sp_address_is_unset (header.client.address));
    }
  return 0;
}
