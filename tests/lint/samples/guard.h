/* sample: daemon/main/guard.h */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GUARD_H /* expect: pragma-once expect: conditional */
#define GUARD_H
#endif
