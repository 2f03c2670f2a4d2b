/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "platform/firewall.h"

#include "firewall-rules-nft.h"

#include "base/error.h"

#include <errno.h>
#include <nftables/libnftables.h>
#include <string.h>

struct _SpFirewall
{
  /* One for all transactions, made by the first.  The library waits for the kernel with select(),
   * so its socket must be an early one: a full house has more descriptors than a set of those can
   * hold.  And to close such a socket takes as long as the kernel needs to forget what was removed
   * last, some 10 ms. */
  struct nft_ctx *context;
  gboolean installed;
  GHashTable *sessions; /* device → SpFirewallSession */
};

SpFirewall *
sp_firewall_new (void)
{
  SpFirewall *firewall = g_new0 (SpFirewall, 1);

  firewall->sessions = g_hash_table_new_full (g_str_hash, g_str_equal, NULL,
                                              (GDestroyNotify) sp_firewall_session_free);
  return firewall;
}

void
sp_firewall_free (SpFirewall *firewall)
{
  g_clear_pointer (&firewall->context, nft_ctx_free);
  g_hash_table_unref (firewall->sessions);
  g_free (firewall);
}

static SpError
code_from_errno (int errno_value)
{
  switch (errno_value)
    {
      case EPERM:
      case EACCES:
        return SP_ERROR_NOT_AUTHORIZED;
      case EOPNOTSUPP:
      case EPROTONOSUPPORT:
      case EAFNOSUPPORT:
        return SP_ERROR_NOT_SUPPORTED;
      case ENOENT:
        return SP_ERROR_NOT_FOUND;
      case EEXIST:
        return SP_ERROR_EXISTS;
      default:
        return SP_ERROR_FAILED;
    }
}

/* The library says where in the transaction it was, then what, then quotes it. */
static void
set_kernel_error (GError **error, int errno_value, const char *text)
{
  const char *what = text != NULL ? strstr (text, "Error: ") : NULL;
  g_auto (GStrv) lines = g_strsplit (what != NULL ? what + strlen ("Error: ") : "", "\n", 2);

  g_set_error (error, SP_ERROR, code_from_errno (errno_value), "The packet filter: %s",
               lines[0] != NULL && *lines[0] != '\0' ? lines[0] : g_strerror (errno_value));
}

static gboolean
open_context (SpFirewall *firewall, GError **error)
{
  if (firewall->context != NULL)
    return TRUE;
  firewall->context = nft_ctx_new (NFT_CTX_DEFAULT);
  if (firewall->context != NULL && nft_ctx_buffer_output (firewall->context) == 0 &&
      nft_ctx_buffer_error (firewall->context) == 0)
    {
      nft_ctx_output_set_flags (firewall->context, NFT_CTX_OUTPUT_JSON);
      return TRUE;
    }
  g_clear_pointer (&firewall->context, nft_ctx_free);
  set_kernel_error (error, ENOMEM, NULL);
  return FALSE;
}

static gboolean
run_transaction (SpFirewall *firewall, const GString *commands, GError **error)
{
  g_autofree char *transaction = g_strdup_printf ("{\"nftables\":[%s]}", commands->str);
  const char *failure;
  int errno_value, result;

  if (!open_context (firewall, error))
    return FALSE;
  errno = 0;
  result = nft_run_cmd_from_buffer (firewall->context, transaction);
  errno_value = errno;
  /* Looking at the buffers also empties them. */
  (void) nft_ctx_get_output_buffer (firewall->context);
  failure = nft_ctx_get_error_buffer (firewall->context);
  if (result == 0)
    return TRUE;
  set_kernel_error (error, errno_value, failure);
  return FALSE;
}

gboolean
sp_firewall_install (SpFirewall *firewall, const SpFirewallPlan *plan, GError **error)
{
  g_autoptr (GString) commands = g_string_new (NULL);
  GHashTableIter iter;
  gpointer session;

  sp_firewall_rules_append_table (commands, plan);
  g_hash_table_iter_init (&iter, firewall->sessions);
  while (g_hash_table_iter_next (&iter, NULL, &session))
    if (!sp_firewall_rules_append_session (commands, session, error))
      return FALSE;
  if (!run_transaction (firewall, commands, error))
    return FALSE;
  firewall->installed = TRUE;
  return TRUE;
}

/* `before` or `after` is NULL when there is none. */
static gboolean
change (SpFirewall *firewall,
        const SpFirewallSession *before,
        const SpFirewallSession *after,
        GError **error)
{
  g_autoptr (GString) commands = g_string_new (NULL);

  if (before != NULL)
    sp_firewall_rules_append_departure (commands, before);
  if (after != NULL && !sp_firewall_rules_append_session (commands, after, error))
    return FALSE;
  return !firewall->installed || commands->len == 0 || run_transaction (firewall, commands, error);
}

static void
remember (SpFirewall *firewall, const SpFirewallSession *session)
{
  SpFirewallSession *copy = sp_firewall_session_copy (session);

  g_hash_table_replace (firewall->sessions, (gpointer) copy->device, copy);
}

gboolean
sp_firewall_add_session (SpFirewall *firewall, const SpFirewallSession *session, GError **error)
{
  if (g_hash_table_contains (firewall->sessions, session->device))
    {
      g_set_error (error, SP_ERROR, SP_ERROR_EXISTS, "The packet filter knows %s already",
                   session->device);
      return FALSE;
    }
  if (!change (firewall, NULL, session, error))
    return FALSE;
  remember (firewall, session);
  return TRUE;
}

static const SpFirewallSession *
find (SpFirewall *firewall, const char *device, GError **error)
{
  const SpFirewallSession *session = g_hash_table_lookup (firewall->sessions, device);

  if (session == NULL)
    g_set_error (error, SP_ERROR, SP_ERROR_NOT_FOUND, "The packet filter does not know %s", device);
  return session;
}

gboolean
sp_firewall_change_session (SpFirewall *firewall, const SpFirewallSession *session, GError **error)
{
  const SpFirewallSession *before = find (firewall, session->device, error);

  if (before == NULL)
    return FALSE;
  if (sp_firewall_session_equal (before, session))
    return TRUE;
  if (!change (firewall, before, session, error))
    return FALSE;
  remember (firewall, session);
  return TRUE;
}

gboolean
sp_firewall_remove_session (SpFirewall *firewall, const char *device, GError **error)
{
  const SpFirewallSession *session = find (firewall, device, error);
  gboolean removed;

  if (session == NULL)
    return FALSE;
  removed = change (firewall, session, NULL, error);
  g_hash_table_remove (firewall->sessions, device);
  return removed;
}

gboolean
sp_firewall_remove (SpFirewall *firewall, GError **error)
{
  g_autoptr (GString) commands = g_string_new (NULL);

  firewall->installed = FALSE;
  sp_firewall_rules_append_removal (commands);
  return run_transaction (firewall, commands, error);
}
