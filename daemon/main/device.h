/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "user.h"

G_BEGIN_DECLS

/* What a user signs in with, beside the password: a certificate on one machine, or a password for
 * one program.  The secret in it nobody here knows. Read-only properties: name, kind, fingerprint
 * (hexadecimal; "" = it has none, or it is not known), created, last-seen, issued-at, not-after,
 * revoked-at, blocked-until (all µs since the epoch; 0 = never, no end), label. */
#define SP_TYPE_DEVICE (sp_device_get_type ())
G_DECLARE_FINAL_TYPE (SpDevice, sp_device, SP, DEVICE, GObject)

typedef enum
{
  SP_DEVICE_CERTIFICATE,
  SP_DEVICE_PASSWORD,
  SP_DEVICE_LAST = SP_DEVICE_PASSWORD
} SpDeviceKind;

const char *sp_device_kind_to_string (SpDeviceKind kind);
/* FALSE for a word that is no kind. */
gboolean sp_device_kind_from_string (const char *text, SpDeviceKind *ret_kind);

typedef struct
{
  guint8 id[SP_ID_SIZE];
  guint8 user[SP_ID_SIZE];
  SpDeviceKind kind;
  char *name;
  gint64 created;
  gint64 seen;          /* signed in or came back; 0 = not yet */
  gint64 issued;        /* when it got its certificate; 0 = it has none */
  gint64 not_after;     /* end of its certificate; 0 = none */
  gint64 revoked;       /* when; 0 = it is not */
  gint64 blocked_until; /* 0 = it is not; SP_BLOCKED_FOR_GOOD = until it is lifted */
  guint8 fingerprint[SP_FINGERPRINT_SIZE]; /* of its certificate; all zero: none, or not known */
  char label[SP_LABEL_LENGTH + 1];         /* what it calls the server by, where that matters */
} SpDeviceRecord;

#define SP_BLOCKED_FOR_GOOD ((gint64) SP_TIME_MAX)

void sp_device_record_free (SpDeviceRecord *record);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpDeviceRecord, sp_device_record_free)

/* Copies the record; `user` is its user. */
SpDevice *sp_device_new (const SpDeviceRecord *record, SpUser *user);
const SpDeviceRecord *sp_device_get_record (SpDevice *self);
const guint8 *sp_device_get_id (SpDevice *self);
SpUser *sp_device_get_user (SpDevice *self); /* lent */
const char *sp_device_get_name (SpDevice *self);
const char *sp_device_get_label (SpDevice *self);
gboolean sp_device_is_revoked (SpDevice *self);
/* Nobody signs in with it at `now`, for either reason. */
gboolean sp_device_is_barred (SpDevice *self, gint64 now);
/* While on, a block leaves the cookies where they are: it may be undone. */
gboolean sp_device_get_cookies_kept (SpDevice *self);
void sp_device_set_cookies_kept (SpDevice *self, gboolean kept);
/* The id in lower-case hexadecimal.  Owned by the device. */
const char *sp_device_get_path_element (SpDevice *self);

/* For the registry alone. */
void sp_device_set_name (SpDevice *self, const char *name);
void sp_device_set_label (SpDevice *self, const char *label);
void sp_device_set_seen (SpDevice *self, gint64 when);
/* Takes issued, not_after and fingerprint. */
void sp_device_set_certificate (SpDevice *self, const SpDeviceRecord *record);
void sp_device_set_revoked (SpDevice *self, gint64 when);
void sp_device_set_blocked_until (SpDevice *self, gint64 when);

G_END_DECLS
