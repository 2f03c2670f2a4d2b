/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ocserv-map.h"

#include "base/endpoint.h"

#include <string.h>

#define NUMBER_MAX G_MAXUINT32

const char *
sp_import_verdict_word (SpImportVerdict verdict)
{
  static const char *const words[] = { "same", "different", "needless", "not" };

  return words[verdict];
}

/* --- values: ours as text, or NULL if it cannot be said here --- */

typedef char *(*Convert) (const char *value);

static gboolean
read_number (const char *value, guint64 *ret_number)
{
  return g_ascii_string_to_unsigned (value, 10, 0, NUMBER_MAX, ret_number, NULL);
}

static char *
convert_number (const char *value)
{
  guint64 number;

  return read_number (value, &number) ? g_strdup_printf ("%" G_GUINT64_FORMAT, number) : NULL;
}

static char *
convert_number_or (const char *value, const char *zero)
{
  g_autofree char *text = convert_number (value);

  if (text != NULL && strcmp (text, "0") == 0)
    return g_strdup (zero);
  return g_steal_pointer (&text);
}

static char *
convert_or_off (const char *value)
{
  return convert_number_or (value, "off");
}

static char *
convert_or_never (const char *value)
{
  return convert_number_or (value, "never");
}

static gboolean
is_true (const char *value)
{
  return g_ascii_strcasecmp (value, "true") == 0 || g_ascii_strcasecmp (value, "yes") == 0 ||
         strcmp (value, "1") == 0;
}

static char *
convert_inverted (const char *value)
{
  return g_strdup (is_true (value) ? "no" : "yes");
}

static char *
convert_text (const char *value)
{
  return g_strdup (value);
}

static char *
convert_address (const char *value)
{
  guint8 address[SP_ADDRESS_SIZE];

  return sp_address_from_text (value, address) ? g_strdup (value) : NULL;
}

/* A mask in dots, or a number of bits; -1: neither. */
static int
read_mask (const char *mask, guint bits_max)
{
  guint8 bytes[SP_ADDRESS_SIZE];
  guint64 bits;
  guint32 word;

  if (g_ascii_string_to_unsigned (mask, 10, 0, bits_max, &bits, NULL))
    return (int) bits;
  if (!sp_address_from_text (mask, bytes) || !sp_address_is_ipv4 (bytes))
    return -1;
  word = ~sp_address_to_ipv4 (bytes);
  if ((word & (word + 1)) != 0)
    return -1;
  return 32 - (word == 0 ? 0 : (int) g_bit_storage (word));
}

char *
sp_import_network (const char *address, const char *mask)
{
  const char *slash = strchr (address, '/');
  g_autofree char *bare =
      slash != NULL ? g_strndup (address, (gsize) (slash - address)) : g_strdup (address);
  char text[SP_ENDPOINT_TEXT_MAX];
  SpNetwork network;
  guint most;
  int bits;

  if (slash != NULL)
    mask = slash + 1;
  if (!sp_address_from_text (bare, network.address))
    return NULL;
  most = sp_address_is_ipv4 (network.address) ? 32 : 128;
  bits = mask != NULL ? read_mask (mask, most) : (int) most;
  if (bits < 0)
    return NULL;
  network.length = (guint8) (bits + 128 - (int) most);
  for (guint i = 0; i < SP_ADDRESS_SIZE; i++)
    {
      int left = (int) network.length - (int) (8 * i);

      if (left < 8)
        network.address[i] &= left <= 0 ? 0 : (guint8) (0xff << (8 - left));
    }
  sp_network_to_text (&network, text);
  return g_strdup (text);
}

static char *
convert_route (const char *value)
{
  if (strcmp (value, "default") == 0 || strcmp (value, "0.0.0.0/0") == 0)
    return g_strdup ("all");
  return sp_import_network (value, NULL);
}

static char *
convert_rekey_method (const char *value)
{
  return strcmp (value, "ssl") == 0 || strcmp (value, "new-tunnel") == 0 ? g_strdup (value) : NULL;
}

static char *
convert_compression (const char *value)
{
  return g_strdup (is_true (value) ? "any" : "off");
}

static char *
convert_legacy (const char *value)
{
  return g_strdup (is_true (value) ? "dtls12" : "off");
}

static char *
convert_priorities (const char *value)
{
  return strstr (value, "-VERS-TLS1.3") != NULL ? g_strdup ("1.2") : NULL;
}

static char *
convert_log_level (const char *value)
{
  guint64 level;

  if (!read_number (value, &level))
    return NULL;
  return g_strdup (level <= 2 ? "notice" : "debug");
}

/* --- the table --- */

#define OWN_KEY                                                                                     \
  "the server made a key of its own; `sallyportctl certificate import FILE…` gives it this one, " \
  "certificate and key"
#define CONFINED  "its processes always run apart, without privileges"
#define NO_SCRIPT "no scripts are run; `sallyportctl monitor --json` tells what happens"
#define BANS      "who fails to sign in waits longer each time, each by himself; nothing is to be set"

/* clang-format off */
static const struct
{
  const char *key;
  SpImportVerdict verdict;
  const char *setting;
  Convert convert;
  gboolean list; /* several lines add up */
  const char *words;
} rows[] = {
  { "tcp-port",            SP_IMPORT_SAME,      "port",                convert_number,       FALSE, NULL },
  { "udp-port",            SP_IMPORT_SAME,      "udp-port",            convert_or_off,       FALSE, NULL },
  { "listen-host",         SP_IMPORT_SAME,      "listen-addresses",    convert_address,      TRUE,  "addresses only, no names" },
  { "max-same-clients",    SP_IMPORT_DIFFERENT, "sessions-per-user",   convert_or_off,       FALSE, "one more does not fail, it takes the place of an older one" },
  { "keepalive",           SP_IMPORT_SAME,      "keepalive",           convert_or_off,       FALSE, NULL },
  { "dpd",                 SP_IMPORT_SAME,      "dpd",                 convert_or_off,       FALSE, NULL },
  { "mobile-dpd",          SP_IMPORT_SAME,      "mobile-dpd",          convert_or_off,       FALSE, NULL },
  { "cookie-timeout",      SP_IMPORT_SAME,      "cookie-timeout",      convert_number,       FALSE, NULL },
  { "session-timeout",     SP_IMPORT_SAME,      "session-timeout",     convert_or_never,     FALSE, NULL },
  { "idle-timeout",        SP_IMPORT_SAME,      "idle-timeout",        convert_or_never,     FALSE, NULL },
  { "mobile-idle-timeout", SP_IMPORT_SAME,      "mobile-idle-timeout", convert_or_never,     FALSE, NULL },
  { "rekey-time",          SP_IMPORT_SAME,      "rekey",               convert_or_off,       FALSE, NULL },
  { "rekey-method",        SP_IMPORT_SAME,      "rekey-method",        convert_rekey_method, FALSE, NULL },
  { "mtu",                 SP_IMPORT_NEEDLESS,  NULL,                  NULL,                 FALSE, "the size of packets is always found out" },
  { "deny-roaming",        SP_IMPORT_SAME,      "roaming",             convert_inverted,     FALSE, NULL },
  { "banner",              SP_IMPORT_SAME,      "banner",              convert_text,         FALSE, NULL },
  { "default-domain",      SP_IMPORT_SAME,      "domains",             convert_text,         TRUE,  NULL },
  { "split-dns",           SP_IMPORT_DIFFERENT, "domains",             convert_text,         TRUE,  "short names are looked up there, too" },
  { "dns",                 SP_IMPORT_SAME,      "dns",                 convert_address,      TRUE,  "addresses only" },
  { "ipv4-dns",            SP_IMPORT_SAME,      "dns",                 convert_address,      TRUE,  NULL },
  { "ipv6-dns",            SP_IMPORT_SAME,      "dns",                 convert_address,      TRUE,  NULL },
  { "route",               SP_IMPORT_SAME,      "routes",              convert_route,        TRUE,  "a network or default" },
  { "no-route",            SP_IMPORT_SAME,      "excluded-routes",     convert_route,        TRUE,  "a network" },
  { "ipv4-network",        SP_IMPORT_SAME,      "ipv4-range",          NULL,                 FALSE, NULL },
  { "ipv4-netmask",        SP_IMPORT_SAME,      "ipv4-range",          NULL,                 FALSE, NULL },
  { "ipv6-network",        SP_IMPORT_SAME,      "ipv6-range",          convert_route,        FALSE, "a network" },
  { "compression",         SP_IMPORT_SAME,      "compression",         convert_compression,  FALSE, NULL },
  { "dtls-legacy",         SP_IMPORT_DIFFERENT, "legacy-dtls",         convert_legacy,       FALSE, "DTLS 1.2 only; legacy-dtls = all for what is older" },
  { "cisco-client-compat", SP_IMPORT_DIFFERENT, "legacy-dtls",         convert_legacy,       FALSE, "DTLS 1.2 only; legacy-dtls = all for what is older" },
  { "tls-priorities",      SP_IMPORT_DIFFERENT, "tls",                 convert_priorities,   FALSE, "only the newest version can be chosen; old ones and weak ciphers are never there" },
  { "log-level",           SP_IMPORT_DIFFERENT, "log-level",           convert_log_level,    FALSE, "notice or debug" },
  { "auth",                SP_IMPORT_DIFFERENT, NULL,                  NULL,                 FALSE, "users of a password file are taken over" },
  { "enable-auth",         SP_IMPORT_NOT,       NULL,                  NULL,                 FALSE, "one way to sign in for all" },
  { "acct",                SP_IMPORT_NOT,       NULL,                  NULL,                 FALSE, "the history of sessions is kept here" },
  { "config-per-user",     SP_IMPORT_DIFFERENT, NULL,                  NULL,                 FALSE, "each file becomes values of its user" },
  { "config-per-group",    SP_IMPORT_DIFFERENT, NULL,                  NULL,                 FALSE, "there are no groups: each file becomes values of their members" },
  { "default-user-config", SP_IMPORT_NOT,       NULL,                  NULL,                 FALSE, "write its lines into the settings" },
  { "default-group-config",SP_IMPORT_NOT,       NULL,                  NULL,                 FALSE, "there are no groups" },
  { "select-group",        SP_IMPORT_NOT,       NULL,                  NULL,                 FALSE, "there are no groups" },
  { "auto-select-group",   SP_IMPORT_NOT,       NULL,                  NULL,                 FALSE, "there are no groups" },
  { "default-select-group",SP_IMPORT_NOT,       NULL,                  NULL,                 FALSE, "there are no groups" },
  { "server-cert",         SP_IMPORT_NOT,       NULL,                  NULL,                 FALSE, OWN_KEY },
  { "server-key",          SP_IMPORT_NOT,       NULL,                  NULL,                 FALSE, OWN_KEY },
  { "ca-cert",             SP_IMPORT_NOT,       NULL,                  NULL,                 FALSE, "devices get certificates of this server's own authority" },
  { "crl",                 SP_IMPORT_NOT,       NULL,                  NULL,                 FALSE, "devices get certificates of this server's own authority" },
  { "cert-user-oid",       SP_IMPORT_NEEDLESS,  NULL,                  NULL,                 FALSE, "a device's certificate belongs to one user" },
  { "ocsp-response",       SP_IMPORT_NOT,       NULL,                  NULL,                 FALSE, OWN_KEY },
  { "dh-params",           SP_IMPORT_NEEDLESS,  NULL,                  NULL,                 FALSE, "keys are agreed on by elliptic curves" },
  { "connect-script",      SP_IMPORT_NOT,       NULL,                  NULL,                 FALSE, NO_SCRIPT },
  { "disconnect-script",   SP_IMPORT_NOT,       NULL,                  NULL,                 FALSE, NO_SCRIPT },
  { "host-update-script",  SP_IMPORT_NOT,       NULL,                  NULL,                 FALSE, NO_SCRIPT },
  { "route-add-cmd",       SP_IMPORT_NOT,       NULL,                  NULL,                 FALSE, NO_SCRIPT },
  { "route-del-cmd",       SP_IMPORT_NOT,       NULL,                  NULL,                 FALSE, NO_SCRIPT },
  { "camouflage",          SP_IMPORT_NOT,       NULL,                  NULL,                 FALSE, "strangers get one plain answer anyway (stranger-answer)" },
  { "camouflage_secret",   SP_IMPORT_NOT,       NULL,                  NULL,                 FALSE, "strangers get one plain answer anyway (stranger-answer)" },
  { "camouflage_realm",    SP_IMPORT_NOT,       NULL,                  NULL,                 FALSE, "strangers get one plain answer anyway (stranger-answer)" },
  { "listen-proxy-proto",  SP_IMPORT_NOT,       NULL,                  NULL,                 FALSE, "clients connect directly; the door looks at where from" },
  { "rx-data-per-sec",     SP_IMPORT_NOT,       NULL,                  NULL,                 FALSE, "set RateUp of each user, in bits a second" },
  { "tx-data-per-sec",     SP_IMPORT_NOT,       NULL,                  NULL,                 FALSE, "set RateDown of each user, in bits a second" },
  { "restrict-user-to-routes", SP_IMPORT_NOT,   NULL,                  NULL,                 FALSE, "set Reach of each user" },
  { "restrict-user-to-ports",  SP_IMPORT_NOT,   NULL,                  NULL,                 FALSE, "set Reach and ReachHosts of each user" },
  { "tunnel-all-dns",      SP_IMPORT_NOT,       NULL,                  NULL,                 FALSE, NULL },
  { "user-profile",        SP_IMPORT_NOT,       NULL,                  NULL,                 FALSE, "there are no profiles to download" },
  { "proxy-url",           SP_IMPORT_NOT,       NULL,                  NULL,                 FALSE, NULL },
  { "max-clients",         SP_IMPORT_NEEDLESS,  NULL,                  NULL,                 FALSE, "there is room for 2000 sessions" },
  { "rate-limit-ms",       SP_IMPORT_NEEDLESS,  NULL,                  NULL,                 FALSE, "strangers are limited before they cost anything" },
  { "max-ban-score",       SP_IMPORT_NEEDLESS,  NULL,                  NULL,                 FALSE, BANS },
  { "ban-time",            SP_IMPORT_NEEDLESS,  NULL,                  NULL,                 FALSE, BANS },
  { "min-reauth-time",     SP_IMPORT_NEEDLESS,  NULL,                  NULL,                 FALSE, BANS },
  { "ban-reset-time",      SP_IMPORT_NEEDLESS,  NULL,                  NULL,                 FALSE, BANS },
  { "ban-points-wrong-password", SP_IMPORT_NEEDLESS, NULL,             NULL,                 FALSE, BANS },
  { "ban-points-connection", SP_IMPORT_NEEDLESS, NULL,                 NULL,                 FALSE, BANS },
  { "auth-timeout",        SP_IMPORT_NEEDLESS,  NULL,                  NULL,                 FALSE, "who does not sign in makes room for others" },
  { "isolate-workers",     SP_IMPORT_NEEDLESS,  NULL,                  NULL,                 FALSE, CONFINED },
  { "run-as-user",         SP_IMPORT_NEEDLESS,  NULL,                  NULL,                 FALSE, CONFINED },
  { "run-as-group",        SP_IMPORT_NEEDLESS,  NULL,                  NULL,                 FALSE, CONFINED },
  { "chroot-dir",          SP_IMPORT_NEEDLESS,  NULL,                  NULL,                 FALSE, CONFINED },
  { "socket-file",         SP_IMPORT_NEEDLESS,  NULL,                  NULL,                 FALSE, CONFINED },
  { "pid-file",            SP_IMPORT_NEEDLESS,  NULL,                  NULL,                 FALSE, "the service manager knows the process" },
  { "use-occtl",           SP_IMPORT_NEEDLESS,  NULL,                  NULL,                 FALSE, "sallyportctl always works" },
  { "occtl-socket-file",   SP_IMPORT_NEEDLESS,  NULL,                  NULL,                 FALSE, "sallyportctl always works" },
  { "device",              SP_IMPORT_NEEDLESS,  NULL,                  NULL,                 FALSE, "devices are named by the server" },
  { "predictable-ips",     SP_IMPORT_NEEDLESS,  NULL,                  NULL,                 FALSE, "an address stays with its session" },
  { "ping-leases",         SP_IMPORT_NEEDLESS,  NULL,                  NULL,                 FALSE, "nobody else uses the range" },
  { "try-mtu-discovery",   SP_IMPORT_NEEDLESS,  NULL,                  NULL,                 FALSE, "the size of packets is always found out" },
  { "switch-to-tcp-timeout", SP_IMPORT_NEEDLESS, NULL,                 NULL,                 FALSE, "the way of packets is chosen by what arrives" },
  { "server-stats-reset-time", SP_IMPORT_NEEDLESS, NULL,               NULL,                 FALSE, "the history counts for good" },
  { "stats-report-time",   SP_IMPORT_NEEDLESS,  NULL,                  NULL,                 FALSE, "counters can be followed" },
  { "use-utmp",            SP_IMPORT_NEEDLESS,  NULL,                  NULL,                 FALSE, "the history knows who was there" },
  { "dtls-psk",            SP_IMPORT_NEEDLESS,  NULL,                  NULL,                 FALSE, "it is always so" },
  { "match-tls-dtls-ciphers", SP_IMPORT_NEEDLESS, NULL,                NULL,                 FALSE, NULL },
  { "client-bypass-protocol", SP_IMPORT_NOT,    NULL,                  NULL,                 FALSE, "see ipv6 = off" },
  { "included-http-headers", SP_IMPORT_NEEDLESS, NULL,                 NULL,                 FALSE, NULL },
  { "custom-header",       SP_IMPORT_NOT,       NULL,                  NULL,                 FALSE, NULL },
  { "output-buffer",       SP_IMPORT_NEEDLESS,  NULL,                  NULL,                 FALSE, NULL },
  { "expose-iroutes",      SP_IMPORT_NOT,       NULL,                  NULL,                 FALSE, "set what is behind a user's device at the user" },
  { "append-routes",       SP_IMPORT_NOT,       NULL,                  NULL,                 FALSE, NULL },
  { "nbns",                SP_IMPORT_NOT,       NULL,                  NULL,                 FALSE, NULL },
  { "ipv4-nbns",           SP_IMPORT_NOT,       NULL,                  NULL,                 FALSE, NULL },
  { "kkdcp",               SP_IMPORT_NOT,       NULL,                  NULL,                 FALSE, NULL },
  { "no-udp",              SP_IMPORT_NOT,       NULL,                  NULL,                 FALSE, "udp-port = off switches it off for all" },
  { "server-drain-ms",     SP_IMPORT_NEEDLESS,  NULL,                  NULL,                 FALSE, "clients are told before the server stops" },
  { "listen-netns",        SP_IMPORT_NOT,       NULL,                  NULL,                 FALSE, NULL },
  { "listen-host-is-dyndns", SP_IMPORT_NEEDLESS, NULL,                 NULL,                 FALSE, NULL },
  { "udp-listen-host",     SP_IMPORT_NOT,       NULL,                  NULL,                 FALSE, "both channels listen on the same addresses" },
  { "compression-algo-priority", SP_IMPORT_NEEDLESS, NULL,             NULL,                 FALSE, "see compression" },
  { "no-compress-limit",   SP_IMPORT_NEEDLESS,  NULL,                  NULL,                 FALSE, "see compression" },
  { "persistent-cookies",  SP_IMPORT_NOT,       NULL,                  NULL,                 FALSE, "who logs out has to sign in again" },
  { "limit-worker-memory", SP_IMPORT_NEEDLESS,  NULL,                  NULL,                 FALSE, CONFINED },
  { "sec-mod-scale",       SP_IMPORT_NEEDLESS,  NULL,                  NULL,                 FALSE, NULL },
  { "cert-group-oid",      SP_IMPORT_NOT,       NULL,                  NULL,                 FALSE, "there are no groups" },
  { "pin-file",            SP_IMPORT_NOT,       NULL,                  NULL,                 FALSE, OWN_KEY },
  { "srk-pin-file",        SP_IMPORT_NOT,       NULL,                  NULL,                 FALSE, OWN_KEY },
  { "pre-login-banner",    SP_IMPORT_NOT,       NULL,                  NULL,                 FALSE, "see banner" },
  { "syslog-facility",     SP_IMPORT_NEEDLESS,  NULL,                  NULL,                 FALSE, "the log goes to standard error" },
  { "ipv6-subnet-prefix",  SP_IMPORT_NEEDLESS,  NULL,                  NULL,                 FALSE, "each session has one IPv6 address" },
  { "cisco-svc-client-compat", SP_IMPORT_NEEDLESS, NULL,               NULL,                 FALSE, NULL },
  { "net-priority",        SP_IMPORT_NOT,       NULL,                  NULL,                 FALSE, NULL },
};
/* clang-format on */

static void
add_setting (SpImport *import, const char *setting, const char *value, gboolean list)
{
  const char *before = g_hash_table_lookup (import->settings, setting);
  g_autofree char *joined = NULL;

  if (list && before != NULL && strcmp (before, "all") == 0)
    return;
  if (list && before != NULL && strcmp (value, "all") != 0)
    joined = g_strjoin (", ", before, value, NULL);
  (void) g_hash_table_replace (import->settings, g_strdup (setting),
                               g_strdup (joined != NULL ? joined : value));
}

static void
map_row (SpImport *import, guint row, SpImportLine *mapped)
{
  g_autofree char *value = NULL;

  mapped->verdict = rows[row].verdict;
  mapped->words = rows[row].words;
  if (rows[row].convert == NULL)
    {
      mapped->setting = rows[row].setting;
      return;
    }
  value = rows[row].convert (mapped->line->value);
  if (value == NULL)
    {
      mapped->verdict = SP_IMPORT_NOT;
      if (mapped->words == NULL)
        mapped->words = "the value cannot be said here";
      return;
    }
  if (rows[row].verdict == SP_IMPORT_SAME)
    mapped->words = NULL;
  mapped->setting = rows[row].setting;
  add_setting (import, mapped->setting, value, rows[row].list);
}

static void
map_line (SpImport *import, const SpOcservLine *line)
{
  SpImportLine mapped = { line, SP_IMPORT_NOT, "this line is not known", NULL };

  if (line->in_host)
    mapped.words = "only the lines before the first [vhost] are taken over";
  for (guint i = 0; line->key != NULL && i < G_N_ELEMENTS (rows); i++)
    if (strcmp (rows[i].key, line->key) == 0)
      map_row (import, i, &mapped);
  g_array_append_val (import->lines, mapped);
}

static const SpOcservLine *
find (GPtrArray *lines, const char *key)
{
  for (guint i = 0; i < lines->len; i++)
    {
      const SpOcservLine *line = lines->pdata[i];

      if (line->key != NULL && strcmp (line->key, key) == 0)
        return line;
    }
  return NULL;
}

/* What the whole configuration shows of a line, after its own row. */
static void
reject (SpImport *import, const SpOcservLine *line, const char *words)
{
  for (guint i = 0; i < import->lines->len; i++)
    {
      SpImportLine *mapped = &g_array_index (import->lines, SpImportLine, i);

      if (mapped->line != line)
        continue;
      mapped->verdict = SP_IMPORT_NOT;
      mapped->words = words;
      mapped->setting = NULL;
    }
}

static void
map_range (SpImport *import, GPtrArray *lines)
{
  const SpOcservLine *network = find (lines, "ipv4-network");
  const SpOcservLine *mask = find (lines, "ipv4-netmask");
  g_autofree char *text =
      network != NULL ? sp_import_network (network->value, mask != NULL ? mask->value : NULL)
                      : NULL;

  if (text != NULL)
    {
      add_setting (import, "ipv4-range", text, FALSE);
      return;
    }
  reject (import, network, "no network, with its mask");
  reject (import, mask, "no mask of a network");
}

static const char *
explain_sign_in (const char *method)
{
  return g_str_has_prefix (method, "pam")
             ? "its users stand nowhere; add each, and set sign-in=pam"
             : "only users of a password file are taken over; add the others";
}

static void
map_sign_in (SpImport *import, GPtrArray *lines)
{
  for (guint i = 0; i < lines->len; i++)
    {
      const SpOcservLine *line = lines->pdata[i];

      if (line->key != NULL && strcmp (line->key, "auth") == 0 &&
          !g_str_has_prefix (line->value, "plain"))
        reject (import, line, explain_sign_in (line->value));
    }
}

/* "plain[passwd=/etc/ocserv/passwd,otp=…]", or of old "plain[/etc/ocserv/passwd]" */
static char *
find_password_file (const SpOcservLine *auth)
{
  const char *begin = auth != NULL && g_str_has_prefix (auth->value, "plain[")
                          ? auth->value + strlen ("plain[")
                          : NULL;
  gsize size;

  if (begin == NULL)
    return NULL;
  if (g_str_has_prefix (begin, "passwd="))
    begin += strlen ("passwd=");
  size = strcspn (begin, ",]");
  return size > 0 ? g_strndup (begin, size) : NULL;
}

static char *
copy_value (const SpOcservLine *line)
{
  return line != NULL && line->value[0] != '\0' ? g_strdup (line->value) : NULL;
}

SpImport *
sp_import_map (GPtrArray *lines)
{
  SpImport *import = g_new0 (SpImport, 1);

  import->lines = g_array_new (FALSE, FALSE, sizeof (SpImportLine));
  import->settings = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  for (guint i = 0; i < lines->len; i++)
    map_line (import, lines->pdata[i]);
  map_range (import, lines);
  map_sign_in (import, lines);
  import->password_file = find_password_file (find (lines, "auth"));
  import->user_folder = copy_value (find (lines, "config-per-user"));
  import->group_folder = copy_value (find (lines, "config-per-group"));
  return import;
}

void
sp_import_free (SpImport *import)
{
  g_array_unref (import->lines);
  g_hash_table_unref (import->settings);
  g_free (import->password_file);
  g_free (import->user_folder);
  g_free (import->group_folder);
  g_free (import);
}

/* --- users --- */

#define BITS_OF_BYTE 8
#define RATE_MIN     64000 /* bits a second, as the service wants it */

static SpImportVerdict
map_rate (const SpOcservLine *line, const char *name, GVariantDict *values, const char **ret_words)
{
  guint64 bytes;

  *ret_words = "at least 64000 bits a second";
  if (!read_number (line->value, &bytes) || (bytes > 0 && bytes * BITS_OF_BYTE < RATE_MIN))
    return SP_IMPORT_NOT;
  *ret_words = "in bits a second; for all devices of the person together";
  g_variant_dict_insert (values, name, "t", bytes * BITS_OF_BYTE);
  return SP_IMPORT_DIFFERENT;
}

static SpImportVerdict
map_user_line (const SpOcservLine *line, GVariantDict *values, const char **ret_words)
{
  guint64 number;

  *ret_words = "not a value of a user here";
  if (line->key == NULL)
    return SP_IMPORT_NOT;
  if (strcmp (line->key, "rx-data-per-sec") == 0)
    return map_rate (line, "RateUp", values, ret_words);
  if (strcmp (line->key, "tx-data-per-sec") == 0)
    return map_rate (line, "RateDown", values, ret_words);
  if (strcmp (line->key, "max-same-clients") == 0 && read_number (line->value, &number))
    {
      *ret_words = "one more takes the place of an older one";
      g_variant_dict_insert (values, "SessionsMax", "u", (guint32) number);
      return SP_IMPORT_DIFFERENT;
    }
  if (strcmp (line->key, "restrict-user-to-routes") == 0)
    {
      *ret_words = "the routes of the same file become ReachHosts";
      return SP_IMPORT_DIFFERENT;
    }
  if (strcmp (line->key, "route") == 0)
    *ret_words = "only together with restrict-user-to-routes";
  return SP_IMPORT_NOT;
}

/* The routes of a file, if it restricts its user to them. */
static gboolean
map_reach (GPtrArray *lines, GVariantDict *values)
{
  const SpOcservLine *restricted = find (lines, "restrict-user-to-routes");
  g_autoptr (GStrvBuilder) hosts = g_strv_builder_new ();
  g_auto (GStrv) list = NULL;

  for (guint i = 0; restricted != NULL && is_true (restricted->value) && i < lines->len; i++)
    {
      const SpOcservLine *line = lines->pdata[i];
      g_autofree char *network = line->key != NULL && strcmp (line->key, "route") == 0
                                     ? sp_import_network (line->value, NULL)
                                     : NULL;

      if (network != NULL)
        g_strv_builder_add (hosts, network);
    }
  list = g_strv_builder_end (hosts);
  if (list[0] == NULL)
    return FALSE;
  g_variant_dict_insert (values, "Reach", "s", "hosts");
  g_variant_dict_insert (values, "ReachHosts", "^as", list);
  return TRUE;
}

void
sp_import_map_user (GPtrArray *lines, GVariantDict *values, GArray *report)
{
  gboolean restricted = map_reach (lines, values);

  for (guint i = 0; i < lines->len; i++)
    {
      SpImportLine mapped = { lines->pdata[i], SP_IMPORT_NOT, NULL, NULL };

      mapped.verdict = map_user_line (mapped.line, values, &mapped.words);
      if (restricted && mapped.line->key != NULL && strcmp (mapped.line->key, "route") == 0)
        {
          mapped.verdict = SP_IMPORT_DIFFERENT;
          mapped.words = "becomes one of ReachHosts";
        }
      g_array_append_val (report, mapped);
    }
}
