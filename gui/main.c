/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "application.h"

#include "base/names.h"

#include <glib/gi18n.h>
#include <locale.h>

int
main (int argc, char **argv)
{
  g_autoptr (SpApplication) application = NULL;

  (void) setlocale (LC_ALL, "");
  (void) bindtextdomain (SP_GETTEXT_DOMAIN, SP_LOCALE_DIR);
  (void) bind_textdomain_codeset (SP_GETTEXT_DOMAIN, "UTF-8");
  (void) textdomain (SP_GETTEXT_DOMAIN);
  application = sp_application_new ();
  return g_application_run (G_APPLICATION (application), argc, argv);
}
