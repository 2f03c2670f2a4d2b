/* sample: gui/layer-gui.c */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/names.h"
#include "client/session-list.h"
#include "walls/message.h" /* expect: layer */

#include <gio/gio.h>

static const char *
translated (void)
{
  return _("Disconnect"); /* expect: translation */
}

static const char *
typed (void)
{
  return _("The server's key"); /* expect: apostrophe */
}
