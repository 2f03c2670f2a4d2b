/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "codec/page-fields.h"
#include "codec/visitor.h"

G_BEGIN_DECLS

/* The two pages that an invited person sees: HTML without script and without anything that would
 * have to be fetched, so that no other server hears of the address.  Texts are given unescaped. */

/* However long the names and whatever the language. */
#define SP_ENROLMENT_PAGE_MAX 10000

typedef struct
{
  guint language; /* of sp_page_languages */
  SpPlatform platform;
  const char *url;  /* of the server, "https://NAME" or "https://NAME:PORT" */
  const char *name; /* of the device that shall be */
  /* only of the second page: */
  const char *login;
  const char *common_name; /* of the certificate */
  const char *folder;      /* where the files are: "/e/TOKEN" */
  const char *passphrase;
  const char *pin; /* "pin-sha256:…" */
} SpEnrolmentPage;

/* What a link shows, as often as it is opened: nothing of value, and a button that posts to it. */
void sp_enrolment_page_write_first (GString *html, const SpEnrolmentPage *page);
/* What the button shows, once.  `html` must be wiped, and have room for SP_ENROLMENT_PAGE_MAX, so
 * that it never moves. */
void sp_enrolment_page_write_second (GString *html, const SpEnrolmentPage *page);

/* What NetworkManager imports: a key file of its OpenConnect plugin. */
void sp_enrolment_page_write_connection (GString *text, const SpEnrolmentPage *page);

G_END_DECLS
