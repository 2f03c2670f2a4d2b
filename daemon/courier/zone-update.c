/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "zone-update.h"

#include "base/endpoint.h"
#include "base/secret.h"

#include <libdnssec/random.h>
#include <libknot/libknot.h>
#include <string.h>

#define TTL_SECONDS 60 /* of what may be another tomorrow */
#define MESSAGE_MAX 4096
#define IPV4_SIZE   4

struct _SpZoneUpdate
{
  knot_tsig_key_t key;
  knot_dname_storage_t name;
  knot_pkt_t *message;
  gsize size; /* of the message with its signature */
  guint8 digest[SP_ERRAND_SECRET_MAX];
  gsize digest_size;
};

/* RFC 8945 6 */
static const char *const algorithms[] = {
  [SP_ZONE_HMAC_SHA256] = "hmac-sha256",
  [SP_ZONE_HMAC_SHA384] = "hmac-sha384",
  [SP_ZONE_HMAC_SHA512] = "hmac-sha512",
};
G_STATIC_ASSERT (G_N_ELEMENTS (algorithms) == SP_ZONE_ALGORITHM_LAST + 1);

/* --- what is asked --- */

static gboolean
read_name (const guint8 *text, gsize length, guint8 *ret, gsize size)
{
  g_autofree char *name = g_strndup ((const char *) text, length);

  return name[0] != '\0' && knot_dname_from_str (ret, name, size) != NULL;
}

static gboolean
put (SpZoneUpdate *self, guint16 type, guint16 class, guint32 ttl, const guint8 *data, guint16 size)
{
  knot_rrset_t record;
  gboolean is_put;

  knot_rrset_init (&record, self->name, type, class, ttl);
  is_put = knot_rrset_add_rdata (&record, data, size, NULL) == KNOT_EOK &&
           knot_pkt_put (self->message, KNOT_COMPR_HINT_NONE, &record, 0) == KNOT_EOK;
  knot_rdataset_clear (&record.rrs, NULL);
  return is_put;
}

/* RFC 2136 2.5.2 and 2.5.1: all of that type go, and this one comes. */
static gboolean
replace (SpZoneUpdate *self, guint16 type, const guint8 *data, guint16 size)
{
  return put (self, type, KNOT_CLASS_ANY, 0, NULL, 0) &&
         put (self, type, KNOT_CLASS_IN, TTL_SECONDS, data, size);
}

static gboolean
put_addresses (SpZoneUpdate *self, const SpRunErrand *order)
{
  const guint8 *ipv4 = order->ipv4 + SP_ADDRESS_SIZE - IPV4_SIZE;

  return (sp_address_is_unset (order->ipv4) || replace (self, KNOT_RRTYPE_A, ipv4, IPV4_SIZE)) &&
         (sp_address_is_unset (order->ipv6) ||
          replace (self, KNOT_RRTYPE_AAAA, order->ipv6, SP_ADDRESS_SIZE));
}

/* RFC 2136 2.5.1 and 2.5.4: this one comes, or goes, and others beside it stay. */
static gboolean
put_text (SpZoneUpdate *self, const SpRunErrand *order)
{
  gboolean comes = order->kind == SP_ERRAND_ZONE_TEXT;
  guint8 data[1 + SP_ZONE_TEXT_MAX];

  data[0] = (guint8) order->text_length; /* RFC 1035 3.3.14 */
  memcpy (data + 1, order->text, order->text_length);
  return order->text_length > 0 &&
         put (self, KNOT_RRTYPE_TXT, comes ? KNOT_CLASS_IN : KNOT_CLASS_NONE,
              comes ? TTL_SECONDS : 0, data, (guint16) (1 + order->text_length));
}

static gboolean
put_change (SpZoneUpdate *self, const SpRunErrand *order)
{
  switch ((SpErrandKind) order->kind)
    {
      case SP_ERRAND_ZONE_ADDRESS:
        return put_addresses (self, order);
      case SP_ERRAND_ZONE_TEXT:
      case SP_ERRAND_ZONE_NO_TEXT:
        return put_text (self, order);
      default:
        return FALSE;
    }
}

/* The zone stands where the question of another message does (RFC 2136 2.3), the update where its
 * authorities do. */
static gboolean
compose (SpZoneUpdate *self, const SpRunErrand *order)
{
  knot_dname_storage_t zone;

  self->message = knot_pkt_new (NULL, MESSAGE_MAX, NULL);
  if (self->message == NULL || !read_name (order->zone, order->zone_length, zone, sizeof zone) ||
      !read_name (order->name, order->name_length, self->name, sizeof self->name))
    return FALSE;
  knot_wire_set_id (self->message->wire, dnssec_random_uint16_t ());
  knot_wire_set_opcode (self->message->wire, KNOT_OPCODE_UPDATE);
  return knot_pkt_reserve (self->message, (guint16) knot_tsig_wire_maxsize (&self->key)) ==
             KNOT_EOK &&
         knot_pkt_put_question (self->message, zone, KNOT_CLASS_IN, KNOT_RRTYPE_SOA) == KNOT_EOK &&
         knot_pkt_begin (self->message, KNOT_AUTHORITY) == KNOT_EOK && put_change (self, order);
}

static gboolean
take_key (SpZoneUpdate *self, const SpRunErrand *order, const char *secret)
{
  g_autofree char *name = g_strndup ((const char *) order->user, order->user_length);

  return order->algorithm <= SP_ZONE_ALGORITHM_LAST && name[0] != '\0' && secret[0] != '\0' &&
         knot_tsig_key_init (&self->key, algorithms[order->algorithm], name, secret) == KNOT_EOK;
}

static gboolean
sign (SpZoneUpdate *self)
{
  self->size = self->message->size;
  self->digest_size = sizeof self->digest;
  return knot_tsig_sign (self->message->wire, &self->size, MESSAGE_MAX, NULL, 0, self->digest,
                         &self->digest_size, &self->key, 0, 0) == KNOT_EOK;
}

SpZoneUpdate *
sp_zone_update_new (const SpRunErrand *order, const char *secret, SpErrandOutcome *ret_outcome)
{
  g_autoptr (SpZoneUpdate) self = g_new0 (SpZoneUpdate, 1);

  *ret_outcome = SP_ERRAND_NO_KEY;
  if (!take_key (self, order, secret))
    return NULL;
  *ret_outcome = SP_ERRAND_FAILED;
  if (!compose (self, order) || !sign (self))
    return NULL;
  *ret_outcome = SP_ERRAND_DONE;
  return g_steal_pointer (&self);
}

const guint8 *
sp_zone_update_get_message (SpZoneUpdate *self, gsize *ret_size)
{
  *ret_size = self->size;
  return self->message->wire;
}

void
sp_zone_update_free (SpZoneUpdate *self)
{
  if (self == NULL)
    return;
  if (self->key.secret.data != NULL)
    sp_secret_wipe (self->key.secret.data, self->key.secret.size);
  knot_tsig_key_deinit (&self->key);
  knot_pkt_free (self->message);
  g_free (self);
}

/* --- what is answered --- */

/* Whoever does not know the key, or finds the signature wrong, cannot sign that it says so
 * (RFC 8945 5.2): such an answer is believed as far as that it did not work. */
static const struct
{
  guint16 code; /* RCODE, or of a signature's record */
  SpErrandOutcome outcome;
} codes[] = {
  { KNOT_RCODE_SERVFAIL, SP_ERRAND_LATER },     { KNOT_RCODE_NOTIMPL, SP_ERRAND_REFUSED },
  { KNOT_RCODE_REFUSED, SP_ERRAND_REFUSED },    { KNOT_RCODE_NOTAUTH, SP_ERRAND_NO_ZONE },
  { KNOT_RCODE_NOTZONE, SP_ERRAND_NO_ZONE },    { KNOT_RCODE_BADSIG, SP_ERRAND_KEY_WRONG },
  { KNOT_RCODE_BADKEY, SP_ERRAND_KEY_UNKNOWN }, { KNOT_RCODE_BADTIME, SP_ERRAND_CLOCK },
  { KNOT_RCODE_BADTRUNC, SP_ERRAND_KEY_WRONG },
};

static SpErrandOutcome
find_outcome (guint16 code)
{
  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    if (codes[i].code == code)
      return codes[i].outcome;
  return SP_ERRAND_NOT_UNDERSTOOD;
}

static SpErrandOutcome
judge_success (SpZoneUpdate *self, const knot_pkt_t *answer)
{
  int checked = KNOT_TSIG_EBADSIG;

  if (answer->tsig_rr != NULL)
    checked = knot_tsig_client_check (answer->tsig_rr, answer->wire, answer->size, self->digest,
                                      self->digest_size, &self->key, 0);
  if (checked == KNOT_TSIG_EBADTIME)
    return SP_ERRAND_CLOCK;
  return checked == KNOT_EOK ? SP_ERRAND_DONE : SP_ERRAND_NOT_SIGNED;
}

static SpErrandOutcome
judge (SpZoneUpdate *self, knot_pkt_t *answer, guint16 *ret_code)
{
  guint16 id = knot_wire_get_id (self->message->wire);
  guint16 error = 0;

  if (knot_pkt_parse (answer, 0) != KNOT_EOK || knot_wire_get_id (answer->wire) != id ||
      !knot_wire_get_qr (answer->wire) || knot_wire_get_opcode (answer->wire) != KNOT_OPCODE_UPDATE)
    return SP_ERRAND_NOT_UNDERSTOOD;
  *ret_code = knot_wire_get_rcode (answer->wire);
  if (*ret_code == KNOT_RCODE_NOERROR)
    return judge_success (self, answer);
  if (answer->tsig_rr != NULL)
    error = knot_tsig_rdata_error (answer->tsig_rr);
  return find_outcome (error != 0 ? error : *ret_code);
}

SpErrandOutcome
sp_zone_update_judge (SpZoneUpdate *self, const guint8 *answer, gsize size, guint16 *ret_code)
{
  g_autofree guint8 *bytes = g_memdup2 (answer, size);
  knot_pkt_t *packet;
  SpErrandOutcome outcome;

  *ret_code = 0;
  if (size < KNOT_WIRE_HEADER_SIZE || size > SP_ERRAND_ANSWER_MAX)
    return SP_ERRAND_NOT_UNDERSTOOD;
  packet = knot_pkt_new (bytes, (guint16) size, NULL);
  outcome = packet != NULL ? judge (self, packet, ret_code) : SP_ERRAND_FAILED;
  knot_pkt_free (packet);
  return outcome;
}
