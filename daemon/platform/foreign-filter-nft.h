/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "platform/foreign-filter.h"

#include <libnftnl/chain.h>
#include <libnftnl/rule.h>
#include <libnftnl/set.h>

/* What was read, as libnftnl has it. */

typedef struct
{
  struct nftnl_chain *chain;
  GPtrArray *rules; /* struct nftnl_rule */
} SpForeignChain;

typedef struct
{
  guint32 family; /* NFPROTO_ */
  char *name;
  GPtrArray *chains;       /* SpForeignChain, owned */
  GHashTable *chain_names; /* their names → the same */
  GHashTable *sets;        /* name → struct nftnl_set with its elements; anonymous ones alone */
} SpForeignTable;

struct _SpForeignFilter
{
  GPtrArray *tables; /* SpForeignTable: those of others that filter */
  guint n_rules;
};

/* What a rule does with a packet of which not everything is known: the kernel's own evaluation
 * (net/netfilter/nf_tables_core.c), over values that may be unknown. */

#define SP_FOREIGN_REGISTER_BYTES 64
#define SP_FOREIGN_HEADER_BYTES   40 /* of IPv6 */
#define SP_FOREIGN_PORTS_BYTES    4

typedef enum
{
  SP_FOREIGN_NO,
  SP_FOREIGN_MAYBE,
  SP_FOREIGN_YES
} SpForeignMatch;

typedef struct
{
  const SpForeignTable *table;
  const SpForeignPacket *packet;
  /* bytes, with whether they are known */
  guint8 header[SP_FOREIGN_HEADER_BYTES];
  gboolean header_known[SP_FOREIGN_HEADER_BYTES];
  guint8 ports[SP_FOREIGN_PORTS_BYTES];
  gboolean ports_known[SP_FOREIGN_PORTS_BYTES];
  guint8 bytes[SP_FOREIGN_REGISTER_BYTES];
  gboolean known[SP_FOREIGN_REGISTER_BYTES];
  gboolean may_pass;
  guint steps;
} SpForeignRun;

typedef struct
{
  int code; /* NF_ or NFT_ */
  const char *chain;
} SpForeignVerdict;

void sp_foreign_run_begin (SpForeignRun *run,
                           const SpForeignTable *table,
                           const SpForeignPacket *packet);
/* Whether it is for such a packet; what it says then is its verdict, NFT_CONTINUE if nothing. */
SpForeignMatch sp_foreign_run_rule (SpForeignRun *run,
                                    struct nftnl_rule *rule,
                                    SpForeignVerdict *ret);
