/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The rules of the candidacy: worker/candidacy.h says what the words mean.  The model that proves
 * them (tests/model/channel.pml) is made of the same lines, so there is nothing in here but macros.
 */

/* clang-format off */
#define SP_CANDIDACY_RULES(RULE) \
  /*    in state  when      go to    and then */ \
  RULE (NONE,     HELLO,    SHAKING, BEGIN) \
  RULE (NONE,     CLOSED,   SHUT,    NOTHING) \
  RULE (SHAKING,  HELLO,    SHAKING, REPLACE) \
  RULE (SHAKING,  FINISHED, KEYED,   NOTHING) \
  RULE (SHAKING,  OVER,     NONE,    DROP) \
  RULE (SHAKING,  LATE,     NONE,    DROP) \
  RULE (SHAKING,  CLOSED,   SHUT,    DROP) \
  RULE (KEYED,    HELLO,    KEYED,   REFUSE) \
  RULE (KEYED,    RECORD,   NONE,    PROMOTE) \
  RULE (KEYED,    OVER,     NONE,    DROP) \
  RULE (KEYED,    LATE,     NONE,    DROP) \
  RULE (KEYED,    CLOSED,   SHUT,    DROP) \
  RULE (SHUT,     HELLO,    SHUT,    REFUSE)
/* clang-format on */
