/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "acme-way.h"

#include "acme-web.h"
#include "dns-validation.h"
#include "server-private.h"

#include <string.h>

/* --- TLS-ALPN-01: the door lets who looks pass, and workers answer them --- */

static void
set_validation (SpServer *server, const SpValidation *validation)
{
  sp_reception_set_validation (server->reception, validation);
  sp_door_client_set_validation (server->door, validation->name);
}

static void
show_certificate (SpServer *server, const SpAcmeProof *proof, GTask *task)
{
  SpValidation validation = { 0 };

  memcpy (validation.name, proof->name, sizeof validation.name);
  memcpy (validation.digest, proof->digest, SP_VALIDATION_SIZE);
  set_validation (server, &validation);
  g_task_return_boolean (task, TRUE);
}

static void
hide_certificate (SpServer *server)
{
  static const SpValidation nothing;

  set_validation (server, &nothing);
}

/* --- DNS-01: a record in the zone --- */

static void
show_record (SpServer *server, const SpAcmeProof *proof, GTask *task)
{
  sp_dns_validation_show (server->dns_validation, proof, task);
}

static void
hide_record (SpServer *server)
{
  sp_dns_validation_hide (server->dns_validation);
}

/* --- the table --- */

static const struct
{
  SpSettingWord words[2];                          /* by which the owner asks for it alone */
  gboolean (*is_set) (const SpSettings *settings); /* NULL: it needs no settings */
  void (*show) (SpServer *server, const SpAcmeProof *proof, GTask *task);
  void (*hide) (SpServer *server);
} ways[SP_ACME_WAYS_N] = {
  [SP_ACME_TLS_ALPN] = { { SP_WORD_TLS_ALPN_01 }, NULL, show_certificate, hide_certificate },
  [SP_ACME_HTTP] = { { SP_WORD_HTTP_01 }, NULL, sp_acme_web_show, sp_acme_web_hide },
  [SP_ACME_DNS] = { { SP_WORD_DNS_01, SP_WORD_HOOK },
                    sp_dns_validation_is_set,
                    show_record,
                    hide_record },
};

static gboolean
is_allowed (guint way, const SpSettings *settings)
{
  if (settings->acme_proof == SP_WORD_AUTO)
    return ways[way].is_set == NULL || ways[way].is_set (settings);
  return settings->acme_proof == ways[way].words[0] || settings->acme_proof == ways[way].words[1];
}

guint
sp_acme_ways_list (const SpSettings *settings,
                   const SpAcmeRecord *record,
                   guint8 ret[SP_ACME_WAYS_N])
{
  guint first = sp_acme_was_missed (record) ? record->way + 1U : 0;
  guint n = 0;

  for (guint i = 0; i < SP_ACME_WAYS_N; i++)
    {
      guint way = (first + i) % SP_ACME_WAYS_N;

      if (is_allowed (way, settings))
        ret[n++] = (guint8) way;
    }
  return n;
}

void
sp_acme_way_show (SpAcmeWay way, SpServer *server, const SpAcmeProof *proof, GTask *task)
{
  for (guint other = 0; other < SP_ACME_WAYS_N; other++)
    if (other != way)
      ways[other].hide (server);
  ways[way].show (server, proof, task);
}

void
sp_acme_ways_hide (SpServer *server)
{
  for (guint way = 0; way < SP_ACME_WAYS_N; way++)
    ways[way].hide (server);
}
