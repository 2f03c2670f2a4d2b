/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "acme-error.h"

G_DEFINE_QUARK (sp_acme_error, sp_acme_error)
