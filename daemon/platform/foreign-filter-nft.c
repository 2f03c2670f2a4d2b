/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "foreign-filter-nft.h"

#include "base/error.h"
#include "base/names.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#define ANSWER_BYTES  65536
#define REQUEST_BYTES 1024
#define TRIES_MAX     5 /* a ruleset that changed while it was read is read again */
#define SETS_MAX      1000

typedef struct mnl_socket MnlSocket;
static void
close_socket (MnlSocket *socket)
{
  (void) mnl_socket_close (socket);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MnlSocket, close_socket)

typedef struct
{
  MnlSocket *socket;
  guint sequence;
  SpForeignFilter *filter;
  SpForeignTable *table; /* whose rules and sets are read */
  GPtrArray *set_names;  /* of it, whose elements are to be read */
  struct nftnl_set *set; /* whose elements are read */
} Reader;

static void
free_chain (SpForeignChain *chain)
{
  nftnl_chain_free (chain->chain);
  g_ptr_array_unref (chain->rules);
  g_free (chain);
}

static void
free_table (SpForeignTable *table)
{
  g_free (table->name);
  g_hash_table_unref (table->chain_names);
  g_ptr_array_unref (table->chains);
  g_hash_table_unref (table->sets);
  g_free (table);
}

void
sp_foreign_filter_free (SpForeignFilter *filter)
{
  g_ptr_array_unref (filter->tables);
  g_free (filter);
}

/* Answers to one request, to their end.  FALSE: errno. */
static gboolean
receive (Reader *reader, mnl_cb_t callback)
{
  g_autofree guint8 *piece = g_malloc (ANSWER_BYTES);
  int result = MNL_CB_OK;

  while (result > MNL_CB_STOP)
    {
      ssize_t got = mnl_socket_recvfrom (reader->socket, piece, ANSWER_BYTES);

      if (got < 0)
        return FALSE;
      result = mnl_cb_run (piece, (size_t) got, reader->sequence,
                           mnl_socket_get_portid (reader->socket), callback, reader);
    }
  return result >= 0;
}

static struct nlmsghdr *
begin (Reader *reader, guint8 *bytes, guint16 type, guint32 family)
{
  return nftnl_nlmsg_build_hdr ((char *) bytes, type, (guint16) family, NLM_F_DUMP,
                                ++reader->sequence);
}

static gboolean
ask (Reader *reader, const struct nlmsghdr *request, mnl_cb_t callback)
{
  return mnl_socket_sendto (reader->socket, request, request->nlmsg_len) >= 0 &&
         receive (reader, callback);
}

/* --- chains --- */

static SpForeignTable *
find_table (SpForeignFilter *filter, guint32 family, const char *name)
{
  SpForeignTable *table;

  for (guint i = 0; i < filter->tables->len; i++)
    {
      table = g_ptr_array_index (filter->tables, i);
      if (table->family == family && g_str_equal (table->name, name))
        return table;
    }
  table = g_new0 (SpForeignTable, 1);
  table->family = family;
  table->name = g_strdup (name);
  table->chains = g_ptr_array_new_with_free_func ((GDestroyNotify) free_chain);
  table->chain_names = g_hash_table_new (g_str_hash, g_str_equal);
  table->sets =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) nftnl_set_free);
  g_ptr_array_add (filter->tables, table);
  return table;
}

static gboolean
is_of_interest (guint32 family, const char *table)
{
  return table != NULL &&
         (family == NFPROTO_IPV4 || family == NFPROTO_IPV6 || family == NFPROTO_INET) &&
         !(family == NFPROTO_INET && g_str_equal (table, SP_FIREWALL_TABLE));
}

static int
read_chain (const struct nlmsghdr *header, void *data)
{
  Reader *reader = data;
  struct nftnl_chain *parsed = nftnl_chain_alloc ();
  SpForeignChain *chain;
  SpForeignTable *table;
  guint32 family;
  const char *name;

  if (parsed == NULL || nftnl_chain_nlmsg_parse (header, parsed) < 0)
    {
      g_clear_pointer (&parsed, nftnl_chain_free);
      return MNL_CB_ERROR;
    }
  family = nftnl_chain_get_u32 (parsed, NFTNL_CHAIN_FAMILY);
  name = nftnl_chain_get_str (parsed, NFTNL_CHAIN_TABLE);
  if (!is_of_interest (family, name))
    {
      nftnl_chain_free (parsed);
      return MNL_CB_OK;
    }
  table = find_table (reader->filter, family, name);
  chain = g_new0 (SpForeignChain, 1);
  chain->chain = parsed;
  chain->rules = g_ptr_array_new_with_free_func ((GDestroyNotify) nftnl_rule_free);
  g_ptr_array_add (table->chains, chain);
  (void) g_hash_table_insert (table->chain_names,
                              (gpointer) nftnl_chain_get_str (parsed, NFTNL_CHAIN_NAME), chain);
  return MNL_CB_OK;
}

/* --- rules --- */

static int
read_rule (const struct nlmsghdr *header, void *data)
{
  Reader *reader = data;
  struct nftnl_rule *rule = nftnl_rule_alloc ();
  SpForeignChain *chain;

  if (rule == NULL || nftnl_rule_nlmsg_parse (header, rule) < 0)
    {
      g_clear_pointer (&rule, nftnl_rule_free);
      return MNL_CB_ERROR;
    }
  chain =
      g_hash_table_lookup (reader->table->chain_names, nftnl_rule_get_str (rule, NFTNL_RULE_CHAIN));
  if (chain == NULL) /* made meanwhile: the dump is told to be of another state */
    {
      nftnl_rule_free (rule);
      return MNL_CB_OK;
    }
  g_ptr_array_add (chain->rules, rule);
  if (++reader->filter->n_rules <= SP_FOREIGN_RULES_MAX)
    return MNL_CB_OK;
  errno = E2BIG;
  return MNL_CB_ERROR;
}

static gboolean
read_rules (Reader *reader)
{
  guint8 bytes[REQUEST_BYTES];
  struct nlmsghdr *request = begin (reader, bytes, NFT_MSG_GETRULE, reader->table->family);

  mnl_attr_put_strz (request, NFTA_RULE_TABLE, reader->table->name);
  return ask (reader, request, read_rule);
}

/* --- sets that are a part of a rule: "{ 80, 443 }" --- */

static int
read_set (const struct nlmsghdr *header, void *data)
{
  Reader *reader = data;
  struct nftnl_set *set = nftnl_set_alloc ();
  guint32 flags;

  if (set == NULL || nftnl_set_nlmsg_parse (header, set) < 0)
    {
      g_clear_pointer (&set, nftnl_set_free);
      return MNL_CB_ERROR;
    }
  flags = nftnl_set_get_u32 (set, NFTNL_SET_FLAGS);
  if ((flags & NFT_SET_ANONYMOUS) != 0 && (flags & NFT_SET_INTERVAL) == 0 &&
      reader->set_names->len < SETS_MAX)
    g_ptr_array_add (reader->set_names, set);
  else
    nftnl_set_free (set);
  return MNL_CB_OK;
}

static int
read_elements (const struct nlmsghdr *header, void *data)
{
  return nftnl_set_elems_nlmsg_parse (header, ((Reader *) data)->set) < 0 ? MNL_CB_ERROR
                                                                          : MNL_CB_OK;
}

static gboolean
read_sets (Reader *reader)
{
  g_autoptr (GPtrArray) sets = g_ptr_array_new_with_free_func ((GDestroyNotify) nftnl_set_free);
  guint8 bytes[REQUEST_BYTES];
  struct nlmsghdr *request = begin (reader, bytes, NFT_MSG_GETSET, reader->table->family);

  reader->set_names = sets;
  mnl_attr_put_strz (request, NFTA_SET_TABLE, reader->table->name);
  if (!ask (reader, request, read_set))
    return FALSE;
  while (sets->len > 0)
    {
      reader->set = g_ptr_array_steal_index_fast (sets, sets->len - 1);
      (void) g_hash_table_insert (reader->table->sets,
                                  g_strdup (nftnl_set_get_str (reader->set, NFTNL_SET_NAME)),
                                  reader->set);
      request = begin (reader, bytes, NFT_MSG_GETSETELEM, reader->table->family);
      mnl_attr_put_strz (request, NFTA_SET_ELEM_LIST_TABLE, reader->table->name);
      mnl_attr_put_strz (request, NFTA_SET_ELEM_LIST_SET,
                         nftnl_set_get_str (reader->set, NFTNL_SET_NAME));
      if (!ask (reader, request, read_elements))
        return FALSE;
    }
  return TRUE;
}

/* --- all of it --- */

/* FALSE: errno, of which EINTR says that it changed meanwhile. */
static gboolean
read_all (Reader *reader)
{
  guint8 bytes[REQUEST_BYTES];

  if (!ask (reader, begin (reader, bytes, NFT_MSG_GETCHAIN, NFPROTO_UNSPEC), read_chain))
    return FALSE;
  for (guint i = 0; i < reader->filter->tables->len; i++)
    {
      reader->table = g_ptr_array_index (reader->filter->tables, i);
      if (!read_rules (reader) || !read_sets (reader))
        return FALSE;
    }
  return TRUE;
}

static SpForeignFilter *
read_once (int *ret_errno)
{
  g_autoptr (MnlSocket) socket = mnl_socket_open2 (NETLINK_NETFILTER, SOCK_CLOEXEC);
  g_autoptr (SpForeignFilter) filter = g_new0 (SpForeignFilter, 1);
  Reader reader = { .socket = socket, .filter = filter };

  filter->tables = g_ptr_array_new_with_free_func ((GDestroyNotify) free_table);
  if (socket == NULL || mnl_socket_bind (socket, 0, MNL_SOCKET_AUTOPID) < 0 || !read_all (&reader))
    {
      *ret_errno = errno;
      return NULL;
    }
  return g_steal_pointer (&filter);
}

SpForeignFilter *
sp_foreign_filter_read (GError **error)
{
  for (guint i = 1;; i++)
    {
      int failure = 0;
      SpForeignFilter *filter = read_once (&failure);

      if (filter != NULL)
        return filter;
      /* ENOENT: a table that was there at first is gone */
      if ((failure == EINTR || failure == ENOENT) && i < TRIES_MAX)
        continue;
      sp_error_set_errno (error, failure, "reading other programs' packet filters");
      return NULL;
    }
}
