/* sample: daemon/main/licence.c */
/* SPDX-License-Identifier: GPL-2.0 */ /* expect: licence */
