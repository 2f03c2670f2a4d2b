/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "walls/main-courier.h"

G_BEGIN_DECLS

/* When a certificate is ordered from an authority.  Pure: all times are given, in microseconds
 * since the epoch. */

#define SP_ACME_MINUTE      (60 * (gint64) G_USEC_PER_SEC)
#define SP_ACME_AGAIN_FIRST (15 * SP_ACME_MINUTE) /* authorities count failures by the hour */
#define SP_ACME_AGAIN_MOST  (24 * 60 * SP_ACME_MINUTE)
#define SP_ACME_ASK_FIRST   SP_ACME_MINUTE /* RFC 9773 4.3.3, and the next two */
#define SP_ACME_ASK_AGAIN   (6 * 60 * SP_ACME_MINUTE)
#define SP_ACME_ASK_MOST    (24 * 60 * SP_ACME_MINUTE)
#define SP_ACME_HASH_SIZE   65 /* with the terminator */
#define SP_ACME_ELEMENT     33 /* likewise; of a certificate, as the registry names it */

/* What is remembered of the last time, also over restarts. */
typedef struct
{
  gint64 tried_at;                    /* 0: never */
  guint32 failures;                   /* since a certificate came */
  guint8 outcome;                     /* an SpOrderOutcome, of the last time */
  guint16 status;                     /* of HTTP, likewise */
  guint8 way;                         /* an SpAcmeWay, that was tried last */
  gint64 window_begin;                /* in which the authority wants the certificate renewed */
  gint64 window_end;                  /* 0: it does not say */
  gint64 renew_at;                    /* the moment in it that was drawn, likewise */
  gint64 ask_at;                      /* when to ask it next; 0: at once */
  gboolean was_told;                  /* the authority wanted the last order, by its window */
  guint32 seconds;                    /* that the authority wants to be left alone after that */
  char asked_with[SP_ACME_HASH_SIZE]; /* a hash of all that the settings say; empty: ask at once */
  char certificate[SP_ACME_ELEMENT];  /* that came last, or empty */
  char request[SP_ACME_ELEMENT];      /* with whose key it is tried, or empty */
} SpAcmeRecord;

/* Of the certificate that came last; 0: it is not here. */
typedef struct
{
  gint64 not_before;
  gint64 not_after;
} SpAcmeLife;

gboolean sp_acme_is_content (const SpAcmeRecord *record);
/* Whether only the owner mends it. */
gboolean sp_acme_is_final (const SpAcmeRecord *record);

/* Whether the authority did not find the server. */
gboolean sp_acme_was_missed (const SpAcmeRecord *record);

/* The moment that was drawn, before nine tenths of it are over, or when two thirds are. */
gint64 sp_acme_find_renewal (const SpAcmeRecord *record, const SpAcmeLife *life);
/* When to order: at `now` or before means at once, G_MAXINT64 never. */
gint64 sp_acme_plan (const SpAcmeRecord *record,
                     const SpAcmeLife *life,
                     const char *ask_with,
                     gint64 now);

/* When to ask the authority when to renew (RFC 9773): likewise. */
gint64 sp_acme_plan_question (const SpAcmeRecord *record, gint64 now);
/* What it said is written into the record.  `lot`: any number, by which a moment of the window is
 * drawn; the one of a window that stays as it was does, too. */
void sp_acme_note_window (SpAcmeRecord *record,
                          const SpAcmeLife *life,
                          const SpRenewalTold *told,
                          guint32 lot,
                          gint64 now);

/* What became of it is written into the record. */
void sp_acme_note (SpAcmeRecord *record,
                   const SpOrderDone *done,
                   const char *asked_with,
                   gint64 now);

G_END_DECLS
