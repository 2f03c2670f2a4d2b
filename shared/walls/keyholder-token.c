/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "walls/keyholder-token.h"

/* clang-format off */
SP_KEYHOLDER_TOKEN_MESSAGES (SP_FIELDS_MESSAGE, SP_KEYHOLDER_TOKEN_FROM, SP_KEYHOLDER_TOKEN_IN)

static const SpMessageRule rules[] = { SP_KEYHOLDER_TOKEN_MESSAGES (SP_RULE_MESSAGE, SP_KEYHOLDER_TOKEN_FROM, SP_KEYHOLDER_TOKEN_IN) };
/* clang-format on */

const SpWall sp_wall_keyholder_token = {
  "keyholder-token",
  { "keyholder", "token" },
  rules,
  G_N_ELEMENTS (rules),
};
