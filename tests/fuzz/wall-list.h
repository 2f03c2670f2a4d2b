/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "walls/keyholder-pam.h"
#include "walls/keyholder-token.h"
#include "walls/main-courier.h"
#include "walls/main-door.h"
#include "walls/main-holder.h"
#include "walls/main-keyholder.h"
#include "walls/main-nursery.h"
#include "walls/main-worker.h"
#include "walls/worker-keyholder.h"

/* An input of a wall's target: the receiving side; then per message its phase, its number of
 * descriptors, its size (16 bits, little-endian) and its bytes. */
#define WALL_INPUT_HEADER    1
#define WALL_MESSAGE_HEADER  4
#define WALL_QUESTIONS_ASKED 2 /* of each kind, before the first message: serials from 1 */
