/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The rules of the loan: daemon/main/loan.h says what the words mean.  The model that proves them
 * (tests/model/loan.pml) is made of the same lines, so there is nothing in here but macros. */

/* clang-format off */
#define SP_LOAN_RULES(RULE) \
  /*    in phase   when          go to      and then */ \
  RULE (FREE,      REQUESTED,    MINTING,   MINT) \
  RULE (MINTING,   REQUESTED,    MINTING,   MINT) \
  RULE (MINTING,   MINTED,       GRANTED,   GRANT) \
  RULE (MINTING,   WAITING_GONE, FREE,      FORGET) \
  RULE (GRANTED,   ACKNOWLEDGED, ATTACHED,  NOTHING) \
  RULE (GRANTED,   REQUESTED,    RECALLING, RECALL) \
  RULE (GRANTED,   ABANDONED,    FREE,      NOTHING) \
  RULE (ATTACHED,  REQUESTED,    RECALLING, RECALL) \
  RULE (ATTACHED,  ABANDONED,    FREE,      NOTHING) \
  RULE (RECALLING, REQUESTED,    RECALLING, NOTHING) \
  RULE (RECALLING, WAITING_GONE, RECALLING, NOTHING) \
  RULE (RECALLING, RETURNED,     MINTING,   MINT) \
  RULE (RECALLING, ABANDONED,    FREE,      NOTHING)
/* clang-format on */
