/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "page-text-table.h"

#include <glib.h>

#define SP_PAGE_TEXT_NAME(name, english) SP_PAGE_TEXT_##name,

typedef enum
{
  SP_PAGE_TEXTS (SP_PAGE_TEXT_NAME) SP_PAGE_N_TEXTS
} SpPageText;

/* Made by the build: a row for each language of sp_page_languages. */
extern const char *const sp_page_texts[][SP_PAGE_N_TEXTS];
