/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "acme-errand.h"
#include "acme-renewal.h"
#include "errand.h"
#include "link/link.h"
#include "zone-errand.h"

G_BEGIN_DECLS

/* The room as a whole. */
typedef struct
{
  GMainLoop *loop;
  SpLink *main;
  SoupSession *session;
  SpErrand *errand;       /* NULL until there is one; at most one of the four */
  SpZoneErrand *zone;     /* likewise */
  SpAcmeErrand *order;    /* likewise */
  SpAcmeRenewal *renewal; /* likewise */
  guint32 serial;         /* of what was ordered */
} SpCourier;

/* What main says; the user data is the SpCourier. */
extern const SpLinkTable sp_courier_from_main;

G_END_DECLS
