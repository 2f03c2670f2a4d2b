/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Closing a room.  Each room has one <room>-sandbox.c with one const table of promises, a reason
 * beside each, and calls sp_sandbox_enter once, right before its loop.  What no promise covers ends
 * the process with SIGSYS.  A room whose sandbox cannot be closed must not start.
 *
 * In no promise: exec, listen, ioctl, ptrace, kill, memory that can be written and executed,
 * mounts, modules, namespaces, other processes.  Descriptors that a room has when it enters, or is
 * given, go on working.
 *
 * A build with an address or thread sanitizer cannot have the filter (the sanitizer itself needs
 * what is forbidden): there sp_sandbox_enter sets the limits alone and says so in a log line. */

typedef enum
{
  SP_PROMISE_BASIC,      /* memory, exit, signals' return, clocks, own number, random: every room */
  SP_PROMISE_READ_WRITE, /* read, write and their vectors, close, on descriptors it has */
  SP_PROMISE_SOCKET_IO,  /* send*, recv* with descriptors, shutdown, on sockets it has */
  SP_PROMISE_POLL,       /* poll, ppoll, epoll, eventfd */
  SP_PROMISE_ACCEPT, /* accept, and on what was accepted getsockname, getpeername, getsockopt and
                        the few setsockopt of the table in sandbox-linux.c */
  SP_PROMISE_SOCKET_INFO, /* getsockname, getpeername, getsockopt: never setsockopt */
  SP_PROMISE_FORK,        /* fork through libc, waiting for children, pidfd_open: the nursery */
  SP_PROMISE_FILES,    /* open, stat, rename, unlink, fsync, locks, of F_SETFL only O_NONBLOCK: the
                          keyholder's folder */
  SP_PROMISE_THREADS,  /* threads through libc, never a process: the keyholder's password hashing */
  SP_PROMISE_NARROW,   /* one more filter on top, for a child that shall have less: the nursery */
  SP_PROMISE_MODULE,   /* what a library needs that others wrote: to be loaded, sockets of this
                          machine and connecting them; no network, no exec: the token's room */
  SP_PROMISE_OUTBOUND, /* sockets of the internet that connect and never listen, with the options
                          of the table; opening files to be read, never written: the courier */
  SP_PROMISE_SEARCH,   /* sockets that get answers of everybody in the network: bound to an address,
                          never listening, with the options of a search: the courier */
  SP_PROMISE_LAST = SP_PROMISE_SEARCH
} SpPromise;

typedef struct
{
  SpPromise promise;
  const char *why;
} SpPromiseLine;

typedef struct
{
  const char *room;
  const SpPromiseLine *promises;
  guint n_promises;
  const char
      *folder; /* the only folder it may touch (Landlock, where the kernel has it); NULL = none */
  const char *const *readable; /* folders that it may read besides, ended by NULL, as far as they
                                  are there; NULL = none */
  gboolean outbound;           /* Landlock leaves connecting to promises */
  gboolean everywhere;         /* instead: whatever its account may touch; no Landlock */
  gsize memory_max;            /* bytes of data; 0 = what was set before */
  gboolean lenient; /* what no promise covers is refused (EACCES) and does not end the process */
} SpSandbox;

/* No new privileges, no core dumps, not dumpable, Landlock, seccomp that ends the process, for all
 * threads.  Filters only stack: what an earlier call forbade stays forbidden.  Errors:
 * SP_ERROR_NOT_SUPPORTED. */
gboolean sp_sandbox_enter (const SpSandbox *sandbox, GError **error);

/* A filter for who is forked within an entered sandbox and may do less: the nursery builds it
 * before it enters its own (with SP_PROMISE_NARROW), and each child applies it by one system call
 * that allocates nothing.  It forbids only what the outer sandbox has more than the inner one,
 * since the kernel compiles it anew for each child, and is nothing without the outer one.  The
 * folder is not looked at: Landlock is inherited.  Errors: SP_ERROR_NOT_SUPPORTED, also if the
 * inner one promises what the outer does not, or both the same call with other arguments. */
typedef struct _SpSandboxFilter SpSandboxFilter;

SpSandboxFilter *sp_sandbox_filter_narrow (const SpSandbox *outer,
                                           const SpSandbox *inner,
                                           GError **error);
void sp_sandbox_filter_free (SpSandboxFilter *filter);
gboolean sp_sandbox_filter_apply (const SpSandboxFilter *filter, GError **error);

/* FALSE in builds where the filter is left off. */
gboolean sp_sandbox_is_enforced (void);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpSandboxFilter, sp_sandbox_filter_free)

G_END_DECLS
