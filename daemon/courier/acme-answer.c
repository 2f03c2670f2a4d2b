/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "acme-answer.h"

#include "codec/base64url.h"
#include "codec/update-url.h"

#include <jansson.h>
#include <string.h>

#define PROBLEM_PREFIX "urn:ietf:params:acme:error:"
#define BAD_NONCE      "badNonce"
#define CHALLENGES_MAX 32

static void
json_free (json_t *json)
{
  json_decref (json);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (json_t, json_free)

static json_t *
read_object (const guint8 *bytes, gsize size)
{
  g_autoptr (json_t) json = json_loadb ((const char *) bytes, size, JSON_REJECT_DUPLICATES, NULL);

  return json_is_object (json) ? g_steal_pointer (&json) : NULL;
}

static const char *
get_text (json_t *object, const char *key)
{
  const char *text = json_string_value (json_object_get (object, key));

  return text != NULL ? text : "";
}

/* NULL: there is none that may be fetched. */
static char *
take_url (const char *text)
{
  return strlen (text) <= SP_ERRAND_URL_MAX && sp_update_url_check (text, FALSE, FALSE) == NULL
             ? g_strdup (text)
             : NULL;
}

/* --- problems --- */

static const struct
{
  const char *type;
  SpOrderOutcome outcome;
} problems[] = {
  { "userActionRequired", SP_ORDER_TERMS },
  { "externalAccountRequired", SP_ORDER_EXTERNAL_ACCOUNT },
  { "invalidContact", SP_ORDER_ACCOUNT },
  { "unsupportedContact", SP_ORDER_ACCOUNT },
  { "accountDoesNotExist", SP_ORDER_ACCOUNT },
  { "rejectedIdentifier", SP_ORDER_NAME },
  { "unsupportedIdentifier", SP_ORDER_NAME },
  { "caa", SP_ORDER_CAA },
  { "dns", SP_ORDER_NAME_UNKNOWN },
  { "connection", SP_ORDER_NOT_REACHED },
  { "tls", SP_ORDER_NOT_REACHED },
  { "incorrectResponse", SP_ORDER_WRONG_ANSWER },
  { "unauthorized", SP_ORDER_WRONG_ANSWER },
  { "rateLimited", SP_ORDER_TOO_OFTEN },
};

static SpOrderOutcome
find_problem (json_t *problem, SpOrderOutcome otherwise)
{
  const char *type = get_text (problem, "type");

  if (!g_str_has_prefix (type, PROBLEM_PREFIX))
    return otherwise;
  for (guint i = 0; i < G_N_ELEMENTS (problems); i++)
    if (strcmp (type + strlen (PROBLEM_PREFIX), problems[i].type) == 0)
      return problems[i].outcome;
  return SP_ORDER_PROBLEM;
}

SpOrderOutcome
sp_acme_problem_read (const guint8 *bytes, gsize size, gboolean *ret_bad_nonce)
{
  g_autoptr (json_t) json = read_object (bytes, size);

  *ret_bad_nonce = strcmp (get_text (json, "type"), PROBLEM_PREFIX BAD_NONCE) == 0;
  return find_problem (json, SP_ORDER_STATUS);
}

static gboolean
read_status (json_t *json, SpAcmeStatus *ret)
{
  static const struct
  {
    const char *word;
    SpAcmeStatus status;
  } words[] = {
    { "pending", SP_ACME_PENDING },       { "ready", SP_ACME_READY },
    { "processing", SP_ACME_PROCESSING }, { "valid", SP_ACME_VALID },
    { "invalid", SP_ACME_INVALID },       { "expired", SP_ACME_INVALID },
    { "revoked", SP_ACME_INVALID },       { "deactivated", SP_ACME_INVALID },
  };
  const char *status = get_text (json, "status");

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (strcmp (words[i].word, status) == 0)
      {
        *ret = words[i].status;
        return TRUE;
      }
  return FALSE;
}

/* --- the directory --- */

void
sp_acme_directory_clear (SpAcmeDirectory *directory)
{
  g_clear_pointer (&directory->new_nonce, g_free);
  g_clear_pointer (&directory->new_account, g_free);
  g_clear_pointer (&directory->new_order, g_free);
  g_clear_pointer (&directory->renewal_info, g_free);
}

gboolean
sp_acme_directory_read (const guint8 *bytes, gsize size, SpAcmeDirectory *ret)
{
  g_autoptr (json_t) json = read_object (bytes, size);
  json_t *meta = json_object_get (json, "meta");

  memset (ret, 0, sizeof *ret);
  ret->new_nonce = take_url (get_text (json, "newNonce"));
  ret->new_account = take_url (get_text (json, "newAccount"));
  ret->new_order = take_url (get_text (json, "newOrder"));
  ret->renewal_info = take_url (get_text (json, "renewalInfo"));
  ret->has_terms = get_text (meta, "termsOfService")[0] != '\0';
  ret->wants_external_account = json_is_true (json_object_get (meta, "externalAccountRequired"));
  if (ret->new_nonce != NULL && ret->new_account != NULL && ret->new_order != NULL)
    return TRUE;
  sp_acme_directory_clear (ret);
  return FALSE;
}

/* --- an order --- */

void
sp_acme_order_clear (SpAcmeOrder *order)
{
  g_clear_pointer (&order->authorizations, g_strfreev);
  g_clear_pointer (&order->finalize, g_free);
  g_clear_pointer (&order->certificate, g_free);
}

/* NULL: not all of them may be fetched, or there are none, or too many. */
static GStrv
read_authorizations (json_t *list)
{
  gsize n = json_array_size (list);
  g_auto (GStrv) urls = NULL;

  if (n == 0 || n > SP_ACME_NAMES_MAX)
    return NULL;
  urls = g_new0 (char *, n + 1);
  for (gsize i = 0; i < n; i++)
    {
      const char *text = json_string_value (json_array_get (list, i));

      urls[i] = text != NULL ? take_url (text) : NULL;
      if (urls[i] == NULL)
        return NULL;
    }
  return g_steal_pointer (&urls);
}

gboolean
sp_acme_order_read (const guint8 *bytes, gsize size, SpAcmeOrder *ret)
{
  g_autoptr (json_t) json = read_object (bytes, size);

  memset (ret, 0, sizeof *ret);
  ret->problem = find_problem (json_object_get (json, "error"), SP_ORDER_PROBLEM);
  ret->authorizations = read_authorizations (json_object_get (json, "authorizations"));
  ret->finalize = take_url (get_text (json, "finalize"));
  ret->certificate = take_url (get_text (json, "certificate"));
  if (read_status (json, &ret->status) && ret->authorizations != NULL && ret->finalize != NULL &&
      (ret->status != SP_ACME_VALID || ret->certificate != NULL))
    return TRUE;
  sp_acme_order_clear (ret);
  return FALSE;
}

/* --- an authorization --- */

/* What the types of challenges are called. */
static const char *const types[SP_ACME_WAYS_N] = {
  [SP_ACME_TLS_ALPN] = "tls-alpn-01", /* RFC 8737 3 */
  [SP_ACME_DNS] = "dns-01",           /* RFC 8555 8.4 */
  [SP_ACME_HTTP] = "http-01",         /* RFC 8555 8.3 */
};

void
sp_acme_authorization_clear (SpAcmeAuthorization *authorization)
{
  g_clear_pointer (&authorization->name, g_free);
  for (guint way = 0; way < SP_ACME_WAYS_N; way++)
    {
      g_clear_pointer (&authorization->challenges[way].url, g_free);
      g_clear_pointer (&authorization->challenges[way].token, g_free);
    }
}

static SpAcmeChallenge *
find_challenge (SpAcmeAuthorization *authorization, const char *type)
{
  for (guint way = 0; way < SP_ACME_WAYS_N; way++)
    if (strcmp (type, types[way]) == 0)
      return &authorization->challenges[way];
  return NULL;
}

static void
take_challenge (SpAcmeAuthorization *ret, json_t *challenge)
{
  SpAcmeChallenge *place = find_challenge (ret, get_text (challenge, "type"));
  const char *token = get_text (challenge, "token");

  if (json_is_object (json_object_get (challenge, "error")))
    ret->problem = find_problem (json_object_get (challenge, "error"), SP_ORDER_PROBLEM);
  if (place == NULL || place->url != NULL || strlen (token) > SP_ACME_TOKEN_MAX ||
      !sp_base64url_is_text (token, strlen (token)))
    return;
  place->url = take_url (get_text (challenge, "url"));
  place->token = g_strdup (place->url != NULL ? token : NULL);
}

gboolean
sp_acme_authorization_read (const guint8 *bytes, gsize size, SpAcmeAuthorization *ret)
{
  g_autoptr (json_t) json = read_object (bytes, size);
  json_t *challenges = json_object_get (json, "challenges");
  const char *name = get_text (json_object_get (json, "identifier"), "value");

  memset (ret, 0, sizeof *ret);
  ret->problem = SP_ORDER_PROBLEM;
  for (gsize i = 0; i < MIN (json_array_size (challenges), CHALLENGES_MAX); i++)
    take_challenge (ret, json_array_get (challenges, i));
  if (name[0] != '\0' && strlen (name) <= SP_DOMAIN_MAX)
    ret->name = g_ascii_strdown (name, -1);
  if (ret->name != NULL && read_status (json, &ret->status))
    return TRUE;
  sp_acme_authorization_clear (ret);
  return FALSE;
}

/* --- when to renew --- */

#define TIME_TEXT_MAX 64 /* bytes; RFC 3339 needs half of it */

/* 0: it is none, or before the epoch. */
static gint64
read_time (const char *text)
{
  g_autoptr (GDateTime) time =
      strlen (text) <= TIME_TEXT_MAX ? g_date_time_new_from_iso8601 (text, NULL) : NULL;
  gint64 seconds = time != NULL ? g_date_time_to_unix (time) : 0;

  return seconds > 0 ? seconds * (gint64) G_USEC_PER_SEC : 0;
}

gboolean
sp_acme_window_read (const guint8 *bytes, gsize size, SpAcmeWindow *ret)
{
  g_autoptr (json_t) json = read_object (bytes, size);
  json_t *window = json_object_get (json, "suggestedWindow");

  ret->begin = read_time (get_text (window, "start"));
  ret->end = read_time (get_text (window, "end"));
  return ret->begin != 0 && ret->end > ret->begin;
}
