/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz.h"

#include "zone-update.h"

#include <string.h>

#define HEAD_SIZE 2 /* the id of a message (RFC 1035 4.1.1) */

static guint16
fill (guint8 *field, const char *text)
{
  memcpy (field, text, strlen (text));
  return (guint16) strlen (text);
}

/* Whoever has no key cannot make us believe that it was done. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  SpRunErrand order = { .kind = SP_ERRAND_ZONE_ADDRESS };
  SpErrandOutcome outcome;
  g_autoptr (SpZoneUpdate) update = NULL;
  g_autofree guint8 *answer = g_memdup2 (data, size);
  const guint8 *question;
  gsize question_size;
  guint16 code;

  order.zone_length = fill (order.zone, "home.test");
  order.name_length = fill (order.name, "vpn.home.test");
  order.user_length = fill (order.user, "our.key");
  order.ipv4[SP_ADDRESS_SIZE - 1] = 1;
  update = sp_zone_update_new (&order, "c2VjcmV0IG9mIG91ciBrZXk=", &outcome);
  g_assert_nonnull (update);
  question = sp_zone_update_get_message (update, &question_size);
  if (size >= HEAD_SIZE)
    memcpy (answer, question, HEAD_SIZE); /* else nothing goes further than that */
  outcome = sp_zone_update_judge (update, answer, size, &code);
  g_assert_cmpint (outcome, !=, SP_ERRAND_DONE);
  g_assert_cmpint (outcome, <=, SP_ERRAND_OUTCOME_LAST);
  return 0;
}
