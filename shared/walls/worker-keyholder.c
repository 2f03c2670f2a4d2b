/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "walls/worker-keyholder.h"

/* clang-format off */
SP_WORKER_KEYHOLDER_MESSAGES (SP_FIELDS_MESSAGE, SP_WORKER_KEYHOLDER_FROM, SP_WORKER_KEYHOLDER_IN)

static const SpMessageRule rules[] = { SP_WORKER_KEYHOLDER_MESSAGES (SP_RULE_MESSAGE, SP_WORKER_KEYHOLDER_FROM, SP_WORKER_KEYHOLDER_IN) };
/* clang-format on */

const SpWall sp_wall_worker_keyholder = {
  "worker-keyholder",
  { "worker", "keyholder" },
  rules,
  G_N_ELEMENTS (rules),
};
