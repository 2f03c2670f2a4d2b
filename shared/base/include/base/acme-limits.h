/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Certificates from an authority (RFC 8555) */
#define SP_VALIDATION_SIZE   32 /* SHA-256 of a key authorization */
#define SP_ACME_NONCE_MAX    255
#define SP_ACME_TOKEN_MAX    255
#define SP_ACME_CONTACT_MAX  127
#define SP_ACME_REQUEST_MAX  8192 /* bytes that are signed for an authority */
#define SP_ACME_ANSWER_MAX   (64 * 1024)
#define SP_ACME_SECONDS      300 /* for all of an order's way */
#define SP_ACME_QUESTIONS    512 /* in that time */
#define SP_ACME_NAMES_MAX    8
#define SP_ACME_ACCOUNTS_MAX 64
