/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sandbox-rules-linux.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* One s390 call has its arguments in another order and another takes them in memory. */
#if defined(__s390__)
#define CLONE_FLAGS_ARGUMENT 1
#define MMAP_CONDITIONS      0
#else
#define CLONE_FLAGS_ARGUMENT 0
#define MMAP_CONDITIONS      1
#endif

/* Memory that RLIMIT_DATA counts: neither shared nor growing like a stack, nor locked. */
#define COUNTED_MASK (0x0f /* MAP_TYPE */ | MAP_GROWSDOWN | MAP_LOCKED | MAP_HUGETLB)

#define LINE(promise, name, ...)                                                                   \
  {                                                                                                \
    SP_PROMISE_##promise, #name, SCMP_SYS (name), __VA_ARGS__                                      \
  }
#define ALLOW(promise, name) LINE (promise, name, 0)
#define ALLOW_IF(promise, name, argument, value)                                                   \
  LINE (promise, name, 1, { { argument, SCMP_CMP_EQ, (value) } })
#define ALLOW_IF_BITS(promise, name, argument, mask, value)                                        \
  LINE (promise, name, 1, { { argument, SCMP_CMP_MASKED_EQ, (mask), (value) } })
#define ALLOW_OPTION(promise, name, level, option)                                                 \
  LINE (promise, name, 2, { { 1, SCMP_CMP_EQ, (level) }, { 2, SCMP_CMP_EQ, (option) } })
#define REFUSE(promise, name, errno_value)                                                         \
  {                                                                                                \
    SP_PROMISE_##promise, #name, SCMP_SYS (name), 0, { { 0 } }, (errno_value)                      \
  }

/* Large pages that were set aside for who asks: libcrypt does for more than 32 MiB, and goes on
 * without. */
#define REFUSE_LARGE_PAGES(promise, name, n_conditions)                                            \
  {                                                                                                \
    SP_PROMISE_##promise, #name, SCMP_SYS (name), (n_conditions),                                  \
        { { 3, SCMP_CMP_MASKED_EQ, MAP_HUGETLB, MAP_HUGETLB } }, ENOMEM                            \
  }

/* Flags are 32 bits in a register of 64. */
#define ALL_BITS 0xffffffffU

/* What makes an open file one that can be written, or that was not there. */
#define OPEN_MASK (O_ACCMODE | O_CREAT | O_TRUNC)

/* What libc's pthread_create asks for, and fork; the masked bits differ between libraries. */
#define THREAD_FLAGS                                                                               \
  (CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SYSVSEM | CLONE_SIGHAND | CLONE_THREAD |              \
   CLONE_SETTLS | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID)
#define THREAD_MASK (ALL_BITS & ~(guint) CLONE_DETACHED)
#define FORK_FLAGS  SIGCHLD
#define FORK_MASK   (ALL_BITS & ~(guint) (CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID))

const SpSandboxRule sp_sandbox_rules[] = {
  ALLOW (BASIC, exit),
  ALLOW (BASIC, exit_group),
  ALLOW (BASIC, rt_sigreturn),
  ALLOW (BASIC, sigreturn),
  ALLOW (BASIC, rt_sigprocmask),
  ALLOW (BASIC, restart_syscall),
  ALLOW (BASIC, brk),
  /* memory is written or executed, never both and never one after the other */
  LINE (BASIC,
        mmap,
        2 * MMAP_CONDITIONS,
        { { 2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0 },
          { 3, SCMP_CMP_MASKED_EQ, COUNTED_MASK, MAP_PRIVATE } }),
  LINE (BASIC,
        mmap2,
        2,
        { { 2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0 },
          { 3, SCMP_CMP_MASKED_EQ, COUNTED_MASK, MAP_PRIVATE } }),
  ALLOW_IF_BITS (BASIC, mprotect, 2, PROT_EXEC, 0),
  ALLOW (BASIC, munmap),
  ALLOW (BASIC, mremap),
  ALLOW (BASIC, madvise),
  ALLOW (BASIC, futex),
  ALLOW (BASIC, futex_time64),
  /* the vdso answers most of these; the call is its fallback */
  ALLOW (BASIC, clock_gettime),
  ALLOW (BASIC, clock_gettime64),
  ALLOW (BASIC, clock_getres),
  ALLOW (BASIC, clock_getres_time64),
  ALLOW (BASIC, gettimeofday),
  ALLOW (BASIC, time),
  ALLOW (BASIC, getpid),
  ALLOW (BASIC, gettid),
  ALLOW (BASIC, getrandom),
  ALLOW (BASIC, getrusage), /* GnuTLS stirs it into its nonces */
  ALLOW (BASIC, sysinfo),   /* libc's qsort asks how much memory there is */
  ALLOW (BASIC, sched_yield),

  ALLOW (READ_WRITE, read),
  ALLOW (READ_WRITE, write),
  ALLOW (READ_WRITE, readv),
  ALLOW (READ_WRITE, writev),
  ALLOW (READ_WRITE, close),

  ALLOW (SOCKET_IO, send),
  ALLOW (SOCKET_IO, sendto),
  ALLOW (SOCKET_IO, sendmsg),
  ALLOW (SOCKET_IO, sendmmsg),
  ALLOW (SOCKET_IO, recv),
  ALLOW (SOCKET_IO, recvfrom),
  ALLOW (SOCKET_IO, recvmsg),
  ALLOW (SOCKET_IO, recvmmsg),
  ALLOW (SOCKET_IO, recvmmsg_time64),
  ALLOW (SOCKET_IO, shutdown),

  ALLOW (POLL, poll),
  ALLOW (POLL, ppoll),
  ALLOW (POLL, ppoll_time64),
  ALLOW (POLL, epoll_create1),
  ALLOW (POLL, epoll_ctl),
  ALLOW (POLL, epoll_wait),
  ALLOW (POLL, epoll_pwait),
  ALLOW (POLL, epoll_pwait2),
  ALLOW (POLL, eventfd2),

  ALLOW (ACCEPT, accept),
  ALLOW (ACCEPT, accept4),
  ALLOW (ACCEPT, getsockname),
  ALLOW (ACCEPT, getpeername),
  ALLOW (ACCEPT, getsockopt),
  ALLOW_OPTION (ACCEPT, setsockopt, SOL_SOCKET, SO_RCVLOWAT), /* wait for a whole hello */
  ALLOW_OPTION (ACCEPT, setsockopt, IPPROTO_TCP, TCP_NODELAY),
  ALLOW_OPTION (ACCEPT, setsockopt, IPPROTO_TCP, TCP_QUICKACK),

  ALLOW (SOCKET_INFO, getsockname),
  ALLOW (SOCKET_INFO, getpeername),
  ALLOW (SOCKET_INFO, getsockopt),

  ALLOW_IF_BITS (FORK, clone, CLONE_FLAGS_ARGUMENT, FORK_MASK, FORK_FLAGS),
  REFUSE (FORK, clone3, ENOSYS), /* its flags lie in memory; libc falls back to clone */
  ALLOW (FORK, set_robust_list),
  ALLOW (FORK, set_tid_address),
  ALLOW (FORK, rseq),
  ALLOW (FORK, wait4),
  ALLOW (FORK, waitid),
  ALLOW (FORK, pidfd_open),
  ALLOW_IF (FORK, prctl, 0, PR_SET_NAME),
  ALLOW_IF (FORK, dup3, 1, STDERR_FILENO), /* a log of its own for who was forked */

  ALLOW (FILES, open),
  ALLOW (FILES, openat),
  ALLOW (FILES, stat),
  ALLOW (FILES, stat64),
  ALLOW (FILES, lstat),
  ALLOW (FILES, lstat64),
  ALLOW (FILES, fstat),
  ALLOW (FILES, fstat64),
  ALLOW (FILES, newfstatat),
  ALLOW (FILES, fstatat64),
  ALLOW (FILES, statx),
  ALLOW (FILES, fstatfs),
  ALLOW (FILES, fstatfs64),
  ALLOW (FILES, access),
  ALLOW (FILES, faccessat),
  ALLOW (FILES, faccessat2),
  ALLOW (FILES, readlink),
  ALLOW (FILES, readlinkat),
  ALLOW (FILES, getcwd),
  ALLOW (FILES, getdents64),
  /* databases share the memory of an index among those that have them open */
  LINE (FILES,
        mmap,
        2 * MMAP_CONDITIONS,
        { { 2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0 },
          { 3, SCMP_CMP_MASKED_EQ, COUNTED_MASK, MAP_SHARED } }),
  LINE (FILES,
        mmap2,
        2,
        { { 2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0 },
          { 3, SCMP_CMP_MASKED_EQ, COUNTED_MASK, MAP_SHARED } }),
  ALLOW (FILES, rename),
  ALLOW (FILES, renameat),
  ALLOW (FILES, renameat2),
  ALLOW (FILES, unlink),
  ALLOW (FILES, unlinkat),
  ALLOW (FILES, mkdir),
  ALLOW (FILES, mkdirat),
  ALLOW (FILES, rmdir),
  ALLOW (FILES, lseek),
  ALLOW (FILES, _llseek),
  ALLOW (FILES, pread64),
  ALLOW (FILES, pwrite64),
  ALLOW (FILES, ftruncate),
  ALLOW (FILES, ftruncate64),
  ALLOW (FILES, fallocate),
  ALLOW (FILES, fsync),
  ALLOW (FILES, fdatasync),
  ALLOW (FILES, fchmod),
  ALLOW (FILES, chmod),
  ALLOW (FILES, fchmodat),
  ALLOW (FILES, umask),
  REFUSE (FILES, fchown, EPERM), /* SQLite tries it when it is root, and goes on without */
  ALLOW (FILES, flock),
  /* file libraries ask who they are before they decide about owners */
  ALLOW (FILES, getuid),
  ALLOW (FILES, geteuid),
  ALLOW (FILES, getgid),
  ALLOW (FILES, getegid),
  ALLOW (FILES, getuid32),
  ALLOW (FILES, geteuid32),
  ALLOW (FILES, getgid32),
  ALLOW (FILES, getegid32),
  ALLOW_IF (FILES, fcntl, 1, F_GETFD),
  ALLOW_IF (FILES, fcntl, 1, F_SETFD),
  ALLOW_IF (FILES, fcntl, 1, F_GETFL),
  ALLOW_OPTION (FILES, fcntl, F_SETFL, O_NONBLOCK), /* before reading what somebody passed on */
  ALLOW_IF (FILES, fcntl, 1, F_GETLK),
  ALLOW_IF (FILES, fcntl, 1, F_SETLK),
  ALLOW_IF (FILES, fcntl, 1, F_SETLKW),
  ALLOW_IF (FILES, fcntl, 1, F_DUPFD_CLOEXEC),
  ALLOW_IF (FILES, fcntl64, 1, F_GETFD),
  ALLOW_IF (FILES, fcntl64, 1, F_SETFD),
  ALLOW_IF (FILES, fcntl64, 1, F_GETFL),
  ALLOW_OPTION (FILES, fcntl64, F_SETFL, O_NONBLOCK),
  ALLOW_IF (FILES, fcntl64, 1, F_GETLK64),
  ALLOW_IF (FILES, fcntl64, 1, F_SETLK64),
  ALLOW_IF (FILES, fcntl64, 1, F_SETLKW64),
  ALLOW_IF (FILES, fcntl64, 1, F_DUPFD_CLOEXEC),

  ALLOW_IF_BITS (THREADS, clone, CLONE_FLAGS_ARGUMENT, THREAD_MASK, THREAD_FLAGS),
  REFUSE (THREADS, clone3, ENOSYS),
  ALLOW (THREADS, set_robust_list),
  ALLOW (THREADS, rseq),
  ALLOW (THREADS, rt_sigaction), /* pthread_create, the first time */
  ALLOW (THREADS, sched_getaffinity),
  REFUSE (THREADS, sched_getattr, EPERM), /* GLib's thread pools ask, and go on without */
  REFUSE (THREADS, sched_setattr, EPERM),
  ALLOW_IF (THREADS, prctl, 0, PR_SET_NAME),
  REFUSE_LARGE_PAGES (THREADS, mmap, MMAP_CONDITIONS),
  REFUSE_LARGE_PAGES (THREADS, mmap2, 1),

  /* code is mapped from files; memory is still not written and executed at once */
  LINE (MODULE,
        mmap,
        MMAP_CONDITIONS,
        { { 2, SCMP_CMP_MASKED_EQ, PROT_EXEC | PROT_WRITE, PROT_EXEC } }),
  ALLOW_IF_BITS (MODULE, mmap2, 2, PROT_EXEC | PROT_WRITE, PROT_EXEC),
  ALLOW_IF (MODULE, socket, 0, AF_UNIX),
  ALLOW (MODULE, connect),
  ALLOW (MODULE, getsockopt),
  ALLOW (MODULE, getsockname),
  ALLOW (MODULE, getpeername),
  ALLOW (MODULE, rt_sigaction),
  ALLOW (MODULE, sigaltstack),
  ALLOW (MODULE, uname),
  ALLOW (MODULE, getppid),
  ALLOW (MODULE, sched_getaffinity),
  ALLOW (MODULE, clock_nanosleep),
  ALLOW (MODULE, nanosleep),
  ALLOW (MODULE, select),
  ALLOW (MODULE, pselect6),
  ALLOW (MODULE, pipe2),
  ALLOW (MODULE, getdents),
  REFUSE (MODULE, ioctl, ENOTTY), /* libc asks what is a terminal */

  ALLOW_IF (OUTBOUND, socket, 0, AF_INET),
  ALLOW_IF (OUTBOUND, socket, 0, AF_INET6),
  ALLOW (OUTBOUND, connect),
  ALLOW (OUTBOUND, getsockname),
  ALLOW (OUTBOUND, getpeername),
  ALLOW (OUTBOUND, getsockopt),
  ALLOW_OPTION (OUTBOUND, setsockopt, IPPROTO_TCP, TCP_NODELAY),
  ALLOW_OPTION (OUTBOUND, setsockopt, SOL_SOCKET, SO_KEEPALIVE),
  ALLOW_OPTION (OUTBOUND, setsockopt, IPPROTO_IP, IP_RECVERR), /* libc's resolver */
  ALLOW_OPTION (OUTBOUND, setsockopt, IPPROTO_IPV6, IPV6_RECVERR),
  ALLOW_IF_BITS (OUTBOUND, open, 1, OPEN_MASK, O_RDONLY),
  ALLOW_IF_BITS (OUTBOUND, openat, 2, OPEN_MASK, O_RDONLY),
  ALLOW (OUTBOUND, stat),
  ALLOW (OUTBOUND, stat64),
  ALLOW (OUTBOUND, fstat),
  ALLOW (OUTBOUND, fstat64),
  ALLOW (OUTBOUND, newfstatat),
  ALLOW (OUTBOUND, fstatat64),
  ALLOW (OUTBOUND, statx),
  ALLOW (OUTBOUND, lseek),
  ALLOW (OUTBOUND, _llseek),
  ALLOW (OUTBOUND, pread64),
  ALLOW (OUTBOUND, uname),
  ALLOW_IF (OUTBOUND, fcntl, 1, F_GETFD),
  ALLOW_IF (OUTBOUND, fcntl, 1, F_SETFD),
  ALLOW_IF (OUTBOUND, fcntl, 1, F_GETFL),
  ALLOW_OPTION (OUTBOUND, fcntl, F_SETFL, O_RDWR | O_NONBLOCK),
  ALLOW_IF (OUTBOUND, fcntl64, 1, F_GETFD),
  ALLOW_IF (OUTBOUND, fcntl64, 1, F_SETFD),
  ALLOW_IF (OUTBOUND, fcntl64, 1, F_GETFL),
  ALLOW_OPTION (OUTBOUND, fcntl64, F_SETFL, O_RDWR | O_NONBLOCK),

  ALLOW (SEARCH, bind), /* Landlock leaves no port of TCP to it, where the kernel can say so */
  ALLOW_OPTION (SEARCH, setsockopt, SOL_SOCKET, SO_REUSEADDR),
  ALLOW_OPTION (SEARCH, setsockopt, SOL_SOCKET, SO_RCVTIMEO),
  ALLOW_OPTION (SEARCH, setsockopt, SOL_SOCKET, SO_SNDTIMEO),
  ALLOW_OPTION (SEARCH, setsockopt, IPPROTO_IP, IP_MULTICAST_IF),
  ALLOW_OPTION (SEARCH, setsockopt, IPPROTO_IP, IP_MULTICAST_TTL),

  ALLOW_IF (NARROW, seccomp, 0, SECCOMP_SET_MODE_FILTER),

  { 0 }
};
