/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "peer-filter-linux.h"

#include "base/error.h"

#include <errno.h>
#include <linux/filter.h>
#include <string.h>
#include <sys/socket.h>

/* The program sees the UDP header first (RFC 768) and the IP header at SKF_NET_OFF (RFC 791 3.1,
 * RFC 8200 3).  It compares the source port, the IP version and the source address in words of 32
 * bits. */
#define SOURCE_PORT_OFFSET   0
#define VERSION_OFFSET       (SKF_NET_OFF + 0)
#define IPV4_SOURCE_OFFSET   (SKF_NET_OFF + 12)
#define IPV6_SOURCE_OFFSET   (SKF_NET_OFF + 8)
#define TAKE_ALL             0xffffffffU
#define INSTRUCTIONS_MAX     16
#define INSTRUCTIONS_BY_TEST 2

typedef struct
{
  guint16 load; /* BPF_B, BPF_H or BPF_W */
  guint32 offset;
  guint32 mask; /* 0 = none */
  guint32 value;
} Test;

static guint32
read_word (const guint8 *bytes)
{
  guint32 word;

  memcpy (&word, bytes, sizeof word);
  return GUINT32_FROM_BE (word);
}

static guint
list_tests (const SpEndpoint *peer, Test *tests)
{
  gboolean ipv4 = sp_address_is_ipv4 (peer->address);
  guint n = 0;

  tests[n++] = (Test){ BPF_H, SOURCE_PORT_OFFSET, 0, peer->port };
  tests[n++] = (Test){ BPF_B, (guint32) VERSION_OFFSET, 0xf0, ipv4 ? 0x40 : 0x60 };
  for (guint word = ipv4 ? 3 : 0; word < 4; word++)
    tests[n++] =
        (Test){ BPF_W,
                ipv4 ? (guint32) IPV4_SOURCE_OFFSET : (guint32) IPV6_SOURCE_OFFSET + 4 * word, 0,
                read_word (peer->address + 4 * word) };
  return n;
}

/* load, mask?, "else drop" for each test, then take and drop. */
static guint
compile_tests (const Test *tests, guint n_tests, struct sock_filter *code)
{
  guint n = 0;
  guint length = 2;

  for (guint i = 0; i < n_tests; i++)
    length += INSTRUCTIONS_BY_TEST + (tests[i].mask != 0);
  for (guint i = 0; i < n_tests; i++)
    {
      code[n++] = (struct sock_filter) BPF_STMT (BPF_LD | tests[i].load | BPF_ABS, tests[i].offset);
      if (tests[i].mask != 0)
        code[n++] = (struct sock_filter) BPF_STMT (BPF_ALU | BPF_AND | BPF_K, tests[i].mask);
      code[n] = (struct sock_filter) BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, tests[i].value, 0,
                                               (guint8) (length - 2 - n));
      n++;
    }
  code[n++] = (struct sock_filter) BPF_STMT (BPF_RET | BPF_K, TAKE_ALL);
  code[n++] = (struct sock_filter) BPF_STMT (BPF_RET | BPF_K, 0);
  return n;
}

gboolean
sp_peer_filter_attach (int fd, const SpEndpoint *peer, GError **error)
{
  Test tests[6];
  struct sock_filter code[INSTRUCTIONS_MAX];
  struct sock_fprog program = { 0, code };

  program.len = (unsigned short) compile_tests (tests, list_tests (peer, tests), code);
  if (setsockopt (fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) == 0)
    return TRUE;
  sp_error_set_errno (error, errno, "filtering a socket");
  return FALSE;
}
