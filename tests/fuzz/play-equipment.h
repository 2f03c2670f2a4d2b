/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "worker/equipment.h"

/* As the nursery makes it, with a certificate whose key nobody has. */
SpEquipment *play_equipment_new (SpCipherOrder order);
