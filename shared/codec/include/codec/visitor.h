/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a browser tells about the person before it, so that a page can begin with what fits. */

typedef enum
{
  SP_PLATFORM_IOS,
  SP_PLATFORM_ANDROID,
  SP_PLATFORM_WINDOWS,
  SP_PLATFORM_MACOS, /* also an iPad that says so */
  SP_PLATFORM_LINUX,
  SP_PLATFORM_OTHER,
  SP_PLATFORMS
} SpPlatform;

SpPlatform sp_platform_from_user_agent (const char *text, gsize length);

/* The index of the language that an Accept-Language field (RFC 9110 12.5.4) likes best: the one
 * with the greatest weight, the first of several; 0 if it knows none of them.  Only what stands
 * before the first hyphen counts, of both: "de" is meant by "de-AT", and "zh-CN" by "zh-Hant",
 * since one way of writing a language is better than another language.  `languages` is
 * NULL-terminated. */
guint sp_language_choose (const char *text, gsize length, const char *const *languages);

G_END_DECLS
