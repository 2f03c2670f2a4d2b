/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backdoor.h"

#include "codec/reach-link.h"
#include "port-mapping.h"
#include "server-reachability.h"

#include "platform/fake.h"

#include <string.h>

#define NAME "home.test"

/* nocheck: of the one test that runs; a story's link is none that a browser could open */
static guint8 test_digest[SP_DIGEST_SIZE];
/* nocheck: of the one router, as it says itself */
static guint8 router_address[SP_ADDRESS_SIZE];
/* nocheck: likewise, of the ports that it forwards */
static SpPortMappingStatus forwarded;

void
sp_server_begin_reach_test (SpServer *self,
                            const char *host,
                            guint seconds,
                            guint8 ret_token[SP_TOKEN_SIZE])
{
  sp_reachability_begin_test (sp_server_get_reachability (self), host, seconds, ret_token);
  sp_reach_link_digest (ret_token, test_digest);
}

void
sp_server_get_port_mapping (SpServer *self, SpPortMappingStatus *ret)
{
  *ret = forwarded;
  memcpy (ret->address, router_address, SP_ADDRESS_SIZE);
  ret->way = ret->advice = "";
  ret->reason = forwarded.parted_at != 0 ? "taken" : "";
}

void
sp_server_get_pinholes (SpServer *self, SpPortMappingStatus *ret)
{
  memset (ret, 0, sizeof *ret);
  ret->way = ret->reason = ret->advice = "";
}

static void
name (SpReachability *reachability, char **addresses)
{
  SpNameLookedUp said = { .outcome = SP_LOOKUP_UNKNOWN };

  for (guint i = 0; addresses[i] != NULL; i++)
    {
      g_assert_true (sp_address_from_text (addresses[i], said.addresses + said.addresses_length));
      said.addresses_length += SP_ADDRESS_SIZE;
      said.outcome = SP_LOOKUP_FOUND;
    }
  sp_reachability_set_name (reachability, NAME, &said);
}

static void
outside (SpReachability *reachability, const char *router, const char *seen)
{
  SpReachSighting first = { .told_at = g_get_real_time () };
  SpReachSighting second = { .told_at = first.told_at };

  g_assert_true (sp_address_from_text (router, first.address));
  g_assert_true (sp_address_from_text (seen, second.address));
  memcpy (router_address, first.address, SP_ADDRESS_SIZE);
  sp_reachability_set_outside (reachability, &first, &second);
}

/* "tcp", "udp" or "all"; what is not forwarded here another device has. */
static void
forward (SpReachability *reachability, const char *what)
{
  gboolean tcp = !g_str_equal (what, "udp");
  gboolean udp = !g_str_equal (what, "tcp");

  forwarded = (SpPortMappingStatus){
    .state = tcp ? SP_PORT_MAPPING_MAPPED : SP_PORT_MAPPING_TAKEN,
    .udp_state = udp ? SP_PORT_MAPPING_MAPPED : SP_PORT_MAPPING_TAKEN,
    .parted_at = tcp != udp ? g_get_real_time () : 0,
  };
  g_signal_emit_by_name (reachability, "changed");
}

gboolean
sp_fake_reach (SpReachability *reachability, char **words)
{
  guint n_words = g_strv_length (words);
  guint8 address[SP_ADDRESS_SIZE];

  if (g_str_equal (words[0], "settle") && n_words == 3)
    {
      sp_fake_uplink_settle (words[1], words[2]);
      sp_fake_uplink_tell ();
    }
  else if (g_str_equal (words[0], "reach") && n_words == 2 &&
           sp_address_from_text (words[1], address))
    (void) sp_reachability_hear (reachability, test_digest, address);
  else if (g_str_equal (words[0], "name"))
    name (reachability, words + 1);
  else if (g_str_equal (words[0], "outside") && n_words == 3)
    outside (reachability, words[1], words[2]);
  else if (g_str_equal (words[0], "forward") && n_words == 2)
    forward (reachability, words[1]);
  else
    return FALSE;
  return TRUE;
}
