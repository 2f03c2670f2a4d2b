/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "walls/message.h"

G_BEGIN_DECLS

/* Who may say what, when, how often.  One const table a wall; what it does not allow ends the peer.
 */

#define SP_TIMES_ANY       0 /* as often as wished */
#define SP_ANSWERS_NOTHING 0
#define SP_PHASE(n)        (1u << (n))
#define SP_PHASE_ANY       (~0u)
#define SP_QUESTIONS_MAX   64 /* unanswered at one time on one wall */

typedef struct
{
  const char *name;
  guint8 type;    /* from 1 */
  guint8 sender;  /* one of the wall's two sides: 0 or 1 */
  guint32 phases; /* mask of SP_PHASE in which the sender may send it */
  guint16 times;  /* in the life of the wall, or SP_TIMES_ANY */
  guint8 n_fds;   /* exactly */
  guint8 answers; /* the question's type: the serial must be that of an open question */
  SpMessageShape shape;
} SpMessageRule;

typedef struct
{
  const char *name;
  const char *sides[2];
  const SpMessageRule *rules; /* indexed by type - 1 */
  guint n_rules;
} SpWall;

/* What one end knows of the other: the phase is set by the end's own events, never by the peer. */
typedef struct
{
  const SpWall *wall;
  guint8 own_side;
  guint8 phase; /* a number below 32 */
  guint16 seen[SP_WALL_MESSAGES_MAX];
  struct
  {
    guint32 serial;
    guint8 type; /* 0: free */
  } questions[SP_QUESTIONS_MAX];
  guint32 last_serial;
} SpPermit;

typedef enum
{
  SP_VERDICT_ALLOWED,
  SP_VERDICT_MALFORMED,  /* header, or payload does not fit its shape */
  SP_VERDICT_UNKNOWN,    /* no such message */
  SP_VERDICT_WRONG_SIDE, /* the peer sends what only we may send */
  SP_VERDICT_WRONG_PHASE,
  SP_VERDICT_TOO_OFTEN,
  SP_VERDICT_WRONG_FDS,
  SP_VERDICT_UNASKED, /* an answer to no question */
  SP_VERDICT_LAST = SP_VERDICT_UNASKED
} SpVerdict;

const char *sp_verdict_to_string (SpVerdict verdict);

void sp_permit_init (SpPermit *permit, const SpWall *wall, guint8 own_side);
void sp_permit_enter (SpPermit *permit, guint8 phase);
const SpMessageRule *sp_wall_find (const SpWall *wall, guint8 type);

/* Registers a question that we are about to send; 0 if too many are open. */
guint32 sp_permit_ask (SpPermit *permit, guint8 type);

/* Checks what the peer sent, and if it is allowed counts it, closes the question that it answers,
 * and decodes it into `ret_message` (at least the shape's struct_size; NULL decodes nothing). */
SpVerdict sp_permit_check (SpPermit *permit,
                           const guint8 *bytes,
                           gsize size,
                           guint n_fds,
                           SpMessageHeader *ret_header,
                           gpointer ret_message);

/* Whether some other message of the wall answers this one. */
gboolean sp_wall_is_question (const SpWall *wall, guint8 type);

/* What a wall's header and its one .c file are made of.  A wall lists its messages as
 *   MESSAGE (NAME, Struct, SENDER, phases, times, fds, ANSWERED_QUESTION)
 * and the fields of each as SP_<NAME>_FIELDS. */
#define SP_MESSAGE_NOTHING SP_ANSWERS_NOTHING

#define SP_ENUM_MESSAGE(NAME, Struct, SENDER, phases, times, fds, ANSWERED) SP_MESSAGE_##NAME,
#define SP_STRUCT_MESSAGE(NAME, Struct, SENDER, phases, times, fds, ANSWERED)                      \
  typedef struct                                                                                   \
  {                                                                                                \
    SP_##NAME##_FIELDS (Struct, SP_STRUCT_NUMBER, SP_STRUCT_FIXED, SP_STRUCT_BYTES)                \
  } Struct;

#define SP_SHAPE_NUMBER(S, type_, name_)                                                           \
  { SP_FIELD_NUMBER, G_STRUCT_OFFSET (S, name_), 0, sizeof (type_), #name_ },
#define SP_SHAPE_FIXED(S, name_, size_)                                                            \
  { SP_FIELD_FIXED, G_STRUCT_OFFSET (S, name_), 0, size_, #name_ },
#define SP_SHAPE_BYTES(S, name_, max_)                                                             \
  { SP_FIELD_BYTES, G_STRUCT_OFFSET (S, name_), G_STRUCT_OFFSET (S, name_##_length), max_, #name_ },
#define SP_FIELDS_MESSAGE(NAME, Struct, SENDER, phases, times, fds, ANSWERED)                      \
  static const SpField Struct##_fields[] = { SP_##NAME##_FIELDS (                                  \
      Struct, SP_SHAPE_NUMBER, SP_SHAPE_FIXED, SP_SHAPE_BYTES) };
#define SP_RULE_MESSAGE(NAME, Struct, SENDER, phases_, times_, fds_, ANSWERED)                     \
  { #NAME,                                                                                         \
    SP_MESSAGE_##NAME,                                                                             \
    SENDER,                                                                                        \
    phases_,                                                                                       \
    times_,                                                                                        \
    fds_,                                                                                          \
    SP_MESSAGE_##ANSWERED,                                                                         \
    { Struct##_fields, G_N_ELEMENTS (Struct##_fields), sizeof (Struct) } },

G_END_DECLS
