/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "worker-judge.h"

/* A TLS session without TLS: linked instead of daemon/worker/tls-session.c it hands decrypted
 * records to the worker and takes its own, so that what is behind it can be fuzzed. */

typedef enum
{
  MEMORY_RECORD, /* bytes of the client */
  MEMORY_HELLO,  /* it wants to renegotiate; the next one: that is done */
  MEMORY_BROKEN, /* a record that does not decrypt */
  MEMORY_END     /* it closed the connection */
} MemoryCueKind;

typedef struct
{
  MemoryCueKind kind;
  const guint8 *bytes; /* in the input */
  gsize size;
} MemoryCue;

/* The client's side: made by the target, found by the session in `equipment->signer_data`. */
typedef struct
{
  WorkerJudge *judge;
  GQueue arrived;  /* of MemoryCue; in the socket */
  GQueue read;     /* by the worker, not taken yet */
  gboolean ended;  /* the worker read so */
  gboolean broken; /* as is every record from here on */
  gsize queued;    /* bytes that the worker has said and the socket not taken */
  gsize reads;     /* bytes that the client will still read */
  gboolean tls13;
  gboolean renegotiating;
  guint8 update; /* what the client did to its keys: SpTlsUpdate */
  const guint8 *certificate;
  gsize certificate_size; /* 0: it shows none */
  int fd;                 /* the worker's; -1: not adopted yet */
} MemoryClient;

void memory_client_clear (MemoryClient *client);
void memory_client_add (MemoryClient *client, MemoryCueKind kind, const guint8 *bytes, gsize size);
/* What poll() would say of the worker's socket. */
short memory_client_poll (const MemoryClient *client, short events);
