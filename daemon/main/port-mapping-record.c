/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "port-mapping-record.h"

#include "base/log.h"
#include "store-record.h"

#include <string.h>

#define TYPE "(ayayqqyay)"

static const char *const value_names[] = { "port-mapping", "port-mapping-ipv6" };

/* --- storing --- */

static gboolean
copy_bytes (GVariant *stored, guint8 *ret, gsize size)
{
  gsize n;
  const guint8 *bytes = g_variant_get_fixed_array (stored, &n, 1);

  if (n != size)
    return FALSE;
  memcpy (ret, bytes, size);
  return TRUE;
}

static gboolean
copy_address (GVariant *stored, guint8 *ret, gboolean ipv6)
{
  return copy_bytes (stored, ret, SP_ADDRESS_SIZE) && !sp_address_is_unset (ret) &&
         sp_address_is_ipv4 (ret) != ipv6;
}

static void
take (SpMappingRecord *record, GVariant *stored, gboolean ipv6)
{
  g_autoptr (GVariant) router = NULL;
  g_autoptr (GVariant) own = NULL;
  g_autoptr (GVariant) nonce = NULL;

  g_variant_get (stored, "(@ay@ayqqy@ay)", &router, &own, &record->wish.tcp_port,
                 &record->wish.udp_port, &record->way, &nonce);
  record->way = MIN (record->way, SP_MAPPING_WAY_LAST);
  record->holds = copy_address (router, record->wish.router, ipv6) &&
                  copy_address (own, record->wish.own, ipv6) && record->wish.tcp_port != 0 &&
                  copy_bytes (nonce, record->nonce, SP_MAPPING_NONCE_SIZE);
  if (!record->holds)
    memset (record, 0, sizeof *record);
}

void
sp_mapping_record_load (SpMappingRecord *record, SpStore *store, gboolean ipv6)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) stored = sp_store_load_record (store, value_names[ipv6], TYPE, &error);

  memset (record, 0, sizeof *record);
  if (stored != NULL)
    take (record, stored, ipv6);
  if (error != NULL)
    sp_log (SP_LOG_WARNING, "port-mapping", "what a router forwards is not known: %s",
            error->message);
}

static GVariant *
write_bytes (const guint8 *bytes, gsize size)
{
  return g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, bytes, size, 1);
}

/* Floating. */
static GVariant *
describe (const SpMappingRecord *record)
{
  return g_variant_new ("(@ay@ayqqy@ay)", write_bytes (record->wish.router, SP_ADDRESS_SIZE),
                        write_bytes (record->wish.own, SP_ADDRESS_SIZE), record->wish.tcp_port,
                        record->wish.udp_port, record->way,
                        write_bytes (record->nonce, SP_MAPPING_NONCE_SIZE));
}

void
sp_mapping_record_store (const SpMappingRecord *record, SpStore *store, gboolean ipv6)
{
  GVariant *kept = record->holds ? describe (record) : NULL;
  g_autoptr (GError) error = NULL;

  if (!sp_store_keep_record (store, value_names[ipv6], kept, &error))
    sp_log (SP_LOG_WARNING, "port-mapping", "what a router forwards is not remembered: %s",
            error->message);
}

/* --- words --- */

#define BY_HAND "open the ports to this computer in the router's IPv6 firewall by hand"

static const struct
{
  const char *reason;
  const char *advice;
  const char *ipv6_advice;
} outcomes[] = {
  [SP_MAPPING_DONE] = { "", "", "" },
  [SP_MAPPING_REFUSED] = { "refused",
                           "the router refuses to; allow it in the router's settings "
                           "(UPnP, NAT-PMP, automatic port forwarding), or let it "
                           "forward the port by hand and set port-mapping to no",
                           "the router refuses to; allow PCP (automatic port forwarding) for IPv6 "
                           "in its settings, or " BY_HAND },
  [SP_MAPPING_TAKEN] = { "taken",
                         "the router forwards the port to another computer or program "
                         "already; end that in the router's settings, or set port of "
                         "[server] to another",
                         "the router lets people in at another address or port instead; " BY_HAND },
  [SP_MAPPING_NO_ROUTER] = { "no-router",
                             "the router does not answer; allow UPnP or NAT-PMP in "
                             "the router's settings, or let it forward the port by "
                             "hand and set port-mapping to no",
                             "the router does not answer; if devices do not get in over "
                             "IPv6, " BY_HAND },
  [SP_MAPPING_NOT_UNDERSTOOD] = { "not-understood",
                                  "the router's answers make no sense; start it "
                                  "anew, or let it forward the port by hand and "
                                  "set port-mapping to no",
                                  "the router's answers make no sense; " BY_HAND },
  [SP_MAPPING_SILENT] = { "silent",
                          "the router begins to answer and does not end; start it anew, "
                          "or let it forward the port by hand and set port-mapping to "
                          "no",
                          "the router begins to answer and does not end; " BY_HAND },
  [SP_MAPPING_FAILED] = { "failed", "the router could not be asked; the log says more",
                          "the router could not be asked; the log says more" },
};
G_STATIC_ASSERT (G_N_ELEMENTS (outcomes) == SP_MAPPING_OUTCOME_LAST + 1);

const char *
sp_mapping_reason (SpMappingOutcome outcome)
{
  return outcomes[outcome].reason;
}

const char *
sp_mapping_advice (SpMappingOutcome outcome, gboolean ipv6)
{
  return ipv6 ? outcomes[outcome].ipv6_advice : outcomes[outcome].advice;
}

const char *
sp_mapping_way_to_string (SpMappingWay way)
{
  static const char *const words[] = { "", "pcp", "nat-pmp", "upnp" };

  G_STATIC_ASSERT (G_N_ELEMENTS (words) == SP_MAPPING_WAY_LAST + 1);
  return words[way];
}
