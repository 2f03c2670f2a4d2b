/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The codec of all walls.  A wall header lists its messages and their fields once, as macros;
 * structs, shapes, the permit table and the exhaustive test come from those lists.
 *
 * On the wire, little-endian: u8 version, u8 type, u16 zero, u32 serial, then the fields in order.
 * NUMBER fields have their size, FIXED ones theirs, BYTES ones a u16 length and that many bytes.
 * A payload must be used up exactly, so truncated, padded and oversized are one and the same error.
 */

#define SP_WALL_VERSION        1
#define SP_MESSAGE_HEADER_SIZE 8
#define SP_MESSAGE_MAX         (32 * 1024) /* the largest payload that any wall may declare */
#define SP_MESSAGE_FDS_MAX     6
#define SP_WALL_MESSAGES_MAX   96

/* A message's fields are listed as FIELDS (S, NUMBER, FIXED, BYTES), S being the struct's name; the
 * list is expanded once to make the struct and once to make its shape. */
#define SP_STRUCT_NUMBER(S, type, name) type name;
#define SP_STRUCT_FIXED(S, name, size)  guint8 name[size];
#define SP_STRUCT_BYTES(S, name, max)                                                              \
  guint16 name##_length;                                                                           \
  guint8 name[max];

typedef enum
{
  SP_FIELD_NUMBER,
  SP_FIELD_FIXED,
  SP_FIELD_BYTES
} SpFieldKind;

typedef struct
{
  SpFieldKind kind;
  guint16 offset;        /* of the value in the struct */
  guint16 length_offset; /* BYTES: of its length in the struct */
  guint16 size;          /* NUMBER: 1, 2, 4 or 8; FIXED: exactly; BYTES: at most */
  const char *name;
} SpField;

typedef struct
{
  const SpField *fields;
  guint n_fields;
  gsize struct_size;
} SpMessageShape;

typedef struct
{
  guint8 type;
  guint32 serial;
} SpMessageHeader;

gsize sp_message_min_size (const SpMessageShape *shape); /* header included */
gsize sp_message_max_size (const SpMessageShape *shape); /* header included */

/* Writes header and payload into `buffer` and returns the size, or 0 if `message` exceeds one of
 * its own limits or the buffer is too small. */
gsize sp_message_encode (const SpMessageShape *shape,
                         const SpMessageHeader *header,
                         gconstpointer message,
                         guint8 *buffer,
                         gsize buffer_size);

/* FALSE unless `bytes` starts with a well-formed header of our version. */
gboolean sp_message_decode_header (const guint8 *bytes, gsize size, SpMessageHeader *ret_header);

/* Fills `ret_message` (shape->struct_size bytes, zeroed first); FALSE if the payload does not fit
 * the shape exactly. */
gboolean sp_message_decode (const SpMessageShape *shape,
                            const guint8 *bytes,
                            gsize size,
                            gpointer ret_message);

G_END_DECLS
