/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Whether this is a build with a sanitizer, which needs system calls and memory that a closed room
 * may not have. */

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ||                         \
    __has_feature(memory_sanitizer)
#define SP_HAS_SANITIZER 1
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SP_HAS_SANITIZER 1
#endif

#if !defined(SP_HAS_SANITIZER)
#define SP_HAS_SANITIZER 0
#endif
