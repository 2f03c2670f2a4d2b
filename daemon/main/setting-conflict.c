/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pam-support.h"
#include "setting-check.h"
#include "setting-row.h"

#include "base/error.h"
#include "codec/update-url.h"

#include <string.h>

#define HOST_NAME_MAX_BYTES 253 /* RFC 1035 2.3.4, without the lengths at both ends */
#define LABEL_MAX           63  /* likewise */
#define NAME_LETTERS        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."

/* Each check tells what is impossible about its setting beside the others; NULL = nothing. */

static char *
check_mtu (const SpSettings *settings)
{
  if (settings->ipv6 == SP_WORD_OFF || settings->mtu == 0 || settings->mtu >= SP_MTU_LINK_MIN_IPV6)
    return NULL;
  return g_strdup_printf ("%u is too small for IPv6; write at least %u, or ipv6 = off",
                          settings->mtu, SP_MTU_LINK_MIN_IPV6);
}

static char *
check_beside_session (const SpSettings *settings, guint idle_timeout)
{
  if (settings->session_timeout == 0 || idle_timeout <= settings->session_timeout)
    return NULL;
  return g_strdup_printf (
      "%u is longer than session-timeout, so it would never matter; write at most %u, or never",
      idle_timeout, settings->session_timeout);
}

static char *
check_idle_timeout (const SpSettings *settings)
{
  return check_beside_session (settings, settings->idle_timeout);
}

static char *
check_mobile_idle_timeout (const SpSettings *settings)
{
  return check_beside_session (settings, settings->mobile_idle_timeout);
}

/* A device that keeps the range out of its tunnel cannot reach the server inside. */
static char *
check_excluded_routes (const SpSettings *settings)
{
  const SpNetworkList *ranges[] = { &settings->ipv4_range, &settings->ipv6_range };

  for (guint i = 0; i < settings->excluded_routes.n; i++)
    for (guint j = 0; j < G_N_ELEMENTS (ranges); j++)
      {
        const SpNetwork *excluded = &settings->excluded_routes.items[i];
        char text[SP_ENDPOINT_TEXT_MAX];

        if (ranges[j]->n == 0 || !sp_network_overlaps (excluded, &ranges[j]->items[0]))
          continue;
        sp_network_to_text (excluded, text);
        return g_strdup_printf ("%s overlaps with %s, where devices have their addresses; "
                                "write networks outside it",
                                text, j == 0 ? "ipv4-range" : "ipv6-range");
      }
  return NULL;
}

static char *
check_length (const SpDomainList *domains, guint most)
{
  g_autofree char *joined = NULL;

  if (domains->n == 0)
    return NULL;
  joined = g_strjoinv (" ", domains->items);
  if (strlen (joined) <= most)
    return NULL;
  return g_strdup_printf ("all domains together have %u bytes; write at most %u",
                          (guint) strlen (joined), most);
}

static char *
check_domains (const SpSettings *settings)
{
  return check_length (&settings->domains, SP_DOMAIN_MAX);
}

static char *
check_split_dns (const SpSettings *settings)
{
  return check_length (&settings->split_dns, SP_SPLIT_DNS_MAX);
}

static char *
check_backup_folder (const SpSettings *settings)
{
  if (settings->backup_folder[0] == '\0' || g_path_is_absolute (settings->backup_folder))
    return NULL;
  return g_strdup ("a folder is written from the root on, as /mnt/backups");
}

/* One socket takes a place of another: the same port, and an address that is the same or stands for
 * all. */
static gboolean
is_taken (const SpSettings *settings, const SpEndpoint *place, const guint8 *address)
{
  gboolean meets = sp_address_is_unset (place->address) || sp_address_is_unset (address) ||
                   memcmp (place->address, address, SP_ADDRESS_SIZE) == 0;

  return meets && (place->port == settings->port || place->port == settings->udp_port);
}

static gboolean
is_listened (const SpSettings *settings, const SpEndpoint *place)
{
  static const guint8 any[SP_ADDRESS_SIZE];
  const SpAddressList *addresses = &settings->listen_addresses;
  gboolean taken = addresses->n == 0 && is_taken (settings, place, any);

  for (guint i = 0; !taken && i < addresses->n; i++)
    taken = is_taken (settings, place, addresses->items[i]);
  return taken;
}

static gboolean
places_meet (const SpEndpoint *a, const SpEndpoint *b)
{
  return a->port == b->port &&
         (sp_address_is_unset (a->address) || sp_address_is_unset (b->address) ||
          memcmp (a->address, b->address, SP_ADDRESS_SIZE) == 0);
}

static char *
check_also_listen (const SpSettings *settings)
{
  const SpEndpointList *more = &settings->also_listen;
  char text[SP_ENDPOINT_TEXT_MAX];

  for (guint i = 0; i < more->n; i++)
    {
      gboolean again = is_listened (settings, &more->items[i]);

      for (guint j = 0; !again && j < i; j++)
        again = places_meet (&more->items[i], &more->items[j]);
      if (!again)
        continue;
      sp_endpoint_to_text (&more->items[i], text);
      return g_strdup_printf (
          "the server answers at %s already, by port, udp-port or another place "
          "of the list; leave it out",
          text);
    }
  return NULL;
}

static char *
check_metrics (const SpSettings *settings)
{
  static const char *const own[] = { "127.0.0.0/8", "::1/128" };

  for (guint i = 0; i < settings->metrics.n; i++)
    {
      gboolean inside = FALSE;
      SpNetwork network;
      char text[SP_ENDPOINT_TEXT_MAX];

      for (guint j = 0; j < G_N_ELEMENTS (own); j++)
        inside |= sp_network_from_text (own[j], &network) &&
                  sp_network_contains (&network, settings->metrics.items[i].address);
      if (inside)
        continue;
      sp_endpoint_to_text (&settings->metrics.items[i], text);
      return g_strdup_printf (
          "%s can be reached from other computers; write 127.0.0.1 or [::1] and "
          "a port",
          text);
    }
  return NULL;
}

/* As the kernel has it: neither of these can be in a device's name. */
static char *
check_listen_device (const SpSettings *settings)
{
  if (strpbrk (settings->listen_device, "/: \t") == NULL)
    return NULL;
  return g_strdup ("that is not the name of a network device; write one that “ip link” lists");
}

static char *
check_sign_in (const SpSettings *settings)
{
  if (settings->sign_in != SP_WORD_PAM || sp_pam_is_built ())
    return NULL;
  return g_strdup ("this server was built without PAM; write another word");
}

/* Clients that connect by an address name no server. */
static char *
check_name_gate (const SpSettings *settings)
{
  guint8 address[SP_ADDRESS_SIZE];

  if (settings->name_gate == SP_WORD_OFF)
    return NULL;
  if (settings->name[0] == '\0' || sp_address_from_text (settings->name, address))
    return g_strdup ("the server has no name that devices could call it by; set name of [server] "
                     "to one, or write off");
  if (settings->name_gate != SP_WORD_LABEL ||
      strlen (settings->name) + 1 + SP_LABEL_LENGTH <= HOST_NAME_MAX_BYTES)
    return NULL;
  return g_strdup_printf ("name of [server] is too long to have a label before it; it has at most "
                          "%u bytes then",
                          HOST_NAME_MAX_BYTES - SP_LABEL_LENGTH - 1);
}

/* --- dynamic DNS --- */

static char *
check_dynamic_dns_url (const SpSettings *settings)
{
  gboolean has_places = settings->dynamic_dns_mode == SP_WORD_URL;
  const char *why = has_places || settings->dynamic_dns_mode == SP_WORD_DYNDNS2
                        ? sp_update_url_check (settings->dynamic_dns_url, FALSE, has_places)
                        : NULL;

  if (why == NULL)
    return NULL;
  return g_strdup_printf ("the address of the provider %s; set url as in %s, or write off", why,
                          has_places ? "https://example.net/?name={name}&ip={ip}"
                                     : "https://members.example.net");
}

static char *
check_dynamic_dns_host (const SpSettings *settings)
{
  const char *name =
      settings->dynamic_dns_host[0] != '\0' ? settings->dynamic_dns_host : settings->name;
  gboolean is_told =
      settings->dynamic_dns_mode == SP_WORD_DYNDNS2 ||
      settings->dynamic_dns_mode == SP_WORD_RFC2136 ||
      (settings->dynamic_dns_mode == SP_WORD_URL && strstr (settings->dynamic_dns_url, "{name}"));
  guint8 address[SP_ADDRESS_SIZE];

  if (!is_told || (name[0] != '\0' && !sp_address_from_text (name, address)))
    return NULL;
  return g_strdup ("there is no name that could lead here; set host to one, or write off");
}

static char *
check_dynamic_dns_user (const SpSettings *settings)
{
  if (strchr (settings->dynamic_dns_user, ':') == NULL) /* RFC 7617 2 */
    return NULL;
  return g_strdup ("no account has a colon in it; write it without");
}

static char *
check_dynamic_dns_account (const SpSettings *settings)
{
  if (settings->dynamic_dns_mode != SP_WORD_DYNDNS2 || settings->dynamic_dns_user[0] != '\0')
    return NULL;
  return g_strdup ("dyndns2 needs the name of an account; set user to it, or write off");
}

static char *
check_address_check_url (const SpSettings *settings)
{
  const char *why = settings->address_check_url[0] != '\0'
                        ? sp_update_url_check (settings->address_check_url, TRUE, FALSE)
                        : NULL;

  return why != NULL ? g_strdup_printf ("it %s; write nothing, or as in "
                                        "https://checkip.example.net/",
                                        why)
                     : NULL;
}

/* --- updates of a zone --- */

static char *
check_dns_update_server (const SpSettings *settings)
{
  const char *server = settings->dns_update_server;
  g_autofree char *url = g_strconcat ("https://", server, NULL);

  if (server[0] == '\0' ||
      (strpbrk (server, "/?#") == NULL && sp_update_url_check (url, FALSE, FALSE) == NULL))
    return NULL;
  return g_strdup (
      "it is neither a name nor an address; write nothing, or as in ns1.example.net or "
      "192.0.2.53:5353");
}

/* Keys are called as domains are (RFC 8945 4.2). */
static char *
check_dns_update_key (const SpSettings *settings)
{
  const char *key = settings->dns_update_key;
  g_auto (GStrv) labels = g_strsplit (key, ".", -1);
  gboolean is_name = strspn (key, NAME_LETTERS) == strlen (key);

  for (guint i = 0; key[0] != '\0' && labels[i] != NULL; i++)
    if (labels[i][0] == '\0' || strlen (labels[i]) > LABEL_MAX)
      is_name = FALSE;
  return is_name ? NULL : g_strdup ("no key is called so; write letters, digits, dots, - and _");
}

static char *
check_dynamic_dns_zone (const SpSettings *settings)
{
  const char *name =
      settings->dynamic_dns_host[0] != '\0' ? settings->dynamic_dns_host : settings->name;

  if (settings->dynamic_dns_mode != SP_WORD_RFC2136)
    return NULL;
  if (settings->dns_update_server[0] == '\0' || settings->dns_update_zone[0] == '\0' ||
      settings->dns_update_key[0] == '\0')
    return g_strdup ("rfc2136 needs a name server and a key; set server, zone and key of "
                     "[dns-update], or write off");
  if (sp_check_within (name, settings->dns_update_zone))
    return NULL;
  return g_strdup_printf ("%s is not in the zone %s; set host, or zone of [dns-update]", name,
                          settings->dns_update_zone);
}

/* --- a certificate from an authority --- */

static char *
check_acme_directory (const SpSettings *settings)
{
  const char *why = settings->acme_directory[0] != '\0'
                        ? sp_update_url_check (settings->acme_directory, FALSE, FALSE)
                        : NULL;

  return why != NULL ? g_strdup_printf ("it %s; write nothing, or as in "
                                        "https://acme.example.net/directory",
                                        why)
                     : NULL;
}

/* Labels stand before the name, and an authority that looks for the server proves none of those. */
static char *
check_acme_name (const SpSettings *settings)
{
  guint8 address[SP_ADDRESS_SIZE];
  gboolean has_name = settings->name[0] != '\0' && !sp_address_from_text (settings->name, address);

  if (settings->acme_directory[0] == '\0')
    return NULL;
  if (settings->name_gate == SP_WORD_LABEL)
    return g_strdup ("an authority does not certify the labels that name-gate of [security] asks "
                     "for; set that to another word, or write nothing");
  return has_name ? NULL
                  : g_strdup ("there is no name to certify; set name of [server] to one, or write "
                              "nothing");
}

static char *
check_acme_proof (const SpSettings *settings)
{
  const char *name = settings->name;
  guint i = 0;

  if (settings->acme_directory[0] == '\0')
    return NULL;
  if (settings->acme_proof == SP_WORD_HOOK && settings->acme_hook[0] == '\0')
    return g_strdup ("there is no program for that; set hook to one, or write auto");
  if (settings->acme_proof != SP_WORD_DNS_01)
    return NULL;
  if (settings->dns_update_server[0] == '\0' || settings->dns_update_zone[0] == '\0' ||
      settings->dns_update_key[0] == '\0')
    return g_strdup ("dns-01 needs a name server and a key; set server, zone and key of "
                     "[dns-update], or write auto");
  while (sp_check_within (name, settings->dns_update_zone))
    {
      if (i == settings->acme_names.n)
        return NULL;
      name = settings->acme_names.items[i++];
    }
  return g_strdup_printf ("%s is not in the zone %s; set zone of [dns-update], or write auto", name,
                          settings->dns_update_zone);
}

static char *
check_acme_contact (const SpSettings *settings)
{
  const char *contact = settings->acme_contact;
  const char *at = strchr (contact, '@');

  if (contact[0] == '\0' || (at != NULL && at != contact && sp_check_domain (at + 1) &&
                             strpbrk (contact, " \t,;:<>()[]\"\\%") == NULL))
    return NULL;
  return g_strdup ("that is no address of mail; write one, as in admin@example.net, or nothing");
}

static char *
check_acme_authorities (const SpSettings *settings)
{
  if (settings->acme_authorities[0] == '\0' || g_path_is_absolute (settings->acme_authorities))
    return NULL;
  return g_strdup ("a file is written from the root on, as /etc/ssl/our-house.pem");
}

static char *
check_acme_hook (const SpSettings *settings)
{
  if (settings->acme_hook[0] == '\0' || g_path_is_absolute (settings->acme_hook))
    return NULL;
  return g_strdup ("a program is written from the root on, as /etc/sallyport/dns-hook");
}

static const struct
{
  gsize offset; /* of the member that the check is about */
  char *(*check) (const SpSettings *settings);
} checks[] = {
  { G_STRUCT_OFFSET (SpSettings, also_listen), check_also_listen },
  { G_STRUCT_OFFSET (SpSettings, listen_device), check_listen_device },
  { G_STRUCT_OFFSET (SpSettings, metrics), check_metrics },
  { G_STRUCT_OFFSET (SpSettings, mtu), check_mtu },
  { G_STRUCT_OFFSET (SpSettings, idle_timeout), check_idle_timeout },
  { G_STRUCT_OFFSET (SpSettings, mobile_idle_timeout), check_mobile_idle_timeout },
  { G_STRUCT_OFFSET (SpSettings, excluded_routes), check_excluded_routes },
  { G_STRUCT_OFFSET (SpSettings, domains), check_domains },
  { G_STRUCT_OFFSET (SpSettings, backup_folder), check_backup_folder },
  { G_STRUCT_OFFSET (SpSettings, split_dns), check_split_dns },
  { G_STRUCT_OFFSET (SpSettings, sign_in), check_sign_in },
  { G_STRUCT_OFFSET (SpSettings, name_gate), check_name_gate },
  { G_STRUCT_OFFSET (SpSettings, dynamic_dns_mode), check_dynamic_dns_url },
  { G_STRUCT_OFFSET (SpSettings, dynamic_dns_mode), check_dynamic_dns_host },
  { G_STRUCT_OFFSET (SpSettings, dynamic_dns_mode), check_dynamic_dns_account },
  { G_STRUCT_OFFSET (SpSettings, dynamic_dns_mode), check_dynamic_dns_zone },
  { G_STRUCT_OFFSET (SpSettings, dynamic_dns_user), check_dynamic_dns_user },
  { G_STRUCT_OFFSET (SpSettings, address_check_url), check_address_check_url },
  { G_STRUCT_OFFSET (SpSettings, dns_update_server), check_dns_update_server },
  { G_STRUCT_OFFSET (SpSettings, dns_update_key), check_dns_update_key },
  { G_STRUCT_OFFSET (SpSettings, acme_directory), check_acme_directory },
  { G_STRUCT_OFFSET (SpSettings, acme_directory), check_acme_name },
  { G_STRUCT_OFFSET (SpSettings, acme_proof), check_acme_proof },
  { G_STRUCT_OFFSET (SpSettings, acme_contact), check_acme_contact },
  { G_STRUCT_OFFSET (SpSettings, acme_authorities), check_acme_authorities },
  { G_STRUCT_OFFSET (SpSettings, acme_hook), check_acme_hook },
};

static const SpSettingRow *
find_row_at (gsize offset)
{
  const SpSettingRow *row = sp_setting_rows;

  while (row->offset != offset)
    row++;
  return row;
}

const SpSettingRow *
sp_settings_find_conflict (const SpSettings *settings, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (checks); i++)
    {
      g_autofree char *why = checks[i].check (settings);
      if (why == NULL)
        continue;
      g_set_error_literal (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS, why);
      return find_row_at (checks[i].offset);
    }
  return NULL;
}
