/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "walls/main-holder.h"

/* clang-format off */
SP_MAIN_HOLDER_MESSAGES (SP_FIELDS_MESSAGE, SP_MAIN_HOLDER_FROM, SP_MAIN_HOLDER_IN)

static const SpMessageRule rules[] = { SP_MAIN_HOLDER_MESSAGES (SP_RULE_MESSAGE, SP_MAIN_HOLDER_FROM, SP_MAIN_HOLDER_IN) };
/* clang-format on */

const SpWall sp_wall_main_holder = {
  "main-holder",
  { "main", "holder" },
  rules,
  G_N_ELEMENTS (rules),
};

/* FNV-1a. */
static guint32
mix (guint32 hash, guint32 number)
{
  for (guint i = 0; i < sizeof number; i++)
    hash = (hash ^ (number >> (8 * i) & 0xff)) * 16777619u;
  return hash;
}

static guint32
mix_text (guint32 hash, const char *text)
{
  for (; *text != '\0'; text++)
    hash = mix (hash, (guint8) *text);
  return hash;
}

guint32
sp_main_holder_fingerprint (void)
{
  guint32 hash = mix (2166136261u, SP_WALL_VERSION);

  for (guint i = 0; i < G_N_ELEMENTS (rules); i++)
    {
      const SpMessageRule *rule = &rules[i];

      hash = mix (mix (mix_text (hash, rule->name), rule->phases), rule->n_fds);
      for (guint j = 0; j < rule->shape.n_fields; j++)
        {
          const SpField *field = &rule->shape.fields[j];

          hash = mix (mix (mix_text (hash, field->name), field->kind), field->size);
        }
    }
  return hash;
}
