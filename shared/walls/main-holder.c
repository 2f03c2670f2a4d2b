/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "walls/main-holder.h"

/* clang-format off */
SP_MAIN_HOLDER_MESSAGES (SP_FIELDS_MESSAGE, SP_MAIN_HOLDER_FROM, SP_MAIN_HOLDER_IN)

static const SpMessageRule rules[] = { SP_MAIN_HOLDER_MESSAGES (SP_RULE_MESSAGE, SP_MAIN_HOLDER_FROM, SP_MAIN_HOLDER_IN) };
/* clang-format on */

const SpWall sp_wall_main_holder = {
  "main-holder",
  { "main", "holder" },
  rules,
  G_N_ELEMENTS (rules),
};
