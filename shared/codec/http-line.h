/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "codec/http-head.h"

/* Our own rules about the lines of a head, which are stricter than the parser's.  Finds the end of
 * the head: *ret_head_size is set if the verdict is SP_HTTP_COMPLETE. */
SpHttpVerdict sp_http_lines_check (const char *bytes, gsize size, gsize *ret_head_size);
