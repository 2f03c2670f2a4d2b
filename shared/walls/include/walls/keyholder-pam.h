/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/limits.h"
#include "walls/permit.h"

G_BEGIN_DECLS

/* Wall G: the keyholder and a PAM room, for one sign-in.  Main makes both ends, keeps neither, and
 * ends the room, or connects to a service manager that has one: no password passes it.  The room
 * runs foreign code: it says whether PAM is content with somebody, never who that is, and the
 * keyholder decides what follows. */

enum
{
  SP_KEYHOLDER_PAM_KEYHOLDER = 0,
  SP_KEYHOLDER_PAM_PAM = 1
};

/* Phases:
 * WAITING   the room does not know whom it is about
 * TALKING   PAM is at work, or waits for an answer
 * OVER      it has said what came out
 */
typedef enum
{
  SP_KEYHOLDER_PAM_WAITING,
  SP_KEYHOLDER_PAM_TALKING,
  SP_KEYHOLDER_PAM_OVER
} SpKeyholderPamPhase;

/* PAM_DECIDED.result */
typedef enum
{
  SP_PAM_RIGHT,   /* they are who they say, and may come in */
  SP_PAM_WRONG,   /* an answer was wrong, or there is nobody of that name */
  SP_PAM_EXPIRED, /* the account, or its password */
  SP_PAM_REFUSED, /* by the account phase, for another reason */
  SP_PAM_FAILED,  /* it could not be judged */
  SP_PAM_RESULT_LAST = SP_PAM_FAILED
} SpPamResult;

/* BEGIN_PAM: address: where the client is; both are what PAM calls user and remote host */
#define SP_BEGIN_PAM_FIELDS(S, NUMBER, FIXED, BYTES)                                               \
  FIXED (S, address, SP_ADDRESS_SIZE)                                                              \
  BYTES (S, login, SP_LOGIN_MAX)

/* ASK_PERSON: the words of a module, in whatever encoding it has, after those that it only wanted
 * to have shown */
#define SP_ASK_PERSON_FIELDS(S, NUMBER, FIXED, BYTES) BYTES (S, prompt, SP_PROMPT_MAX)

/* PERSON_SAID: as typed */
#define SP_PERSON_SAID_FIELDS(S, NUMBER, FIXED, BYTES) BYTES (S, answer, SP_PASSWORD_MAX)

/* PAM_DECIDED: text: PAM's own word for it, for the log */
#define SP_PAM_DECIDED_FIELDS(S, NUMBER, FIXED, BYTES)                                             \
  NUMBER (S, guint8, result)                                                                       \
  BYTES (S, text, SP_REASON_MAX)

#define SP_KEYHOLDER_PAM_FROM(side) SP_KEYHOLDER_PAM_##side
#define SP_KEYHOLDER_PAM_IN(phase)  SP_PHASE (SP_KEYHOLDER_PAM_##phase)

/* clang-format off */
#define SP_KEYHOLDER_PAM_MESSAGES(MESSAGE, FROM, IN) \
  /*       message      struct         sender            in phases     times              fds answers */ \
  MESSAGE (BEGIN_PAM,   SpBeginPam,    FROM (KEYHOLDER), IN (WAITING), 1,                 0,  NOTHING) \
  MESSAGE (ASK_PERSON,  SpAskPerson,   FROM (PAM),       IN (TALKING), SP_PAM_PROMPTS_MAX, 0, NOTHING) \
  MESSAGE (PERSON_SAID, SpPersonSaid,  FROM (KEYHOLDER), IN (TALKING), SP_PAM_PROMPTS_MAX, 0, ASK_PERSON) \
  MESSAGE (PAM_DECIDED,  SpPamDecided, FROM (PAM),       IN (TALKING), 1,                 0,  NOTHING)
/* clang-format on */

enum
{
  SP_KEYHOLDER_PAM_NO_MESSAGE = 0,
  SP_KEYHOLDER_PAM_MESSAGES (SP_ENUM_MESSAGE, SP_KEYHOLDER_PAM_FROM, SP_KEYHOLDER_PAM_IN)
};

SP_KEYHOLDER_PAM_MESSAGES (SP_STRUCT_MESSAGE, SP_KEYHOLDER_PAM_FROM, SP_KEYHOLDER_PAM_IN)

extern const SpWall sp_wall_keyholder_pam;

G_END_DECLS
