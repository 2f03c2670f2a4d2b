/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "walls/keyholder-pam.h"

/* clang-format off */
SP_KEYHOLDER_PAM_MESSAGES (SP_FIELDS_MESSAGE, SP_KEYHOLDER_PAM_FROM, SP_KEYHOLDER_PAM_IN)

static const SpMessageRule rules[] = { SP_KEYHOLDER_PAM_MESSAGES (SP_RULE_MESSAGE, SP_KEYHOLDER_PAM_FROM, SP_KEYHOLDER_PAM_IN) };
/* clang-format on */

const SpWall sp_wall_keyholder_pam = {
  "keyholder-pam",
  { "keyholder", "pam" },
  rules,
  G_N_ELEMENTS (rules),
};
