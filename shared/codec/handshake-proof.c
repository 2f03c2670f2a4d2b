/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "codec/handshake-proof.h"

#include "cursor.h"

#include <string.h>

#define MESSAGES_MAX 12

/* RFC 8446 B.3, RFC 5246 A.4, RFC 6066 8 */
#define CLIENT_HELLO         1
#define SERVER_HELLO         2
#define ENCRYPTED_EXTENSIONS 8
#define CERTIFICATE          11
#define SERVER_KEY_EXCHANGE  12
#define CERTIFICATE_REQUEST  13
#define SERVER_HELLO_DONE    14
#define CERTIFICATE_VERIFY   15
#define CLIENT_KEY_EXCHANGE  16
#define FINISHED             20
#define CERTIFICATE_STATUS   22

#define NAMED_CURVE 3 /* RFC 8422 5.4 */

typedef struct
{
  guint8 type;
  gsize begin; /* of its header */
  SpCursor body;
} Message;

/* In this order and no other. */
static const guint8 order13[] = {
  CLIENT_HELLO,       SERVER_HELLO, ENCRYPTED_EXTENSIONS, CERTIFICATE_REQUEST, CERTIFICATE,
  CERTIFICATE_VERIFY, FINISHED,     CERTIFICATE,          CERTIFICATE_VERIFY,
};
static const guint8 order12[] = {
  CLIENT_HELLO,      SERVER_HELLO, CERTIFICATE,         SERVER_KEY_EXCHANGE, CERTIFICATE_REQUEST,
  SERVER_HELLO_DONE, CERTIFICATE,  CLIENT_KEY_EXCHANGE, CERTIFICATE_VERIFY,
};

/* Their number; 0: they are too many, or not whole. */
static guint
split (const guint8 *bytes, gsize size, Message messages[MESSAGES_MAX])
{
  SpCursor cursor = sp_cursor (bytes, size);
  guint n = 0;

  while (cursor.left > 0 && n < MESSAGES_MAX)
    {
      messages[n].begin = size - cursor.left;
      messages[n].type = (guint8) sp_cursor_number (&cursor, 1);
      messages[n].body = sp_cursor_vector (&cursor, 3);
      n++;
    }
  return sp_cursor_is_done (&cursor) ? n : 0;
}

static gboolean
stand_in_order (const Message *messages, guint n, const guint8 *order, gsize n_order)
{
  if (n != n_order)
    return FALSE;
  for (guint i = 0; i < n; i++)
    if (messages[i].type != order[i])
      return FALSE;
  return TRUE;
}

/* The first of the list, which is who shows it. */
static gboolean
read_certificate (SpCursor body, gboolean tls13, SpHandshakeProof *proof)
{
  SpCursor list, first;

  if (tls13)
    (void) sp_cursor_vector (&body, 1);
  list = sp_cursor_vector (&body, 3);
  first = sp_cursor_vector (&list, 3);
  proof->certificate = first.at;
  proof->certificate_size = first.left;
  return sp_cursor_is_done (&body) && !list.failed && first.left > 0;
}

static gboolean
read_signature (SpCursor body, SpHandshakeProof *proof)
{
  SpCursor signature;

  proof->scheme = (guint16) sp_cursor_number (&body, 2);
  signature = sp_cursor_vector (&body, 2);
  proof->signature = signature.at;
  proof->signature_size = signature.left;
  return sp_cursor_is_done (&body) && signature.left > 0;
}

static const guint8 *
read_random (SpCursor hello)
{
  (void) sp_cursor_number (&hello, 2);
  return sp_cursor_bytes (&hello, SP_HANDSHAKE_RANDOM_SIZE);
}

static gboolean
read_parameters (SpCursor body, SpHandshakeProof *proof)
{
  gsize size = body.left;

  proof->parameters = body.at;
  if (sp_cursor_number (&body, 1) != NAMED_CURVE)
    return FALSE;
  (void) sp_cursor_number (&body, 2);
  (void) sp_cursor_vector (&body, 1);
  proof->parameters_size = size - body.left;
  return !body.failed;
}

static gboolean
read_tls13 (const Message *messages, guint n, SpHandshakeProof *proof)
{
  if (n == G_N_ELEMENTS (order13) + 2 && messages[0].type == CLIENT_HELLO &&
      messages[1].type == SERVER_HELLO)
    {
      proof->first_hello = messages[1].begin;
      messages += 2;
      n -= 2;
    }
  if (!stand_in_order (messages, n, order13, G_N_ELEMENTS (order13)))
    return FALSE;
  proof->server_signed = messages[5].begin;
  proof->client_signed = messages[8].begin;
  return read_certificate (messages[7].body, TRUE, proof) &&
         read_signature (messages[8].body, proof);
}

static gboolean
read_tls12 (Message *messages, guint n, SpHandshakeProof *proof)
{
  if (n == G_N_ELEMENTS (order12) + 1 && messages[3].type == CERTIFICATE_STATUS)
    {
      n--;
      memmove (messages + 3, messages + 4, (n - 3) * sizeof *messages);
    }
  if (!stand_in_order (messages, n, order12, G_N_ELEMENTS (order12)))
    return FALSE;
  proof->client_random = read_random (messages[0].body);
  proof->server_random = read_random (messages[1].body);
  proof->client_signed = messages[8].begin;
  return proof->client_random != NULL && proof->server_random != NULL &&
         read_parameters (messages[3].body, proof) &&
         read_certificate (messages[6].body, FALSE, proof) &&
         read_signature (messages[8].body, proof);
}

gboolean
sp_handshake_proof_read (const guint8 *bytes,
                         gsize size,
                         gboolean tls13,
                         SpHandshakeProof *ret_proof)
{
  Message messages[MESSAGES_MAX];
  guint n = split (bytes, size, messages);

  *ret_proof = (SpHandshakeProof){ .bytes = bytes };
  return tls13 ? read_tls13 (messages, n, ret_proof) : read_tls12 (messages, n, ret_proof);
}
