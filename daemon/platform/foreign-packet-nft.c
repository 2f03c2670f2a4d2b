/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "foreign-filter-nft.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

/* What a ruleset does with a packet.  What cannot be followed counts as something that may let it
 * through. */

#define DEPTH_MAX 16 /* of jumps; the kernel's own limit */
#define STEPS_MAX (16 * SP_FOREIGN_RULES_MAX)

typedef enum
{
  GOES_ON,
  ACCEPTED,
  DROPPED
} Fate;

static Fate walk (SpForeignRun *run, const SpForeignChain *chain, gboolean sure, guint depth);

static Fate
walk_to (SpForeignRun *run, const char *name, gboolean sure, guint depth)
{
  const SpForeignChain *chain =
      name != NULL ? g_hash_table_lookup (run->table->chain_names, name) : NULL;

  if (chain != NULL && depth < DEPTH_MAX)
    return walk (run, chain, sure, depth + 1);
  run->may_pass = TRUE;
  return GOES_ON;
}

/* What comes after a rule that may have ended the walk is not sure.  GOES_ON also where nothing is.
 */
static Fate
walk (SpForeignRun *run, const SpForeignChain *chain, gboolean sure, guint depth)
{
  for (guint i = 0; i < chain->rules->len && run->steps < STEPS_MAX; i++)
    {
      SpForeignVerdict verdict = { NFT_CONTINUE, NULL };
      SpForeignMatch match =
          sp_foreign_run_rule (run, g_ptr_array_index (chain->rules, i), &verdict);
      gboolean certain = sure && match == SP_FOREIGN_YES;
      Fate fate = GOES_ON;

      run->steps++;
      if (match == SP_FOREIGN_NO || verdict.code == NFT_CONTINUE)
        continue;
      if (verdict.code == NFT_JUMP || verdict.code == NFT_GOTO)
        fate = walk_to (run, verdict.chain, certain, depth);
      else if (verdict.code == NF_DROP)
        fate = certain ? DROPPED : GOES_ON;
      else if (verdict.code != NFT_RETURN)
        {
          run->may_pass |= !certain || verdict.code != NF_ACCEPT;
          fate = certain ? ACCEPTED : GOES_ON;
        }
      if (fate != GOES_ON)
        return fate;
      if (match == SP_FOREIGN_YES && (verdict.code == NFT_GOTO || verdict.code == NFT_RETURN))
        return GOES_ON;
      sure &= match == SP_FOREIGN_YES || (verdict.code != NFT_GOTO && verdict.code != NFT_RETURN);
    }
  return GOES_ON;
}

static gboolean
is_on_the_way (const SpForeignTable *table,
               const SpForeignChain *chain,
               const SpForeignPacket *packet)
{
  const char *type = nftnl_chain_get_str (chain->chain, NFTNL_CHAIN_TYPE);
  guint32 hook = packet->out != NULL ? NF_INET_FORWARD : NF_INET_LOCAL_IN;

  return nftnl_chain_is_set (chain->chain, NFTNL_CHAIN_HOOKNUM) &&
         nftnl_chain_get_u32 (chain->chain, NFTNL_CHAIN_HOOKNUM) == hook &&
         g_strcmp0 (type, "filter") == 0 &&
         table->family != (packet->is_ipv6 ? NFPROTO_IPV4 : NFPROTO_IPV6);
}

static gboolean
drops (const SpForeignTable *table, const SpForeignChain *chain, const SpForeignPacket *packet)
{
  SpForeignRun run;
  Fate fate;

  sp_foreign_run_begin (&run, table, packet);
  fate = walk (&run, chain, TRUE, 0);
  if (fate == GOES_ON && nftnl_chain_get_u32 (chain->chain, NFTNL_CHAIN_POLICY) == NF_DROP)
    fate = DROPPED;
  return fate == DROPPED && !run.may_pass && run.steps < STEPS_MAX;
}

static SpForeignKeeper
recognise (const SpForeignTable *table)
{
  static const struct
  {
    const char *chain;
    SpForeignKeeper keeper;
  } marks[] = {
    { "ufw-user-forward", SP_FOREIGN_UFW },
    { "ufw6-user-forward", SP_FOREIGN_UFW },
    { "DOCKER-USER", SP_FOREIGN_DOCKER },
  };

  if (g_str_equal (table->name, "firewalld"))
    return SP_FOREIGN_FIREWALLD;
  for (guint i = 0; i < G_N_ELEMENTS (marks); i++)
    if (g_hash_table_contains (table->chain_names, marks[i].chain))
      return marks[i].keeper;
  return SP_FOREIGN_SOMEBODY;
}

gboolean
sp_foreign_filter_drops (const SpForeignFilter *filter,
                         const SpForeignPacket *packet,
                         SpForeignDrop *ret)
{
  for (guint i = 0; i < filter->tables->len; i++)
    {
      const SpForeignTable *table = g_ptr_array_index (filter->tables, i);

      for (guint j = 0; j < table->chains->len; j++)
        {
          const SpForeignChain *chain = g_ptr_array_index (table->chains, j);

          if (!is_on_the_way (table, chain, packet) || !drops (table, chain, packet))
            continue;
          ret->family = table->family == NFPROTO_INET   ? "inet"
                        : table->family == NFPROTO_IPV6 ? "ip6"
                                                        : "ip";
          ret->table = table->name;
          ret->chain = nftnl_chain_get_str (chain->chain, NFTNL_CHAIN_NAME);
          ret->keeper = recognise (table);
          return TRUE;
        }
    }
  return FALSE;
}
