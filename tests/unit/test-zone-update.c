/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "zone-update.h"

#include "base/endpoint.h"

#include <libknot/libknot.h>
#include <string.h>

/* Updates as a name server reads them, and what it may answer. */

#define KEY     "our.key"
#define SECRET  "c2VjcmV0IG9mIG91ciBrZXk="
#define ANOTHER "YW5vdGhlciBzZWNyZXQgaGVyZQ=="

typedef struct
{
  SpRunErrand order;
  SpZoneUpdate *update;
  guint8 digest[64]; /* of the question */
  gsize digest_size;
  guint8 answer[512];
  gsize size;
} Fixture;

static guint16
fill (guint8 *field, const char *text)
{
  memcpy (field, text, strlen (text));
  return (guint16) strlen (text);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  SpErrandOutcome outcome;

  f->order.kind = SP_ERRAND_ZONE_ADDRESS;
  f->order.algorithm = SP_ZONE_HMAC_SHA256;
  f->order.zone_length = fill (f->order.zone, "home.test");
  f->order.name_length = fill (f->order.name, "vpn.home.test");
  f->order.user_length = fill (f->order.user, KEY);
  g_assert_true (sp_address_from_text ("81.2.69.160", f->order.ipv4));
  g_assert_true (sp_address_from_text ("2a02::1", f->order.ipv6));
  f->update = sp_zone_update_new (&f->order, SECRET, &outcome);
  g_assert_nonnull (f->update);
  g_assert_cmpint (outcome, ==, SP_ERRAND_DONE);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  sp_zone_update_free (f->update);
}

/* --- the question --- */

static void
check_record (const knot_pkt_t *packet, guint16 at, guint16 type, guint16 class, guint16 size)
{
  const knot_rrset_t *record = knot_pkt_rr (knot_pkt_section (packet, KNOT_AUTHORITY), at);
  g_autofree char *owner = g_malloc0 (KNOT_DNAME_TXT_MAXLEN + 1);

  g_assert_nonnull (knot_dname_to_str (owner, record->owner, KNOT_DNAME_TXT_MAXLEN));
  g_assert_cmpstr (owner, ==, "vpn.home.test.");
  g_assert_cmpuint (record->type, ==, type);
  g_assert_cmpuint (record->rclass, ==, class);
  g_assert_cmpuint (record->ttl, ==, class == KNOT_CLASS_IN ? 60 : 0);
  g_assert_cmpuint (record->rrs.rdata->len, ==, size);
}

static void
test_question (Fixture *f, gconstpointer data)
{
  gsize size;
  const guint8 *message = sp_zone_update_get_message (f->update, &size);
  g_autofree guint8 *bytes = g_memdup2 (message, size);
  knot_pkt_t *packet = knot_pkt_new (bytes, (guint16) size, NULL);
  knot_tsig_key_t key = { 0 };

  g_assert_cmpint (knot_pkt_parse (packet, 0), ==, KNOT_EOK);
  g_assert_cmpuint (knot_wire_get_opcode (packet->wire), ==, KNOT_OPCODE_UPDATE);
  g_assert_cmpuint (knot_pkt_qtype (packet), ==, KNOT_RRTYPE_SOA);
  g_assert_cmpuint (knot_pkt_section (packet, KNOT_AUTHORITY)->count, ==, 4);
  check_record (packet, 0, KNOT_RRTYPE_A, KNOT_CLASS_ANY, 0);
  check_record (packet, 1, KNOT_RRTYPE_A, KNOT_CLASS_IN, 4);
  check_record (packet, 2, KNOT_RRTYPE_AAAA, KNOT_CLASS_ANY, 0);
  check_record (packet, 3, KNOT_RRTYPE_AAAA, KNOT_CLASS_IN, 16);
  g_assert_cmpint (knot_tsig_key_init (&key, "hmac-sha256", KEY, SECRET), ==, KNOT_EOK);
  g_assert_cmpint (knot_tsig_server_check (packet->tsig_rr, packet->wire, packet->size, &key), ==,
                   KNOT_EOK);
  knot_tsig_key_deinit (&key);
  knot_pkt_free (packet);
}

/* What is not known is left as it is. */
static void
test_one_address (Fixture *f, gconstpointer data)
{
  SpErrandOutcome outcome;
  g_autoptr (SpZoneUpdate) update = NULL;
  g_autofree guint8 *bytes = NULL;
  knot_pkt_t *packet;
  gsize size;

  memset (f->order.ipv4, 0, SP_ADDRESS_SIZE);
  update = sp_zone_update_new (&f->order, SECRET, &outcome);
  bytes = g_memdup2 (sp_zone_update_get_message (update, &size), 4096);
  packet = knot_pkt_new (bytes, (guint16) size, NULL);
  g_assert_cmpint (knot_pkt_parse (packet, 0), ==, KNOT_EOK);
  g_assert_cmpuint (knot_pkt_section (packet, KNOT_AUTHORITY)->count, ==, 2);
  check_record (packet, 0, KNOT_RRTYPE_AAAA, KNOT_CLASS_ANY, 0);
  knot_pkt_free (packet);
}

/* One text, beside others that stay. */
static void
check_text (Fixture *f, SpErrandKind kind, guint16 class)
{
  SpErrandOutcome outcome;
  g_autoptr (SpZoneUpdate) update = NULL;
  g_autofree guint8 *bytes = NULL;
  knot_pkt_t *packet;
  gsize size;

  f->order.kind = (guint8) kind;
  update = sp_zone_update_new (&f->order, SECRET, &outcome);
  g_assert_nonnull (update);
  bytes = g_memdup2 (sp_zone_update_get_message (update, &size), 4096);
  packet = knot_pkt_new (bytes, (guint16) size, NULL);
  g_assert_cmpint (knot_pkt_parse (packet, 0), ==, KNOT_EOK);
  g_assert_cmpuint (knot_pkt_section (packet, KNOT_AUTHORITY)->count, ==, 1);
  check_record (packet, 0, KNOT_RRTYPE_TXT, class, 6);
  knot_pkt_free (packet);
}

static void
test_text (Fixture *f, gconstpointer data)
{
  SpErrandOutcome outcome;

  f->order.kind = SP_ERRAND_ZONE_TEXT;
  g_assert_null (sp_zone_update_new (&f->order, SECRET, &outcome));
  g_assert_cmpint (outcome, ==, SP_ERRAND_FAILED);
  f->order.text_length = fill (f->order.text, "A-z_9");
  check_text (f, SP_ERRAND_ZONE_TEXT, KNOT_CLASS_IN);
  check_text (f, SP_ERRAND_ZONE_NO_TEXT, KNOT_CLASS_NONE);
}

static SpErrandOutcome
try (const SpRunErrand *order, const char *secret)
{
  SpErrandOutcome outcome;
  g_autoptr (SpZoneUpdate) update = sp_zone_update_new (order, secret, &outcome);

  g_assert_cmpint (update != NULL, ==, outcome == SP_ERRAND_DONE);
  return outcome;
}

static void
test_wrong_orders (Fixture *f, gconstpointer data)
{
  g_assert_cmpint (try (&f->order, ""), ==, SP_ERRAND_NO_KEY);
  g_assert_cmpint (try (&f->order, "no base64"), ==, SP_ERRAND_NO_KEY);
  f->order.algorithm = SP_ZONE_ALGORITHM_LAST + 1;
  g_assert_cmpint (try (&f->order, SECRET), ==, SP_ERRAND_NO_KEY);
  f->order.algorithm = SP_ZONE_ALGORITHM_LAST;
  g_assert_cmpint (try (&f->order, SECRET), ==, SP_ERRAND_DONE);
  f->order.zone_length = 0;
  g_assert_cmpint (try (&f->order, SECRET), ==, SP_ERRAND_FAILED);
  f->order.zone_length = fill (f->order.zone, "a..b");
  g_assert_cmpint (try (&f->order, SECRET), ==, SP_ERRAND_FAILED);
  f->order.zone_length = fill (f->order.zone, "home.test");
  f->order.name_length = SP_DOMAIN_MAX;
  memset (f->order.name, 'a', SP_DOMAIN_MAX);
  g_assert_cmpint (try (&f->order, SECRET), ==, SP_ERRAND_FAILED);
  f->order.user_length = 0;
  g_assert_cmpint (try (&f->order, SECRET), ==, SP_ERRAND_NO_KEY);
}

/* --- answers --- */

/* The head and the zone of the question, as an answer with that RCODE. */
static void
begin_answer (Fixture *f, guint16 code)
{
  gsize size;
  const guint8 *message = sp_zone_update_get_message (f->update, &size);
  g_autofree guint8 *bytes = g_memdup2 (message, size);
  knot_pkt_t *packet = knot_pkt_new (bytes, (guint16) size, NULL);

  g_assert_cmpint (knot_pkt_parse (packet, 0), ==, KNOT_EOK);
  f->digest_size = knot_tsig_rdata_mac_length (packet->tsig_rr);
  memcpy (f->digest, knot_tsig_rdata_mac (packet->tsig_rr), f->digest_size);
  f->size = KNOT_WIRE_HEADER_SIZE + knot_pkt_question_size (packet);
  memcpy (f->answer, message, f->size);
  knot_wire_set_qr (f->answer);
  knot_wire_set_rcode (f->answer, (uint8_t) code);
  knot_wire_set_nscount (f->answer, 0);
  knot_wire_set_arcount (f->answer, 0);
  knot_pkt_free (packet);
}

static void
sign (Fixture *f, const char *name, const char *secret, guint16 error)
{
  knot_tsig_key_t key = { 0 };
  guint8 digest[64];
  gsize digest_size = sizeof digest;

  g_assert_cmpint (knot_tsig_key_init (&key, "hmac-sha256", name, secret), ==, KNOT_EOK);
  g_assert_cmpint (knot_tsig_sign (f->answer, &f->size, sizeof f->answer, f->digest, f->digest_size,
                                   digest, &digest_size, &key, error,
                                   (uint64_t) (g_get_real_time () / G_USEC_PER_SEC)),
                   ==, KNOT_EOK);
  knot_tsig_key_deinit (&key);
}

/* As whoever cannot sign says it (RFC 8945 5.3.2). */
static void
add_error (Fixture *f, guint16 error)
{
  knot_rrset_t record;
  knot_dname_storage_t name;

  (void) knot_dname_from_str (name, KEY, sizeof name);
  knot_rrset_init (&record, name, KNOT_RRTYPE_TSIG, KNOT_CLASS_ANY, 0);
  g_assert_cmpint (knot_tsig_create_rdata (
                       &record, dnssec_tsig_algorithm_to_dname (DNSSEC_TSIG_HMAC_SHA256), 0, error),
                   ==, KNOT_EOK);
  g_assert_cmpint (knot_tsig_append (f->answer, &f->size, sizeof f->answer, &record), ==, KNOT_EOK);
  knot_rdataset_clear (&record.rrs, NULL);
}

static SpErrandOutcome
judge (Fixture *f, guint16 *ret_code)
{
  return sp_zone_update_judge (f->update, f->answer, f->size, ret_code);
}

static void
test_done (Fixture *f, gconstpointer data)
{
  guint16 code = 99;

  begin_answer (f, KNOT_RCODE_NOERROR);
  sign (f, KEY, SECRET, 0);
  g_assert_cmpint (judge (f, &code), ==, SP_ERRAND_DONE);
  g_assert_cmpuint (code, ==, 0);
}

/* A success is believed of nobody but who has the key, in answer to this question. */
static void
test_forged (Fixture *f, gconstpointer data)
{
  guint16 code;

  begin_answer (f, KNOT_RCODE_NOERROR);
  g_assert_cmpint (judge (f, &code), ==, SP_ERRAND_NOT_SIGNED);
  sign (f, KEY, ANOTHER, 0);
  g_assert_cmpint (judge (f, &code), ==, SP_ERRAND_NOT_SIGNED);
  begin_answer (f, KNOT_RCODE_NOERROR);
  sign (f, "another.key", SECRET, 0);
  g_assert_cmpint (judge (f, &code), ==, SP_ERRAND_NOT_SIGNED);
  begin_answer (f, KNOT_RCODE_NOERROR);
  f->digest[0] ^= 1;
  sign (f, KEY, SECRET, 0);
  g_assert_cmpint (judge (f, &code), ==, SP_ERRAND_NOT_SIGNED);
  begin_answer (f, KNOT_RCODE_SERVFAIL);
  sign (f, KEY, SECRET, 0);
  knot_wire_set_rcode (f->answer, KNOT_RCODE_NOERROR);
  g_assert_cmpint (judge (f, &code), ==, SP_ERRAND_NOT_SIGNED);
}

static const struct
{
  guint16 code;
  guint16 error; /* of the signature's record, 0: there is none */
  SpErrandOutcome outcome;
} refusals[] = {
  { KNOT_RCODE_FORMERR, 0, SP_ERRAND_NOT_UNDERSTOOD },
  { KNOT_RCODE_SERVFAIL, 0, SP_ERRAND_LATER },
  { KNOT_RCODE_NOTIMPL, 0, SP_ERRAND_REFUSED },
  { KNOT_RCODE_REFUSED, 0, SP_ERRAND_REFUSED },
  { KNOT_RCODE_NOTAUTH, 0, SP_ERRAND_NO_ZONE },
  { KNOT_RCODE_NOTZONE, 0, SP_ERRAND_NO_ZONE },
  { KNOT_RCODE_NOTAUTH, KNOT_RCODE_BADKEY, SP_ERRAND_KEY_UNKNOWN },
  { KNOT_RCODE_NOTAUTH, KNOT_RCODE_BADSIG, SP_ERRAND_KEY_WRONG },
  { KNOT_RCODE_NOTAUTH, KNOT_RCODE_BADTRUNC, SP_ERRAND_KEY_WRONG },
  { KNOT_RCODE_NOTAUTH, KNOT_RCODE_BADTIME, SP_ERRAND_CLOCK },
};

static void
test_refused (Fixture *f, gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (refusals); i++)
    {
      guint16 code;

      begin_answer (f, refusals[i].code);
      if (refusals[i].error == KNOT_RCODE_BADTIME)
        sign (f, KEY, SECRET, refusals[i].error);
      else if (refusals[i].error != 0)
        add_error (f, refusals[i].error);
      g_assert_cmpint (judge (f, &code), ==, refusals[i].outcome);
      g_assert_cmpuint (code, ==, refusals[i].code);
    }
}

/* Cut off anywhere, too long, or to another question. */
static void
test_nonsense (Fixture *f, gconstpointer data)
{
  guint8 much[SP_ERRAND_ANSWER_MAX + 1] = { 0 };
  gsize whole;
  guint16 code;

  begin_answer (f, KNOT_RCODE_NOERROR);
  sign (f, KEY, SECRET, 0);
  whole = f->size;
  for (f->size = 0; f->size < whole; f->size++)
    g_assert_cmpint (judge (f, &code), ==, SP_ERRAND_NOT_UNDERSTOOD);
  memcpy (much, f->answer, whole);
  g_assert_cmpint (sp_zone_update_judge (f->update, much, sizeof much, &code), ==,
                   SP_ERRAND_NOT_UNDERSTOOD);
  f->answer[0] ^= 1;
  g_assert_cmpint (judge (f, &code), ==, SP_ERRAND_NOT_UNDERSTOOD);
  begin_answer (f, KNOT_RCODE_NOERROR);
  knot_wire_clear_qr (f->answer);
  g_assert_cmpint (judge (f, &code), ==, SP_ERRAND_NOT_UNDERSTOOD);
  begin_answer (f, KNOT_RCODE_NOERROR);
  knot_wire_set_opcode (f->answer, KNOT_OPCODE_QUERY);
  g_assert_cmpint (judge (f, &code), ==, SP_ERRAND_NOT_UNDERSTOOD);
}

#define TEST(path, function)                                                                       \
  g_test_add ("/zone-update/" path, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  TEST ("question", test_question);
  TEST ("one-address", test_one_address);
  TEST ("text", test_text);
  TEST ("wrong-orders", test_wrong_orders);
  TEST ("done", test_done);
  TEST ("forged", test_forged);
  TEST ("refused", test_refused);
  TEST ("nonsense", test_nonsense);
  return g_test_run ();
}
