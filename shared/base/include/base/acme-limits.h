/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Certificates from an authority (RFC 8555) */
#define SP_VALIDATION_SIZE   32 /* SHA-256 of a key authorization */
#define SP_ACME_NONCE_MAX    255
#define SP_ACME_TOKEN_MAX    255
#define SP_ACME_PATH         "/.well-known/acme-challenge/" /* before a token: RFC 8555 8.3 */
#define SP_ACME_ANSWERED_MAX (SP_ACME_TOKEN_MAX + 1 + 43)   /* a key authorization: RFC 8555 8.1 */
#define SP_ACME_CONTACT_MAX  127
#define SP_ACME_REQUEST_MAX  8192 /* bytes that are signed for an authority */
#define SP_ACME_ANSWER_MAX   (64 * 1024)
#define SP_ACME_SECONDS      1800 /* for all of an order's way: a hook takes minutes for each name */
#define SP_ACME_RENEWAL_MAX  127  /* how a certificate is called there: RFC 9773 4.1 */
#define SP_ACME_QUESTIONS    512  /* in that time */
#define SP_ACME_NAMES_MAX    8
#define SP_ACME_ACCOUNTS_MAX 64
