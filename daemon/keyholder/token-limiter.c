/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "token-limiter.h"

#include "base/fixed-table.h"

#define PLACES_MAX 1024

/* A debt in time: each wrong token puts off the moment when nothing is owed any more. */
typedef struct
{
  SpFixedEntry head; /* kept until then */
} Account;

struct _SpTokenLimiter
{
  SpFixedTable *places;
  gint64 clear_at; /* of all together */
};

SpTokenLimiter *
sp_token_limiter_new (const guint64 seed[2])
{
  SpTokenLimiter *limiter = g_new0 (SpTokenLimiter, 1);

  limiter->places = sp_fixed_table_new (sizeof (Account), PLACES_MAX, seed);
  return limiter;
}

void
sp_token_limiter_free (SpTokenLimiter *limiter)
{
  if (limiter == NULL)
    return;
  sp_fixed_table_free (limiter->places);
  g_free (limiter);
}

gboolean
sp_token_limiter_may_try (SpTokenLimiter *limiter, guint64 place, gint64 now)
{
  const Account *account = sp_fixed_table_find (limiter->places, place);

  return limiter->clear_at - now <= (SP_TOKEN_TRIES_TOTAL - 1) * SP_TOKEN_PAUSE_TOTAL &&
         (account == NULL ||
          account->head.keep_until - now <= (SP_TOKEN_TRIES_PLACE - 1) * SP_TOKEN_PAUSE_PLACE);
}

void
sp_token_limiter_charge (SpTokenLimiter *limiter, guint64 place, gint64 now)
{
  Account *account = sp_fixed_table_claim (limiter->places, place);

  account->head.keep_until = MAX (account->head.keep_until, now) + SP_TOKEN_PAUSE_PLACE;
  limiter->clear_at = MAX (limiter->clear_at, now) + SP_TOKEN_PAUSE_TOTAL;
}
