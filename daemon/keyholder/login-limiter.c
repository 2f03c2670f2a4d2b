/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "login-limiter.h"

#include "base/fixed-table.h"

#include <string.h>

#define PLACES_MAX 4096
#define USERS_MAX  1024
#define CODES_MAX  1024
#define SECOND     ((gint64) G_USEC_PER_SEC)

const SpLoginPolicy sp_login_policy_place = { 6, 60 * SECOND, 1 * SECOND, 300 * SECOND };
const SpLoginPolicy sp_login_policy_user = { 10, 30 * SECOND, 1 * SECOND, 60 * SECOND };
const SpLoginPolicy sp_login_policy_pair = { 6, 30 * SECOND, 1 * SECOND, 60 * SECOND };
/* In the long run one an hour, and three codes of a million are right at one time: whoever has the
 * password of a user gets in with a probability of 3 % if they try for a year. */
const SpLoginPolicy sp_login_policy_code = { 6, 3600 * SECOND, 1 * SECOND, 3600 * SECOND };

/* Forgiving is a debt in time: each charge puts off the moment when nothing is owed any more. */
typedef struct
{
  SpFixedEntry head; /* kept until nothing is owed; a pair, as if it had been remembered lately */
  gint64 clear_at;
  gint64 last_charge;
} Account;

struct _SpLoginLimiter
{
  guint64 secret;
  SpFixedTable *places;
  SpFixedTable *users;
  SpFixedTable *pairs;
  SpFixedTable *codes;
};

SpLoginLimiter *
sp_login_limiter_new (const guint64 seed[2])
{
  SpLoginLimiter *limiter = g_new0 (SpLoginLimiter, 1);

  limiter->secret = seed[1];
  limiter->places = sp_fixed_table_new (sizeof (Account), PLACES_MAX, seed);
  limiter->users = sp_fixed_table_new (sizeof (Account), USERS_MAX, seed);
  limiter->pairs = sp_fixed_table_new (sizeof (Account), SP_LOGIN_PAIRS_MAX, seed);
  limiter->codes = sp_fixed_table_new (sizeof (Account), CODES_MAX, seed);
  return limiter;
}

void
sp_login_limiter_free (SpLoginLimiter *limiter)
{
  if (limiter == NULL)
    return;
  sp_fixed_table_free (limiter->places);
  sp_fixed_table_free (limiter->users);
  sp_fixed_table_free (limiter->pairs);
  sp_fixed_table_free (limiter->codes);
  g_free (limiter);
}

gsize
sp_login_limiter_get_size (const SpLoginLimiter *limiter)
{
  return sizeof *limiter + sp_fixed_table_get_size (limiter->places) +
         sp_fixed_table_get_size (limiter->users) + sp_fixed_table_get_size (limiter->pairs) +
         sp_fixed_table_get_size (limiter->codes);
}

/* A number for a user, or for one at a place.  Keyed, since what stands for a login that nobody has
 * can be computed by outsiders, who must not find two that share an account. */
static guint64
make_key (const SpLoginLimiter *limiter, const guint8 *user, guint64 place)
{
  GHmac *hmac =
      g_hmac_new (G_CHECKSUM_SHA256, (const guint8 *) &limiter->secret, sizeof limiter->secret);
  guint8 digest[32];
  gsize size = sizeof digest;
  guint64 key;

  g_hmac_update (hmac, user, SP_ID_SIZE);
  g_hmac_update (hmac, (const guint8 *) &place, sizeof place);
  g_hmac_get_digest (hmac, digest, &size);
  g_hmac_unref (hmac);
  memcpy (&key, digest, sizeof key);
  return key;
}

static guint
count_charges (const SpLoginPolicy *policy, const Account *account, gint64 now)
{
  if (account->clear_at <= now)
    return 0;
  return (guint) ((account->clear_at - now + policy->forgiven - 1) / policy->forgiven);
}

/* No account owes nothing. */
static gboolean
must_wait (const SpLoginPolicy *policy, const Account *account, gint64 now)
{
  guint charges = account != NULL ? count_charges (policy, account, now) : 0;
  gint64 wait = policy->first_wait;

  if (charges < policy->free)
    return FALSE;
  for (guint i = policy->free; i < charges && wait < policy->longest_wait; i++)
    wait *= 2;
  return now - account->last_charge < MIN (wait, policy->longest_wait);
}

static void
charge (const SpLoginPolicy *policy, Account *account, gint64 now)
{
  account->clear_at = MAX (account->clear_at, now) + policy->forgiven;
  account->last_charge = now;
}

static void
charge_stranger (SpFixedTable *table, guint64 key, const SpLoginPolicy *policy, gint64 now)
{
  Account *account = sp_fixed_table_claim (table, key);

  charge (policy, account, now);
  account->head.keep_until = account->clear_at;
}

static void
give_back (SpFixedTable *table, guint64 key, const SpLoginPolicy *policy)
{
  Account *account = sp_fixed_table_find (table, key);

  if (account != NULL)
    account->clear_at -= policy->forgiven;
}

SpTry
sp_login_limiter_admit (SpLoginLimiter *limiter, const guint8 *user, guint64 place, gint64 now)
{
  guint64 user_key = make_key (limiter, user, 0);
  Account *pair = sp_fixed_table_find (limiter->pairs, make_key (limiter, user, place));

  if (pair != NULL)
    {
      if (must_wait (&sp_login_policy_pair, pair, now))
        return SP_TRY_REFUSED;
      charge (&sp_login_policy_pair, pair, now);
      return SP_TRY_KNOWN;
    }
  if (must_wait (&sp_login_policy_place, sp_fixed_table_find (limiter->places, place), now) ||
      must_wait (&sp_login_policy_user, sp_fixed_table_find (limiter->users, user_key), now))
    return SP_TRY_REFUSED;
  charge_stranger (limiter->places, place, &sp_login_policy_place, now);
  charge_stranger (limiter->users, user_key, &sp_login_policy_user, now);
  return SP_TRY_STRANGER;
}

void
sp_login_limiter_give_back (SpLoginLimiter *limiter,
                            const guint8 *user,
                            guint64 place,
                            SpTry admitted)
{
  if (admitted == SP_TRY_KNOWN)
    give_back (limiter->pairs, make_key (limiter, user, place), &sp_login_policy_pair);
  if (admitted != SP_TRY_STRANGER)
    return;
  give_back (limiter->places, place, &sp_login_policy_place);
  give_back (limiter->users, make_key (limiter, user, 0), &sp_login_policy_user);
}

void
sp_login_limiter_remember (SpLoginLimiter *limiter, const guint8 *user, guint64 place, gint64 when)
{
  Account *pair = sp_fixed_table_claim (limiter->pairs, make_key (limiter, user, place));

  pair->head.keep_until = MAX (pair->head.keep_until, when);
}

gboolean
sp_login_limiter_admit_code (SpLoginLimiter *limiter, const guint8 *user, gint64 now)
{
  guint64 key = make_key (limiter, user, 0);

  if (must_wait (&sp_login_policy_code, sp_fixed_table_find (limiter->codes, key), now))
    return FALSE;
  charge_stranger (limiter->codes, key, &sp_login_policy_code, now);
  return TRUE;
}

void
sp_login_limiter_give_back_code (SpLoginLimiter *limiter, const guint8 *user)
{
  give_back (limiter->codes, make_key (limiter, user, 0), &sp_login_policy_code);
}
