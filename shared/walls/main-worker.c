/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "walls/main-worker.h"

/* clang-format off */
SP_MAIN_WORKER_MESSAGES (SP_FIELDS_MESSAGE, SP_MAIN_WORKER_FROM, SP_MAIN_WORKER_IN)

static const SpMessageRule rules[] = { SP_MAIN_WORKER_MESSAGES (SP_RULE_MESSAGE, SP_MAIN_WORKER_FROM, SP_MAIN_WORKER_IN) };
/* clang-format on */

const SpWall sp_wall_main_worker = {
  "main-worker",
  { "main", "worker" },
  rules,
  G_N_ELEMENTS (rules),
};
