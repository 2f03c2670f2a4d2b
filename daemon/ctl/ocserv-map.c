/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ocserv-map.h"

#include "ocserv-value.h"

#include "base/limits.h"

#include <string.h>

const char *
sp_import_verdict_word (SpImportVerdict verdict)
{
  static const char *const words[] = { "same", "different", "needless", "not" };

  return words[verdict];
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
  SpImportConvert convert;
  gboolean list; /* several lines add up */
  const char *words;
} rows[] = {
  { "tcp-port",            SP_IMPORT_SAME,      "port",                sp_import_convert_number,       FALSE, NULL },
  { "udp-port",            SP_IMPORT_SAME,      "udp-port",            sp_import_convert_or_off,       FALSE, NULL },
  { "listen-host",         SP_IMPORT_SAME,      "listen-addresses",    sp_import_convert_address,      TRUE,  "addresses only, no names" },
  { "max-same-clients",    SP_IMPORT_DIFFERENT, "sessions-per-user",   sp_import_convert_or_off,       FALSE, "one more does not fail, it takes the place of an older one" },
  { "keepalive",           SP_IMPORT_SAME,      "keepalive",           sp_import_convert_or_off,       FALSE, NULL },
  { "dpd",                 SP_IMPORT_SAME,      "dpd",                 sp_import_convert_or_off,       FALSE, NULL },
  { "mobile-dpd",          SP_IMPORT_SAME,      "mobile-dpd",          sp_import_convert_or_off,       FALSE, NULL },
  { "cookie-timeout",      SP_IMPORT_SAME,      "cookie-timeout",      sp_import_convert_number,       FALSE, NULL },
  { "session-timeout",     SP_IMPORT_SAME,      "session-timeout",     sp_import_convert_or_never,     FALSE, NULL },
  { "idle-timeout",        SP_IMPORT_SAME,      "idle-timeout",        sp_import_convert_or_never,     FALSE, NULL },
  { "mobile-idle-timeout", SP_IMPORT_SAME,      "mobile-idle-timeout", sp_import_convert_or_never,     FALSE, NULL },
  { "rekey-time",          SP_IMPORT_SAME,      "rekey",               sp_import_convert_or_off,       FALSE, NULL },
  { "rekey-method",        SP_IMPORT_SAME,      "rekey-method",        sp_import_convert_rekey_method, FALSE, NULL },
  { "mtu",                 SP_IMPORT_NEEDLESS,  NULL,                  NULL,                 FALSE, "the size of packets is always found out" },
  { "deny-roaming",        SP_IMPORT_SAME,      "roaming",             sp_import_convert_inverted,     FALSE, NULL },
  { "banner",              SP_IMPORT_SAME,      "banner",              sp_import_convert_text,         FALSE, NULL },
  { "default-domain",      SP_IMPORT_SAME,      "domains",             sp_import_convert_text,         TRUE,  NULL },
  { "split-dns",           SP_IMPORT_SAME,      "split-dns",           sp_import_convert_text, TRUE,  NULL },
  { "dns",                 SP_IMPORT_SAME,      "dns",                 sp_import_convert_address,      TRUE,  "addresses only" },
  { "ipv4-dns",            SP_IMPORT_SAME,      "dns",                 sp_import_convert_address,      TRUE,  NULL },
  { "ipv6-dns",            SP_IMPORT_SAME,      "dns",                 sp_import_convert_address,      TRUE,  NULL },
  { "route",               SP_IMPORT_SAME,      "routes",              sp_import_convert_route,        TRUE,  "a network or default" },
  { "no-route",            SP_IMPORT_SAME,      "excluded-routes",     sp_import_convert_route,        TRUE,  "a network" },
  { "ipv4-network",        SP_IMPORT_SAME,      "ipv4-range",          NULL,                 FALSE, NULL },
  { "ipv4-netmask",        SP_IMPORT_SAME,      "ipv4-range",          NULL,                 FALSE, NULL },
  { "ipv6-network",        SP_IMPORT_SAME,      "ipv6-range",          sp_import_convert_route,        FALSE, "a network" },
  { "compression",         SP_IMPORT_SAME,      "compression",         sp_import_convert_compression,  FALSE, NULL },
  { "dtls-legacy",         SP_IMPORT_DIFFERENT, "legacy-dtls",         sp_import_convert_legacy,       FALSE, "DTLS 1.2 only; legacy-dtls = all for what is older" },
  { "cisco-client-compat", SP_IMPORT_DIFFERENT, "legacy-dtls",         sp_import_convert_legacy,       FALSE, "DTLS 1.2 only; legacy-dtls = all for what is older" },
  { "tls-priorities",      SP_IMPORT_DIFFERENT, "tls",                 sp_import_convert_priorities,   FALSE, "only the newest version can be chosen; old ones and weak ciphers are never there" },
  { "log-level",           SP_IMPORT_DIFFERENT, "log-level",           sp_import_convert_log_level,    FALSE, "notice or debug" },
  { "auth",                SP_IMPORT_DIFFERENT, NULL,                  NULL,                 FALSE, "users of a password file are taken over" },
  { "enable-auth",         SP_IMPORT_NOT,       NULL,                  NULL,                 FALSE, "one way to sign in for all" },
  { "acct",                SP_IMPORT_NOT,       NULL,                  NULL,                 FALSE, "the history of sessions is kept here" },
  { "config-per-user",     SP_IMPORT_DIFFERENT, NULL,                  NULL,                 FALSE, "each file becomes values of its user" },
  { "config-per-group",    SP_IMPORT_DIFFERENT, NULL,                  NULL,                 FALSE, "values of a group that is chosen, and for the rest of its members" },
  { "default-user-config", SP_IMPORT_NOT,       NULL,                  NULL,                 FALSE, "write its lines into the settings" },
  { "default-group-config",SP_IMPORT_NOT,       NULL,                  NULL,                 FALSE, "write its lines into the settings" },
  { "select-group",        SP_IMPORT_SAME,      NULL,                  NULL,                 FALSE, NULL },
  { "auto-select-group",   SP_IMPORT_DIFFERENT, NULL,                  NULL,                 FALSE, "each file for a group makes one, now and not later" },
  { "default-select-group",SP_IMPORT_SAME,      "default-group",       sp_import_convert_text, FALSE, NULL },
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
  { "listen-proxy-proto",  SP_IMPORT_NOT,       NULL,                  NULL,                 FALSE, "write the addresses of the proxy into proxies of [server]" },
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
  { "cert-group-oid",      SP_IMPORT_NOT,       NULL,                  NULL,                 FALSE, "set Groups of each user" },
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
judge (SpImport *import, const SpOcservLine *line, SpImportVerdict verdict, const char *words)
{
  for (guint i = 0; i < import->lines->len; i++)
    {
      SpImportLine *mapped = &g_array_index (import->lines, SpImportLine, i);

      if (mapped->line != line)
        continue;
      mapped->verdict = verdict;
      mapped->words = words;
      mapped->setting = NULL;
    }
}

static void
reject (SpImport *import, const SpOcservLine *line, const char *words)
{
  judge (import, line, SP_IMPORT_NOT, words);
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

static void
group_free (gpointer data)
{
  SpImportGroup *group = data;

  g_free (group->name);
  g_free (group->label);
  g_free (group);
}

const SpImportGroup *
sp_import_find_group (const SpImport *import, const char *name)
{
  for (guint i = 0; i < import->groups->len; i++)
    {
      const SpImportGroup *group = import->groups->pdata[i];

      if (strcmp (group->name, name) == 0)
        return group;
    }
  return NULL;
}

/* The service decides; this is so that it can be told beforehand. */
static gboolean
may_be_group (const char *name)
{
  gsize length = strspn (name, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "-_");

  return length > 0 && length <= SP_GROUP_NAME_MAX && name[length] == '\0';
}

gboolean
sp_import_add_group (SpImport *import, const char *name, const char *label)
{
  SpImportGroup *group;

  if (!may_be_group (name))
    return FALSE;
  if (sp_import_find_group (import, name) != NULL)
    return TRUE;
  group = g_new0 (SpImportGroup, 1);
  group->name = g_strdup (name);
  group->label = g_strdup (label);
  g_ptr_array_add (import->groups, group);
  return TRUE;
}

/* "staff", or "staff[Who works here]" */
static gboolean
map_group (SpImport *import, const char *value)
{
  gsize size = strcspn (value, "[");
  g_autofree char *name = g_strndup (value, size);
  g_autofree char *label = g_strdup (value[size] == '[' ? value + size + 1 : "");

  label[strcspn (label, "]")] = '\0';
  return sp_import_add_group (import, g_strstrip (name), g_strstrip (label));
}

static void
map_groups (SpImport *import, GPtrArray *lines)
{
  for (guint i = 0; i < lines->len; i++)
    {
      const SpOcservLine *line = lines->pdata[i];

      if (line->key != NULL && strcmp (line->key, "select-group") == 0 &&
          !map_group (import, line->value))
        reject (import, line, "a group's name is 1 to 32 letters, digits, - and _");
    }
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
  const SpOcservLine *every = find (lines, "auto-select-group");

  import->lines = g_array_new (FALSE, FALSE, sizeof (SpImportLine));
  import->settings = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  for (guint i = 0; i < lines->len; i++)
    map_line (import, lines->pdata[i]);
  map_range (import, lines);
  map_sign_in (import, lines);
  import->groups = g_ptr_array_new_with_free_func (group_free);
  map_groups (import, lines);
  import->every_file_is_a_group = every != NULL && sp_import_is_true (every->value);
  if (!import->every_file_is_a_group)
    judge (import, every, SP_IMPORT_NEEDLESS, NULL);
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
  g_ptr_array_unref (import->groups);
  g_free (import->password_file);
  g_free (import->user_folder);
  g_free (import->group_folder);
  g_free (import);
}
