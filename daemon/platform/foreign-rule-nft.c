/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "foreign-filter-nft.h"

#include <arpa/inet.h>
#include <libnftnl/expr.h>
#include <linux/if_ether.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/xt_conntrack.h>
#include <linux/netfilter/xt_tcpudp.h>
#include <net/if.h>
#include <string.h>

#define WORD_BYTES 4 /* the kernel's registers */
#define WORDS      (SP_FOREIGN_REGISTER_BYTES / WORD_BYTES)
#define NOBODYS    G_MAXINT32 /* the number of a device that is not there yet */

/* --- registers --- */

/* NFT_REG_1 to _4 are four words each. */
static guint
first_byte (guint32 number)
{
  guint word = number >= NFT_REG32_00 ? number - NFT_REG32_00 : (number - NFT_REG_1) * 4;

  return MIN (word, WORDS) * WORD_BYTES;
}

static void
forget (SpForeignRun *run, guint32 number, guint length)
{
  for (guint i = first_byte (number), end = i + MAX (length, WORD_BYTES);
       i < MIN (end, SP_FOREIGN_REGISTER_BYTES); i++)
    run->known[i] = FALSE;
}

/* The rest of the last word becomes zero. */
static void
store_some (
    SpForeignRun *run, guint32 number, const guint8 *value, const gboolean *known, guint length)
{
  guint first = first_byte (number);
  guint padded = (length + WORD_BYTES - 1) / WORD_BYTES * WORD_BYTES;

  for (guint i = 0; i < padded && first + i < SP_FOREIGN_REGISTER_BYTES; i++)
    {
      run->bytes[first + i] = i < length ? value[i] : 0;
      run->known[first + i] = i >= length || known == NULL || known[i];
    }
}

static void
store (SpForeignRun *run, guint32 number, gconstpointer value, guint length)
{
  store_some (run, number, value, NULL, length);
}

/* NULL: there is no such register. */
static const guint8 *
look_at (SpForeignRun *run, guint32 number, guint length, const gboolean **ret_known)
{
  guint first = first_byte (number);

  if (length > SP_FOREIGN_REGISTER_BYTES || first > SP_FOREIGN_REGISTER_BYTES - length)
    return NULL;
  *ret_known = run->known + first;
  return run->bytes + first;
}

/* NULL: unknown, in part at least. */
static const guint8 *
recall (SpForeignRun *run, guint32 number, guint length)
{
  const gboolean *known = NULL;
  const guint8 *value = look_at (run, number, length, &known);

  for (guint i = 0; value != NULL && i < length; i++)
    if (!known[i])
      return NULL;
  return value;
}

/* --- what is known of the packet --- */

static void
set_byte (SpForeignRun *run, guint place, guint8 value)
{
  run->header[place] = value;
  run->header_known[place] = TRUE;
}

static void
make_header (SpForeignRun *run)
{
  if (run->packet->is_ipv6)
    {
      set_byte (run, 0, 0x60);
      set_byte (run, 6, run->packet->protocol);
    }
  else
    {
      set_byte (run, 0, 0x45);
      set_byte (run, 9, run->packet->protocol);
    }
}

static void
make_ports (SpForeignRun *run)
{
  for (guint i = 0; i < 2 && run->packet->port != 0; i++)
    {
      run->ports[2 + i] = (guint8) (run->packet->port >> (8 - 8 * i));
      run->ports_known[2 + i] = TRUE;
    }
}

static void
load_device (SpForeignRun *run, guint32 reg, const char *name)
{
  char text[IFNAMSIZ] = "";

  if (name != NULL)
    g_strlcpy (text, name, sizeof text);
  store (run, reg, text, sizeof text);
}

static void
load_device_number (SpForeignRun *run, guint32 reg, const char *name)
{
  guint32 number = name != NULL ? if_nametoindex (name) : 0;

  if (name != NULL && number == 0)
    number = NOBODYS;
  store (run, reg, &number, sizeof number);
}

static SpForeignMatch
load_meta (SpForeignRun *run, struct nftnl_expr *expression, SpForeignVerdict *verdict)
{
  guint32 reg = nftnl_expr_get_u32 (expression, NFTNL_EXPR_META_DREG);
  guint8 family = run->packet->is_ipv6 ? NFPROTO_IPV6 : NFPROTO_IPV4;
  guint16 protocol = htons (run->packet->is_ipv6 ? ETH_P_IPV6 : ETH_P_IP);

  if (!nftnl_expr_is_set (expression, NFTNL_EXPR_META_DREG))
    return SP_FOREIGN_YES; /* it sets something of the packet */
  switch (nftnl_expr_get_u32 (expression, NFTNL_EXPR_META_KEY))
    {
      case NFT_META_IIFNAME:
        load_device (run, reg, run->packet->in);
        break;
      case NFT_META_OIFNAME:
        load_device (run, reg, run->packet->out);
        break;
      case NFT_META_IIF:
        load_device_number (run, reg, run->packet->in);
        break;
      case NFT_META_OIF:
        load_device_number (run, reg, run->packet->out);
        break;
      case NFT_META_NFPROTO:
        store (run, reg, &family, sizeof family);
        break;
      case NFT_META_PROTOCOL:
        store (run, reg, &protocol, sizeof protocol);
        break;
      case NFT_META_L4PROTO:
        store (run, reg, &run->packet->protocol, sizeof run->packet->protocol);
        break;
      default:
        forget (run, reg, IFNAMSIZ);
    }
  return SP_FOREIGN_YES;
}

static SpForeignMatch
load_payload (SpForeignRun *run, struct nftnl_expr *expression, SpForeignVerdict *verdict)
{
  guint32 reg = nftnl_expr_get_u32 (expression, NFTNL_EXPR_PAYLOAD_DREG);
  guint32 base = nftnl_expr_get_u32 (expression, NFTNL_EXPR_PAYLOAD_BASE);
  guint32 offset = nftnl_expr_get_u32 (expression, NFTNL_EXPR_PAYLOAD_OFFSET);
  guint32 length = nftnl_expr_get_u32 (expression, NFTNL_EXPR_PAYLOAD_LEN);

  if (!nftnl_expr_is_set (expression, NFTNL_EXPR_PAYLOAD_DREG))
    return SP_FOREIGN_YES;
  if (base == NFT_PAYLOAD_NETWORK_HEADER && length <= SP_FOREIGN_HEADER_BYTES &&
      offset <= SP_FOREIGN_HEADER_BYTES - length)
    store_some (run, reg, run->header + offset, run->header_known + offset, length);
  else if (base == NFT_PAYLOAD_TRANSPORT_HEADER && length <= SP_FOREIGN_PORTS_BYTES &&
           offset <= SP_FOREIGN_PORTS_BYTES - length)
    store_some (run, reg, run->ports + offset, run->ports_known + offset, length);
  else
    forget (run, reg, length);
  return SP_FOREIGN_YES;
}

static guint32
get_state (const SpForeignRun *run)
{
  return NF_CT_STATE_BIT (run->packet->is_answer ? IP_CT_ESTABLISHED : IP_CT_NEW);
}

static SpForeignMatch
load_conntrack (SpForeignRun *run, struct nftnl_expr *expression, SpForeignVerdict *verdict)
{
  guint32 reg = nftnl_expr_get_u32 (expression, NFTNL_EXPR_CT_DREG);
  guint32 state = get_state (run);
  guint32 status = 0;
  guint8 direction = run->packet->is_answer ? IP_CT_DIR_REPLY : IP_CT_DIR_ORIGINAL;

  if (!nftnl_expr_is_set (expression, NFTNL_EXPR_CT_DREG))
    return SP_FOREIGN_YES;
  switch (nftnl_expr_get_u32 (expression, NFTNL_EXPR_CT_KEY))
    {
      case NFT_CT_STATE:
        store (run, reg, &state, sizeof state);
        break;
      case NFT_CT_DIRECTION:
        store (run, reg, &direction, sizeof direction);
        break;
      case NFT_CT_STATUS: /* of a connection that nobody has seen yet */
        if (!run->packet->is_answer)
          {
            store (run, reg, &status, sizeof status);
            break;
          }
        /* fall through */
      default:
        forget (run, reg, SP_FOREIGN_REGISTER_BYTES);
    }
  return SP_FOREIGN_YES;
}

/* --- comparisons --- */

static SpForeignMatch
answer (gboolean truth)
{
  return truth ? SP_FOREIGN_YES : SP_FOREIGN_NO;
}

/* Whether they are equal, of which one known byte that differs is enough to say no. */
static SpForeignMatch
compare_bytes (const guint8 *value, const gboolean *known, const guint8 *data, guint length)
{
  SpForeignMatch match = SP_FOREIGN_YES;

  for (guint i = 0; i < length; i++)
    if (!known[i])
      match = SP_FOREIGN_MAYBE;
    else if (value[i] != data[i])
      return SP_FOREIGN_NO;
  return match;
}

static SpForeignMatch
compare (SpForeignRun *run, struct nftnl_expr *expression, SpForeignVerdict *verdict)
{
  guint32 reg = nftnl_expr_get_u32 (expression, NFTNL_EXPR_CMP_SREG);
  guint32 length = 0;
  const void *data = nftnl_expr_get (expression, NFTNL_EXPR_CMP_DATA, &length);
  const gboolean *known = NULL;
  const guint8 *value = look_at (run, reg, length, &known);
  guint32 operation = nftnl_expr_get_u32 (expression, NFTNL_EXPR_CMP_OP);
  int order;

  if (value == NULL || data == NULL)
    return SP_FOREIGN_MAYBE;
  if (operation == NFT_CMP_EQ)
    return compare_bytes (value, known, data, length);
  if (operation == NFT_CMP_NEQ)
    return SP_FOREIGN_YES - compare_bytes (value, known, data, length);
  if (recall (run, reg, length) == NULL)
    return SP_FOREIGN_MAYBE;
  order = memcmp (value, data, length);
  switch (operation)
    {
      case NFT_CMP_LT:
        return answer (order < 0);
      case NFT_CMP_LTE:
        return answer (order <= 0);
      case NFT_CMP_GT:
        return answer (order > 0);
      case NFT_CMP_GTE:
        return answer (order >= 0);
      default:
        return SP_FOREIGN_MAYBE;
    }
}

static SpForeignMatch
compare_range (SpForeignRun *run, struct nftnl_expr *expression, SpForeignVerdict *verdict)
{
  guint32 length = 0;
  guint32 to_length = 0;
  const void *from = nftnl_expr_get (expression, NFTNL_EXPR_RANGE_FROM_DATA, &length);
  const void *to = nftnl_expr_get (expression, NFTNL_EXPR_RANGE_TO_DATA, &to_length);
  const guint8 *value =
      recall (run, nftnl_expr_get_u32 (expression, NFTNL_EXPR_RANGE_SREG), length);
  gboolean wants_in = nftnl_expr_get_u32 (expression, NFTNL_EXPR_RANGE_OP) == NFT_RANGE_EQ;

  if (value == NULL || from == NULL || to == NULL || length != to_length)
    return SP_FOREIGN_MAYBE;
  return answer ((memcmp (value, from, length) >= 0 && memcmp (value, to, length) <= 0) ==
                 wants_in);
}

/* A bit that the mask takes away is known whatever it was. */
static SpForeignMatch
combine_bits (SpForeignRun *run, struct nftnl_expr *expression, SpForeignVerdict *verdict)
{
  guint32 to = nftnl_expr_get_u32 (expression, NFTNL_EXPR_BITWISE_DREG);
  guint32 length = nftnl_expr_get_u32 (expression, NFTNL_EXPR_BITWISE_LEN);
  guint32 mask_length = 0;
  guint32 xor_length = 0;
  const guint8 *mask = nftnl_expr_get (expression, NFTNL_EXPR_BITWISE_MASK, &mask_length);
  const guint8 * xor = nftnl_expr_get (expression, NFTNL_EXPR_BITWISE_XOR, &xor_length);
  const gboolean *known = NULL;
  const guint8 *value =
      look_at (run, nftnl_expr_get_u32 (expression, NFTNL_EXPR_BITWISE_SREG), length, &known);
  guint8 result[SP_FOREIGN_REGISTER_BYTES];
  gboolean result_known[SP_FOREIGN_REGISTER_BYTES];

  if (value == NULL || mask == NULL || xor == NULL || mask_length != length || xor_length != length)
    {
      forget (run, to, length);
      return SP_FOREIGN_YES;
    }
  for (guint i = 0; i < length; i++)
    {
      result[i] = (value[i] & mask[i]) ^ xor[i];
      result_known[i] = known[i] || mask[i] == 0;
    }
  store_some (run, to, result, result_known, length);
  return SP_FOREIGN_YES;
}

/* --- sets --- */

static struct nftnl_set_elem *
find_element (struct nftnl_set *set, const guint8 *value, guint32 length)
{
  struct nftnl_set_elems_iter *iter = nftnl_set_elems_iter_create (set);
  struct nftnl_set_elem *element = NULL;

  while (iter != NULL && (element = nftnl_set_elems_iter_next (iter)) != NULL)
    {
      guint32 key_length = 0;
      const void *key = nftnl_set_elem_get (element, NFTNL_SET_ELEM_KEY, &key_length);

      if (key != NULL && key_length == length && memcmp (key, value, length) == 0)
        break;
    }
  g_clear_pointer (&iter, nftnl_set_elems_iter_destroy);
  return element;
}

static SpForeignMatch
look_up (SpForeignRun *run, struct nftnl_expr *expression, SpForeignVerdict *verdict)
{
  const char *name = nftnl_expr_get_str (expression, NFTNL_EXPR_LOOKUP_SET);
  struct nftnl_set *set = name != NULL ? g_hash_table_lookup (run->table->sets, name) : NULL;
  guint32 length = set != NULL ? nftnl_set_get_u32 (set, NFTNL_SET_KEY_LEN) : 0;
  const guint8 *value =
      recall (run, nftnl_expr_get_u32 (expression, NFTNL_EXPR_LOOKUP_SREG), length);
  gboolean is_map = nftnl_expr_is_set (expression, NFTNL_EXPR_LOOKUP_DREG);
  guint32 to = is_map ? nftnl_expr_get_u32 (expression, NFTNL_EXPR_LOOKUP_DREG) : 0;
  gboolean inverted =
      (nftnl_expr_get_u32 (expression, NFTNL_EXPR_LOOKUP_FLAGS) & NFT_LOOKUP_F_INV) != 0;
  struct nftnl_set_elem *element = NULL;

  if (is_map && to != NFT_REG_VERDICT)
    forget (run, to, SP_FOREIGN_REGISTER_BYTES);
  if (set == NULL || value == NULL)
    {
      run->may_pass |= is_map && to == NFT_REG_VERDICT;
      return SP_FOREIGN_MAYBE;
    }
  element = find_element (set, value, length);
  if (!is_map)
    return answer ((element != NULL) != inverted);
  if (element != NULL && to == NFT_REG_VERDICT)
    {
      verdict->code = (int) nftnl_set_elem_get_u32 (element, NFTNL_SET_ELEM_VERDICT);
      verdict->chain = nftnl_set_elem_get_str (element, NFTNL_SET_ELEM_CHAIN);
    }
  return answer (element != NULL);
}

/* --- verdicts --- */

static SpForeignMatch
set_immediate (SpForeignRun *run, struct nftnl_expr *expression, SpForeignVerdict *verdict)
{
  guint32 to = nftnl_expr_get_u32 (expression, NFTNL_EXPR_IMM_DREG);
  guint32 length = 0;
  const void *data;

  if (to == NFT_REG_VERDICT)
    {
      verdict->code = (int) nftnl_expr_get_u32 (expression, NFTNL_EXPR_IMM_VERDICT);
      verdict->chain = nftnl_expr_get_str (expression, NFTNL_EXPR_IMM_CHAIN);
      return SP_FOREIGN_YES;
    }
  data = nftnl_expr_get (expression, NFTNL_EXPR_IMM_DATA, &length);
  if (data != NULL)
    store (run, to, data, length);
  return SP_FOREIGN_YES;
}

static SpForeignMatch
reject (SpForeignRun *run, struct nftnl_expr *expression, SpForeignVerdict *verdict)
{
  verdict->code = NF_DROP;
  return SP_FOREIGN_YES;
}

static SpForeignMatch
do_nothing (SpForeignRun *run, struct nftnl_expr *expression, SpForeignVerdict *verdict)
{
  return SP_FOREIGN_YES;
}

/* --- what iptables made (x_tables over nftables) --- */

static SpForeignMatch
match_conntrack (SpForeignRun *run, struct nftnl_expr *expression)
{
  guint32 length = 0;
  const struct xt_conntrack_mtinfo2 *info =
      nftnl_expr_get (expression, NFTNL_EXPR_MT_INFO, &length);
  const guint16 known = XT_CONNTRACK_STATE_INVALID | XT_CONNTRACK_STATE_BIT (IP_CT_ESTABLISHED) |
                        XT_CONNTRACK_STATE_BIT (IP_CT_RELATED) | XT_CONNTRACK_STATE_BIT (IP_CT_NEW);

  if (info == NULL || length < sizeof *info ||
      nftnl_expr_get_u32 (expression, NFTNL_EXPR_MT_REV) < 2 ||
      info->match_flags != XT_CONNTRACK_STATE || (info->state_mask & ~known) != 0)
    return SP_FOREIGN_MAYBE;
  return answer (((info->state_mask & get_state (run)) != 0) ==
                 ((info->invert_flags & XT_CONNTRACK_STATE) == 0));
}

/* Only ports; where a packet comes from is not known. */
static SpForeignMatch
match_ports (SpForeignRun *run, const guint16 *source, const guint16 *destination, gboolean plain)
{
  guint16 port = run->packet->port;

  if (!plain)
    return SP_FOREIGN_MAYBE;
  if (port != 0 && (port < destination[0] || port > destination[1]))
    return SP_FOREIGN_NO;
  return source[0] == 0 && source[1] == G_MAXUINT16 &&
                 (port != 0 || (destination[0] == 0 && destination[1] == G_MAXUINT16))
             ? SP_FOREIGN_YES
             : SP_FOREIGN_MAYBE;
}

static SpForeignMatch
match_tcp (SpForeignRun *run, struct nftnl_expr *expression)
{
  guint32 length = 0;
  const struct xt_tcp *info = nftnl_expr_get (expression, NFTNL_EXPR_MT_INFO, &length);

  return info == NULL || length < sizeof *info
             ? SP_FOREIGN_MAYBE
             : match_ports (run, info->spts, info->dpts,
                            info->invflags == 0 && info->flg_mask == 0 && info->option == 0);
}

static SpForeignMatch
match_udp (SpForeignRun *run, struct nftnl_expr *expression)
{
  guint32 length = 0;
  const struct xt_udp *info = nftnl_expr_get (expression, NFTNL_EXPR_MT_INFO, &length);

  return info == NULL || length < sizeof *info
             ? SP_FOREIGN_MAYBE
             : match_ports (run, info->spts, info->dpts, info->invflags == 0);
}

static SpForeignMatch
match_extension (SpForeignRun *run, struct nftnl_expr *expression, SpForeignVerdict *verdict)
{
  const char *name = nftnl_expr_get_str (expression, NFTNL_EXPR_MT_NAME);

  if (g_strcmp0 (name, "conntrack") == 0)
    return match_conntrack (run, expression);
  if (g_strcmp0 (name, "tcp") == 0)
    return match_tcp (run, expression);
  if (g_strcmp0 (name, "udp") == 0)
    return match_udp (run, expression);
  if (g_strcmp0 (name, "comment") == 0)
    return SP_FOREIGN_YES;
  if (g_strcmp0 (name, "icmp") == 0 || g_strcmp0 (name, "icmp6") == 0)
    return SP_FOREIGN_NO;
  return SP_FOREIGN_MAYBE;
}

static SpForeignMatch
target_extension (SpForeignRun *run, struct nftnl_expr *expression, SpForeignVerdict *verdict)
{
  static const char *const harmless[] = { "LOG",  "NFLOG", "MARK", "CONNMARK", "TCPMSS",
                                          "DSCP", "TOS",   "TTL",  "HL",       "AUDIT" };
  const char *name = nftnl_expr_get_str (expression, NFTNL_EXPR_TG_NAME);

  if (g_strcmp0 (name, "REJECT") == 0)
    return reject (run, expression, verdict);
  for (guint i = 0; i < G_N_ELEMENTS (harmless); i++)
    if (g_strcmp0 (name, harmless[i]) == 0)
      return SP_FOREIGN_YES;
  verdict->code = NF_QUEUE; /* who knows */
  return SP_FOREIGN_YES;
}

/* --- rules and chains --- */

static const struct
{
  const char *name;
  SpForeignMatch (*evaluate) (SpForeignRun *run,
                              struct nftnl_expr *expression,
                              SpForeignVerdict *verdict);
} evaluations[] = {
  { "meta", load_meta },        { "payload", load_payload },    { "ct", load_conntrack },
  { "cmp", compare },           { "range", compare_range },     { "bitwise", combine_bits },
  { "lookup", look_up },        { "immediate", set_immediate }, { "reject", reject },
  { "match", match_extension }, { "target", target_extension }, { "counter", do_nothing },
  { "log", do_nothing },        { "notrack", do_nothing },      { "last", do_nothing },
};

static SpForeignMatch
evaluate (SpForeignRun *run, struct nftnl_expr *expression, SpForeignVerdict *verdict)
{
  const char *name = nftnl_expr_get_str (expression, NFTNL_EXPR_NAME);

  for (guint i = 0; i < G_N_ELEMENTS (evaluations); i++)
    if (g_strcmp0 (name, evaluations[i].name) == 0)
      return evaluations[i].evaluate (run, expression, verdict);
  memset (run->known, 0, sizeof run->known);
  return SP_FOREIGN_MAYBE;
}

SpForeignMatch
sp_foreign_run_rule (SpForeignRun *run, struct nftnl_rule *rule, SpForeignVerdict *verdict)
{
  struct nftnl_expr_iter *iter = nftnl_expr_iter_create (rule);
  struct nftnl_expr *expression;
  SpForeignMatch match = SP_FOREIGN_YES;

  verdict->code = NFT_CONTINUE;
  memset (run->known, 0, sizeof run->known);
  while (iter != NULL && match != SP_FOREIGN_NO && verdict->code == NFT_CONTINUE &&
         (expression = nftnl_expr_iter_next (iter)) != NULL)
    match = MIN (match, evaluate (run, expression, verdict));
  g_clear_pointer (&iter, nftnl_expr_iter_destroy);
  return match;
}

void
sp_foreign_run_begin (SpForeignRun *run, const SpForeignTable *table, const SpForeignPacket *packet)
{
  memset (run, 0, sizeof *run);
  run->table = table;
  run->packet = packet;
  make_header (run);
  make_ports (run);
}
