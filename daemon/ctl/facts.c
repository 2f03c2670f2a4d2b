/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts.h"

#include "text.h"

const char *
sp_facts_get_text (GVariant *facts, const char *name)
{
  const char *text = "";

  (void) g_variant_lookup (facts, name, "&s", &text);
  return text;
}

guint64
sp_facts_get_number (GVariant *facts, const char *name)
{
  guint64 number = 0;

  (void) g_variant_lookup (facts, name, "t", &number);
  return number;
}

char *
sp_facts_show_text (GVariant *facts, const char *name)
{
  return sp_text_printable (sp_facts_get_text (facts, name));
}

char *
sp_facts_show_time (GVariant *facts, const char *name)
{
  return sp_text_time (sp_facts_get_number (facts, name));
}
