/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "platform/cpu.h"

#include <sys/auxv.h>

#if defined(__x86_64__) || defined(__i386__)

gboolean
sp_cpu_has_aes (void)
{
  return __builtin_cpu_supports ("aes") && __builtin_cpu_supports ("pclmul") &&
         __builtin_cpu_supports ("ssse3");
}

#elif defined(__aarch64__)

#include <asm/hwcap.h>

gboolean
sp_cpu_has_aes (void)
{
  const unsigned long both = HWCAP_AES | HWCAP_PMULL;

  return (getauxval (AT_HWCAP) & both) == both;
}

#else

/* GnuTLS 3.7 has no code of its own for the others. */
gboolean
sp_cpu_has_aes (void)
{
  return FALSE;
}

#endif
