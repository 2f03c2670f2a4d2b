/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The authorities that this computer trusts, as one file of PEM certificates, opened for reading;
 * the caller's.  -1: none was found where distributions keep it. */
int sp_trust_file_open (void);
