/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Closing a room.  Each room has one <room>-sandbox.c with one const table of promises, a reason beside
 * each, and calls sp_sandbox_enter once, right before its loop.  What no promise covers ends the
 * process.  A room whose sandbox cannot be closed must not start. */

typedef enum
{
  SP_PROMISE_BASIC,       /* memory, exit, signals' return, clocks, getpid, random: every room */
  SP_PROMISE_READ_WRITE,  /* read, write and their vectors, close, on descriptors it has */
  SP_PROMISE_SOCKET_IO,   /* send*, recv* with descriptors, shutdown, on sockets it has */
  SP_PROMISE_POLL,        /* poll, ppoll, epoll, eventfd */
  SP_PROMISE_ACCEPT,      /* accept4, getpeername, getsockname, getsockopt, setsockopt */
  SP_PROMISE_SOCKET_INFO, /* getsockname, getpeername, getsockopt: never setsockopt */
  SP_PROMISE_FORK,        /* fork through libc, wait4, pidfd_open: the nursery */
  SP_PROMISE_FILES,       /* open, stat, rename, unlink, fsync, fcntl, flock …: the keyholder's folder */
  SP_PROMISE_THREADS,     /* clone for threads, futex …: the keyholder's password hashing */
  SP_PROMISE_LAST = SP_PROMISE_THREADS
} SpPromise;

typedef struct
{
  SpPromise   promise;
  const char *why;
} SpPromiseLine;

typedef struct
{
  const char          *room;
  const SpPromiseLine *promises;
  guint                n_promises;
  const char          *folder; /* the only folder it may touch (Landlock, where the kernel has it); NULL = none */
} SpSandbox;

/* No new privileges, no core dumps, limits, Landlock, seccomp with KILL_PROCESS.  Filters only stack: a
 * forked worker may narrow what it has with a second call.  Errors: SP_ERROR_NOT_SUPPORTED. */
gboolean sp_sandbox_enter (const SpSandbox *sandbox, GError **error);

G_END_DECLS
