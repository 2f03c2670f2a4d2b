/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "walls/main-courier.h"

/* clang-format off */
SP_MAIN_COURIER_MESSAGES (SP_FIELDS_MESSAGE, SP_MAIN_COURIER_FROM, SP_MAIN_COURIER_IN)

static const SpMessageRule rules[] = { SP_MAIN_COURIER_MESSAGES (SP_RULE_MESSAGE, SP_MAIN_COURIER_FROM, SP_MAIN_COURIER_IN) };
/* clang-format on */

const SpWall sp_wall_main_courier = {
  "main-courier",
  { "main", "courier" },
  rules,
  G_N_ELEMENTS (rules),
};
