/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "walls/main-nursery.h"

/* clang-format off */
SP_MAIN_NURSERY_MESSAGES (SP_FIELDS_MESSAGE, SP_MAIN_NURSERY_FROM, SP_MAIN_NURSERY_IN)

static const SpMessageRule rules[] = { SP_MAIN_NURSERY_MESSAGES (SP_RULE_MESSAGE, SP_MAIN_NURSERY_FROM, SP_MAIN_NURSERY_IN) };
/* clang-format on */

const SpWall sp_wall_main_nursery = {
  "main-nursery",
  { "main", "nursery" },
  rules,
  G_N_ELEMENTS (rules),
};
