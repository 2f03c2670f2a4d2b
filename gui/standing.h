/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* How it is with something that the server does with others by itself. */
typedef enum
{
  SP_STANDING_IDLE, /* nothing is asked for, or the server is off */
  SP_STANDING_BUSY,
  SP_STANDING_GOOD,
  SP_STANDING_BAD
} SpStanding;
