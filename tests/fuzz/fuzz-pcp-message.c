/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz.h"

#include "base/endpoint.h"
#include "codec/pcp-message.h"

#include <netinet/in.h>
#include <string.h>

#define NONCE_AT    24
#define PROTOCOL_AT 36
#define INSIDE_AT   40

/* What is taken for an answer has in it what was asked for, where RFC 6887 11.1 puts it; and what
 * is left out of it is none. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  SpPcpMap asked = { .nonce = { '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b' },
                     .protocol = IPPROTO_TCP,
                     .inside = 443,
                     .outside = 443,
                     .lifetime = 3600 };
  guint8 request[SP_PCP_MAP_SIZE];
  SpPcpAnswer answer;

  sp_address_from_ipv4 (asked.client, 0xc0a80114);
  sp_pcp_map_write (&asked, request);
  g_assert_false (sp_pcp_answer_read (request, sizeof request, &asked, &answer));
  if (!sp_pcp_answer_read (data, size, &asked, &answer))
    return 0;
  g_assert_cmpuint (size, <=, SP_PCP_MESSAGE_MAX);
  g_assert_cmpuint (data[1] & 0x80, !=, 0);
  g_assert_cmpuint (data[3], ==, answer.result);
  if (answer.result == SP_PCP_UNSUPPORTED_VERSION)
    return 0;
  g_assert_cmpuint (size, >=, SP_PCP_MAP_SIZE);
  g_assert_cmpuint (data[0], ==, SP_PCP_VERSION);
  g_assert_cmpmem (data + NONCE_AT, SP_PCP_NONCE_SIZE, request + NONCE_AT, SP_PCP_NONCE_SIZE);
  g_assert_cmpuint (data[PROTOCOL_AT], ==, request[PROTOCOL_AT]);
  g_assert_cmpmem (data + INSIDE_AT, 2, request + INSIDE_AT, 2);
  g_assert_false (sp_pcp_answer_read (data, SP_PCP_MAP_SIZE - 4, &asked, &answer));
  return 0;
}
