/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "setting-table.h"

#include "base/endpoint.h"
#include "base/log.h"

G_BEGIN_DECLS

/* What the owner wrote into sallyport.conf: parsed, checked, and from then on read-only.  A change
 * makes a new object: never write into one. So whoever holds the old one keeps a consistent
 * picture. */

#define SP_SETTINGS_FILE_MAX (256 * 1024)

/* Words that may stand in place of a value. */
typedef enum
{
  SP_WORD_ABSENT, /* there is a value */
  SP_WORD_AUTO,
  SP_WORD_SAME,
  SP_WORD_HOME,
  SP_WORD_ALL,
  SP_WORD_NONE,
  SP_WORD_NEVER,
  SP_WORD_NAT,
  SP_WORD_ROUTED,
  SP_WORD_REFUSED,
  SP_WORD_NEW_TUNNEL,
  SP_WORD_SSL,
  SP_WORD_DTLS12,
  SP_WORD_OFF,
  SP_WORD_ERROR,
  SP_WORD_WARNING,
  SP_WORD_NOTICE,
  SP_WORD_DEBUG,
  SP_WORD_LZ4,
  SP_WORD_LZS,
  SP_WORD_ANY,
  SP_WORD_TLS_1_3,
  SP_WORD_TLS_1_2,
  SP_WORD_PASSWORD,
  SP_WORD_CERTIFICATE,
  SP_WORD_CERTIFICATE_AND_PASSWORD,
  SP_WORD_PASSWORD_OR_CERTIFICATE,
  SP_WORD_REQUIRED,
  SP_WORD_PAM,
  SP_WORD_NAME,
  SP_WORD_LABEL,
  SP_WORD_DYNDNS2,
  SP_WORD_URL,
  SP_WORD_TLS_ALPN_01,
  SP_WORD_DNS_01,
  SP_WORD_RFC2136,
  SP_WORD_HMAC_SHA256,
  SP_WORD_HMAC_SHA384,
  SP_WORD_HMAC_SHA512,
  SP_WORD_HTTP_01,
  SP_WORD_HOOK,
  SP_WORD_LAST = SP_WORD_HOOK
} SpSettingWord;

/* A list, or a word instead of it (then n is 0). */
typedef struct
{
  SpSettingWord word;
  guint n;
  guint8 (*items)[SP_ADDRESS_SIZE];
} SpAddressList;

/* An unset address stands for all of this computer's. */
typedef struct
{
  SpSettingWord word;
  guint n;
  SpEndpoint *items;
} SpEndpointList;

typedef struct
{
  SpSettingWord word;
  guint n;
  SpNetwork *items;
} SpNetworkList;

typedef struct
{
  SpSettingWord word;
  guint n;
  GStrv items;
} SpDomainList;

/* How each kind is held.  A NUMBER is 0 where the file has auto, off or never; "same" is resolved.
 * A CHOICE is the word.  A text is never NULL. */
#define SP_MEMBER_BOOLEAN(name)              gboolean name;
#define SP_MEMBER_NUMBER(name)               guint name;
#define SP_MEMBER_CHOICE(name)               SpSettingWord name;
#define SP_MEMBER_HOST_NAME(name)            char *name;
#define SP_MEMBER_LINE(name)                 char *name;
#define SP_MEMBER_ADDRESSES(name)            SpAddressList name;
#define SP_MEMBER_ENDPOINTS(name)            SpEndpointList name;
#define SP_MEMBER_NETWORKS(name)             SpNetworkList name;
#define SP_MEMBER_NETWORK_IPV4(name)         SpNetworkList name;
#define SP_MEMBER_NETWORK_IPV6(name)         SpNetworkList name;
#define SP_MEMBER_DOMAINS(name)              SpDomainList name;
#define SP_SETTING_MEMBER(KIND, member, ...) SP_MEMBER_##KIND (member)

/* Members: see setting-table.h, for example settings->udp_port. */
typedef struct
{
  SP_SETTINGS (SP_SETTING_MEMBER)
  char **written; /* of each row what the file has; NULL: nothing */
  gatomicrefcount references;
} SpSettings;

/* Every setting as it is when the file says nothing. */
SpSettings *sp_settings_new_default (void);

/* `file_name` is only for messages, which read "sallyport.conf:12: [network] dns: 'foo' is not an
 * address; write …"; NULL: "[network] dns: …".  Errors: SP_ERROR_INVALID_ARGUMENTS. */
SpSettings *sp_settings_parse (const char *file_name, const char *text, gsize size, GError **error);
/* A missing file is an empty one.  Errors: also what opening and reading a file can give. */
SpSettings *sp_settings_load (const char *path, GError **error);
/* The text alone, up to one byte more than SP_SETTINGS_FILE_MAX. */
char *sp_settings_read (const char *path, gsize *ret_size, GError **error);

SpSettings *sp_settings_ref (SpSettings *settings);
void sp_settings_unref (SpSettings *settings);

/* The keys ("[network] dns") whose values differ. */
GStrv sp_settings_list_changes (const SpSettings *old_settings, const SpSettings *new_settings);

SpLogLevel sp_settings_get_log_level (const SpSettings *settings);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpSettings, sp_settings_unref)

G_END_DECLS
