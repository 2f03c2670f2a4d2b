/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz.h"

#include "wall-list.h"

#include <string.h>

/* One program a wall: FUZZED_WALL is what the build says. */

/* What was decoded is encoded to the very bytes that came. */
static void
check_round_trip (const SpMessageRule *rule,
                  const SpMessageHeader *header,
                  gconstpointer message,
                  const uint8_t *bytes,
                  size_t size)
{
  g_autofree guint8 *again = g_malloc (size);

  g_assert_cmpuint (sp_message_encode (&rule->shape, header, message, again, size), ==, size);
  g_assert_cmpmem (again, size, bytes, size);
  g_assert_cmpuint (sp_message_encode (&rule->shape, header, message, again, size - 1), ==, 0);
}

/* The rule was kept, and the table says so independently of the code. */
static void
check_allowed (const SpPermit *before, const SpMessageRule *rule, guint n_fds, size_t size)
{
  g_assert_cmpuint (rule->sender, !=, before->own_side);
  g_assert_cmpuint (rule->n_fds, ==, n_fds);
  g_assert_true (rule->phases & SP_PHASE (before->phase));
  g_assert_true (rule->times == SP_TIMES_ANY || before->seen[rule->type - 1] < rule->times);
  g_assert_cmpuint (size, >=, sp_message_min_size (&rule->shape));
  g_assert_cmpuint (size, <=, sp_message_max_size (&rule->shape));
}

static guint
count_questions (const SpPermit *permit)
{
  guint n = 0;

  for (guint i = 0; i < SP_QUESTIONS_MAX; i++)
    n += permit->questions[i].type != 0;
  return n;
}

/* Room for exactly what the message's type says it decodes to; nothing for an unknown one. */
static gpointer
allocate_message (const SpWall *wall, const uint8_t *bytes, size_t size)
{
  SpMessageHeader header;
  const SpMessageRule *rule = NULL;

  if (sp_message_decode_header (bytes, size, &header))
    rule = sp_wall_find (wall, header.type);
  return rule == NULL ? NULL : g_malloc (rule->shape.struct_size);
}

static void
check_message (SpPermit *permit, guint n_fds, const uint8_t *bytes, size_t size)
{
  SpPermit before = *permit;
  SpMessageHeader header;
  g_autofree guint8 *message = allocate_message (permit->wall, bytes, size);
  SpVerdict verdict = sp_permit_check (permit, bytes, size, n_fds, &header, message);
  const SpMessageRule *rule;

  g_assert_nonnull (sp_verdict_to_string (verdict));
  if (verdict != SP_VERDICT_ALLOWED)
    {
      g_assert_cmpmem (permit, sizeof *permit, &before, sizeof before);
      return;
    }
  rule = sp_wall_find (permit->wall, header.type);
  check_allowed (&before, rule, n_fds, size);
  check_round_trip (rule, &header, message, bytes, size);
  g_assert_cmpuint (count_questions (permit), ==,
                    count_questions (&before) - (rule->answers != SP_ANSWERS_NOTHING));
  if (rule->answers != SP_ANSWERS_NOTHING)
    g_assert_cmpint (sp_permit_check (permit, bytes, size, n_fds, &header, NULL), !=,
                     SP_VERDICT_ALLOWED);
}

static void
ask_everything (SpPermit *permit)
{
  for (guint round = 0; round < WALL_QUESTIONS_ASKED; round++)
    for (guint type = 1; type <= permit->wall->n_rules; type++)
      if (sp_wall_is_question (permit->wall, (guint8) type))
        g_assert_cmpuint (sp_permit_ask (permit, (guint8) type), !=, 0);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  SpPermit permit;
  size_t at = WALL_INPUT_HEADER;

  if (size < WALL_INPUT_HEADER)
    return 0;
  sp_permit_init (&permit, &FUZZED_WALL, data[0] % 2);
  ask_everything (&permit);
  while (size - at >= WALL_MESSAGE_HEADER)
    {
      size_t length = (size_t) data[at + 3] << 8 | data[at + 2];
      guint n_fds = data[at + 1];
      g_autofree guint8 *exact = NULL;

      sp_permit_enter (&permit, data[at] % 32);
      at += WALL_MESSAGE_HEADER;
      length = MIN (length, size - at);
      exact = g_malloc (MAX (length, 1));
      memcpy (exact, data + at, length);
      check_message (&permit, n_fds, exact, length);
      at += length;
    }
  return 0;
}
