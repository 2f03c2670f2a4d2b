/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "link/link.h"
#include "token.h"

G_BEGIN_DECLS

/* The room as a whole. */
typedef struct
{
  GMainLoop *loop;
  SpLink *keyholder;
  SpToken *token; /* NULL: not opened */
} SpTokenRoom;

extern const SpLinkTable sp_token_from_keyholder;

G_END_DECLS
