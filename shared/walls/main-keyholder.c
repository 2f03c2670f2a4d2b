/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "walls/main-keyholder.h"

/* clang-format off */
SP_MAIN_KEYHOLDER_MESSAGES (SP_FIELDS_MESSAGE, SP_MAIN_KEYHOLDER_FROM, SP_MAIN_KEYHOLDER_IN)

static const SpMessageRule rules[] = { SP_MAIN_KEYHOLDER_MESSAGES (SP_RULE_MESSAGE, SP_MAIN_KEYHOLDER_FROM, SP_MAIN_KEYHOLDER_IN) };
/* clang-format on */

const SpWall sp_wall_main_keyholder = {
  "main-keyholder",
  { "main", "keyholder" },
  rules,
  G_N_ELEMENTS (rules),
};
