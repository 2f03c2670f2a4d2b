/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sample.h"

#include "walls/keyholder-pam.h"
#include "walls/keyholder-token.h"
#include "walls/main-courier.h"
#include "walls/main-door.h"
#include "walls/main-holder.h"
#include "walls/main-keyholder.h"
#include "walls/main-nursery.h"
#include "walls/main-worker.h"
#include "walls/worker-keyholder.h"

#include <string.h>

const SpWall *const sp_sample_walls[] = {
  &sp_wall_main_worker,     &sp_wall_worker_keyholder, &sp_wall_main_keyholder,
  &sp_wall_main_door,       &sp_wall_main_nursery,     &sp_wall_keyholder_pam,
  &sp_wall_keyholder_token, &sp_wall_main_holder,      &sp_wall_main_courier,
};
const guint sp_sample_walls_n = G_N_ELEMENTS (sp_sample_walls);

static void
fill_bytes (guint8 *memory, gsize size, SpSampleFill fill, GRand *random)
{
  for (gsize i = 0; i < size; i++)
    switch (fill)
      {
        case SP_SAMPLE_EMPTY:
          memory[i] = 0;
          break;
        case SP_SAMPLE_FULL:
          memory[i] = 0xff;
          break;
        case SP_SAMPLE_RANDOM:
          memory[i] = (guint8) g_rand_int (random);
          break;
      }
}

static guint16
choose_length (guint16 most, SpSampleFill fill, GRand *random)
{
  switch (fill)
    {
      case SP_SAMPLE_EMPTY:
        return 0;
      case SP_SAMPLE_FULL:
        return most;
      case SP_SAMPLE_RANDOM:
        return (guint16) g_rand_int_range (random, 0, most + 1);
    }
  g_assert_not_reached ();
}

gpointer
sp_sample_message (const SpMessageShape *shape, SpSampleFill fill, GRand *random)
{
  guint8 *message = g_malloc0 (shape->struct_size);

  for (guint i = 0; i < shape->n_fields; i++)
    {
      const SpField *field = &shape->fields[i];
      guint16 length = field->size;

      if (field->kind == SP_FIELD_BYTES)
        {
          length = choose_length (field->size, fill, random);
          memcpy (message + field->length_offset, &length, sizeof length);
        }
      fill_bytes (message + field->offset, length, fill, random);
    }
  return message;
}

gboolean
sp_sample_equal (const SpMessageShape *shape, gconstpointer a, gconstpointer b)
{
  const guint8 *left = a;
  const guint8 *right = b;

  for (guint i = 0; i < shape->n_fields; i++)
    {
      const SpField *field = &shape->fields[i];

      if (memcmp (left + field->offset, right + field->offset, field->size) != 0)
        return FALSE;
      if (field->kind == SP_FIELD_BYTES &&
          memcmp (left + field->length_offset, right + field->length_offset, sizeof (guint16)) != 0)
        return FALSE;
    }
  return TRUE;
}

gsize
sp_sample_encode (const SpMessageRule *rule, guint32 serial, gconstpointer message, guint8 *bytes)
{
  SpMessageHeader header = { .type = rule->type, .serial = serial };
  gsize size = sp_message_encode (&rule->shape, &header, message, bytes, SP_MESSAGE_MAX);

  g_assert_cmpuint (size, >, 0);
  return size;
}
