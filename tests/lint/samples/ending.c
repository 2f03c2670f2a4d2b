/* sample: daemon/main/ending.c */
/* SPDX-License-Identifier: GPL-2.0-or-later */
int blanks (void); /* expect: ending */ 
