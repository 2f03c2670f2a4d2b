/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "walls/main-door.h"

/* clang-format off */
SP_MAIN_DOOR_MESSAGES (SP_FIELDS_MESSAGE, SP_MAIN_DOOR_FROM, SP_MAIN_DOOR_IN)

static const SpMessageRule rules[] = { SP_MAIN_DOOR_MESSAGES (SP_RULE_MESSAGE, SP_MAIN_DOOR_FROM, SP_MAIN_DOOR_IN) };
/* clang-format on */

const SpWall sp_wall_main_door = {
  "main-door",
  { "main", "door" },
  rules,
  G_N_ELEMENTS (rules),
};
