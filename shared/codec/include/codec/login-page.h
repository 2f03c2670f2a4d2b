/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "codec/group-list.h"

G_BEGIN_DECLS

/* The XML bodies that answer a login request.  Each call appends one complete document; all texts
 * are given unescaped and are escaped here.  To be sent as "text/xml; charset=utf-8". */

typedef enum
{
  SP_LOGIN_DIALECT_CONFIG_AUTH, /* root config-auth: answers to XML posts */
  SP_LOGIN_DIALECT_BARE,        /* root auth: the legacy flow (GET, urlencoded POST) */
  SP_LOGIN_DIALECT_LAST = SP_LOGIN_DIALECT_BARE
} SpLoginDialect;

/* Where all forms are posted to.  Always explicit: without it clients disagree. */
#define SP_LOGIN_ACTION "/auth"

/* What a form asks for.  Most clients fill in everything at once; those of version 3 want a form
 * for each field. */
typedef enum
{
  SP_LOGIN_ASKS_BOTH,
  SP_LOGIN_ASKS_LOGIN,
  SP_LOGIN_ASKS_PASSWORD, /* the login goes along in a hidden field, and comes back with it */
  SP_LOGIN_ASKS_CODE,     /* so does the ticket */
  SP_LOGIN_ASKS_GROUP,    /* nothing else: a certificate says who it is */
  SP_LOGIN_ASKS_LAST = SP_LOGIN_ASKS_GROUP
} SpLoginAsks;

typedef struct
{
  SpLoginDialect dialect;
  SpLoginAsks asks;
  const char *login;  /* with ASKS_PASSWORD */
  const char *ticket; /* with ASKS_CODE, in hexadecimal */
  const char *prompt; /* with ASKS_CODE, what is asked for; NULL: what a phone shows */
  const char *banner; /* the owner's words; NULL: none.  Not in the bare dialect */
  const char *error;  /* why the last try failed; NULL on the first */
  /* What may be chosen, and what was: it stands first.  NULL: nothing.  With ASKS_PASSWORD the
   * choice was made before, and goes along as the login does; with ASKS_CODE it is not needed. */
  const SpGroupList *groups;
  guint group;
  const char *path_group; /* named by the path, so that there is no list; NULL: none is */
} SpLoginForm;

void sp_login_page_write_form (GString *page, const SpLoginForm *form);

/* "No", and why, without anything to fill in: clients print it and end. */
void sp_login_page_write_refusal (GString *page, SpLoginDialect dialect, const char *error);

/* "Connect again, and show a certificate."  Clients of the bare dialect know nothing of it. */
void sp_login_page_write_certificate_request (GString *page);

/* "You are in".  The cookie itself goes in Set-Cookie.  `banner` may be NULL.  `certificate_sha1`:
 * the served certificate's SHA-1 in hexadecimal, which AnyConnect's agent compares with what it
 * meets later, or NULL. */
void sp_login_page_write_complete (GString *page,
                                   SpLoginDialect dialect,
                                   const char *banner,
                                   const char *certificate_sha1);

G_END_DECLS
