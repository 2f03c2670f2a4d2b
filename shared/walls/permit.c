/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "walls/permit.h"

#include <string.h>

static const char *const verdict_names[] = {
  [SP_VERDICT_ALLOWED] = "allowed",
  [SP_VERDICT_MALFORMED] = "malformed",
  [SP_VERDICT_UNKNOWN] = "unknown message",
  [SP_VERDICT_WRONG_SIDE] = "wrong side",
  [SP_VERDICT_WRONG_PHASE] = "wrong phase",
  [SP_VERDICT_TOO_OFTEN] = "too often",
  [SP_VERDICT_WRONG_FDS] = "wrong number of descriptors",
  [SP_VERDICT_UNASKED] = "answer to no question",
};

const char *
sp_verdict_to_string (SpVerdict verdict)
{
  return verdict_names[verdict];
}

void
sp_permit_init (SpPermit *permit, const SpWall *wall, guint8 own_side)
{
  g_return_if_fail (wall->n_rules <= SP_WALL_MESSAGES_MAX);
  memset (permit, 0, sizeof *permit);
  permit->wall = wall;
  permit->own_side = own_side;
}

void
sp_permit_enter (SpPermit *permit, guint8 phase)
{
  g_return_if_fail (phase < 32);
  permit->phase = phase;
}

const SpMessageRule *
sp_wall_find (const SpWall *wall, guint8 type)
{
  if (type == 0 || type > wall->n_rules)
    return NULL;
  return &wall->rules[type - 1];
}

gboolean
sp_wall_is_question (const SpWall *wall, guint8 type)
{
  for (guint i = 0; i < wall->n_rules; i++)
    if (wall->rules[i].answers == type)
      return TRUE;
  return FALSE;
}

guint32
sp_permit_ask (SpPermit *permit, guint8 type)
{
  for (guint i = 0; i < SP_QUESTIONS_MAX; i++)
    {
      if (permit->questions[i].type != 0)
        continue;
      if (++permit->last_serial == 0)
        permit->last_serial = 1;
      permit->questions[i].type = type;
      permit->questions[i].serial = permit->last_serial;
      return permit->last_serial;
    }
  return 0;
}

/* The slot of the open question that this answer belongs to, or SP_QUESTIONS_MAX. */
static guint
find_question (const SpPermit *permit, guint8 type, guint32 serial)
{
  guint slot = 0;

  while (slot < SP_QUESTIONS_MAX &&
         (permit->questions[slot].type != type || permit->questions[slot].serial != serial))
    slot++;
  return slot;
}

static SpVerdict
check_rule (const SpPermit *permit, const SpMessageRule *rule, guint n_fds)
{
  if (rule->sender == permit->own_side)
    return SP_VERDICT_WRONG_SIDE;
  if ((rule->phases & SP_PHASE (permit->phase)) == 0)
    return SP_VERDICT_WRONG_PHASE;
  if (rule->times != SP_TIMES_ANY && permit->seen[rule->type - 1] >= rule->times)
    return SP_VERDICT_TOO_OFTEN;
  if (n_fds != rule->n_fds)
    return SP_VERDICT_WRONG_FDS;
  return SP_VERDICT_ALLOWED;
}

static gboolean
payload_fits (const SpMessageRule *rule, const guint8 *bytes, gsize size, gpointer ret_message)
{
  g_autofree gpointer scratch = NULL;

  if (size < sp_message_min_size (&rule->shape) || size > sp_message_max_size (&rule->shape))
    return FALSE;
  if (ret_message == NULL)
    ret_message = scratch = g_malloc (rule->shape.struct_size);
  return sp_message_decode (&rule->shape, bytes, size, ret_message);
}

SpVerdict
sp_permit_check (SpPermit *permit,
                 const guint8 *bytes,
                 gsize size,
                 guint n_fds,
                 SpMessageHeader *ret_header,
                 gpointer ret_message)
{
  const SpMessageRule *rule;
  SpVerdict verdict;
  guint slot = SP_QUESTIONS_MAX;

  if (!sp_message_decode_header (bytes, size, ret_header))
    return SP_VERDICT_MALFORMED;
  rule = sp_wall_find (permit->wall, ret_header->type);
  if (rule == NULL)
    return SP_VERDICT_UNKNOWN;
  verdict = check_rule (permit, rule, n_fds);
  if (verdict != SP_VERDICT_ALLOWED)
    return verdict;
  if (!payload_fits (rule, bytes, size, ret_message))
    return SP_VERDICT_MALFORMED;
  if (rule->answers != SP_ANSWERS_NOTHING)
    {
      slot = find_question (permit, rule->answers, ret_header->serial);
      if (slot == SP_QUESTIONS_MAX)
        return SP_VERDICT_UNASKED;
      permit->questions[slot].type = 0;
    }
  if (permit->seen[rule->type - 1] < G_MAXUINT16)
    permit->seen[rule->type - 1]++;
  return SP_VERDICT_ALLOWED;
}
