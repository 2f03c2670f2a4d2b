/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "worker-play.h"

/* Lets it happen, with what the input says of it.  What is not possible at that moment (a grant
 * that nobody asked for) does not. */
void worker_things_happen (WorkerPlay *play, PlayThing thing);
