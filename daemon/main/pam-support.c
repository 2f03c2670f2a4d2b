/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pam-support.h"

gboolean
sp_pam_is_built (void)
{
  return SP_HAS_PAM;
}
