/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sample.h"

#include "link/channel.h"

#include <string.h>

#define RANDOM_ROUNDS 200

typedef void (*Visit) (const SpWall *wall, const SpMessageRule *rule);

static void
visit_all (Visit visit)
{
  for (guint i = 0; i < sp_sample_walls_n; i++)
    for (guint j = 0; j < sp_sample_walls[i]->n_rules; j++)
      {
        g_test_message ("%s: %s", sp_sample_walls[i]->name, sp_sample_walls[i]->rules[j].name);
        visit (sp_sample_walls[i], &sp_sample_walls[i]->rules[j]);
      }
}

/* What the code that reads the tables takes for granted. */
static void
check_rule (const SpWall *wall, const SpMessageRule *rule)
{
  const SpMessageShape *shape = &rule->shape;

  g_assert_true (sp_wall_find (wall, rule->type) == rule);
  g_assert_cmpuint (rule->sender, <=, 1);
  g_assert_cmpuint (rule->phases, !=, 0);
  g_assert_cmpuint (rule->n_fds, <=, SP_MESSAGE_FDS_MAX);
  g_assert_cmpuint (sp_message_max_size (shape), <=, SP_MESSAGE_MAX);
  g_assert_cmpuint (shape->struct_size, <=, sizeof ((SpEnvelope *) NULL)->message);
  for (guint i = 0; i < shape->n_fields; i++)
    {
      const SpField *field = &shape->fields[i];
      g_assert_cmpuint (field->size, >, 0);
      g_assert_cmpuint (field->offset + field->size, <=, shape->struct_size);
      if (field->kind == SP_FIELD_NUMBER)
        g_assert_true (field->size == 1 || field->size == 2 || field->size == 4 ||
                       field->size == 8);
    }
  if (rule->answers == SP_ANSWERS_NOTHING)
    return;
  g_assert_nonnull (sp_wall_find (wall, rule->answers));
  g_assert_cmpuint (sp_wall_find (wall, rule->answers)->sender, !=, rule->sender);
  g_assert_true (sp_wall_is_question (wall, rule->answers));
}

static void
test_tables (void)
{
  visit_all (check_rule);
  for (guint i = 0; i < sp_sample_walls_n; i++)
    {
      const SpWall *wall = sp_sample_walls[i];
      g_assert_cmpuint (wall->n_rules, <=, SP_WALL_MESSAGES_MAX);
      g_assert_null (sp_wall_find (wall, 0));
      g_assert_null (sp_wall_find (wall, (guint8) (wall->n_rules + 1)));
      g_assert_null (sp_wall_find (wall, 255));
      g_assert_false (sp_wall_is_question (wall, (guint8) (wall->n_rules + 1)));
    }
}

static void
go_there_and_back (const SpMessageRule *rule, SpSampleFill fill, GRand *random)
{
  g_autofree gpointer message = sp_sample_message (&rule->shape, fill, random);
  g_autofree gpointer back = g_malloc (rule->shape.struct_size);
  guint32 serial = g_rand_int (random);
  guint8 bytes[SP_MESSAGE_MAX];
  guint8 again[SP_MESSAGE_MAX];
  SpMessageHeader header;
  gsize size = sp_sample_encode (rule, serial, message, bytes);

  g_assert_cmpuint (size, >=, sp_message_min_size (&rule->shape));
  g_assert_cmpuint (size, <=, sp_message_max_size (&rule->shape));
  memset (back, 0xa5, rule->shape.struct_size); /* nothing of what was there may be left */
  g_assert_true (sp_message_decode_header (bytes, size, &header));
  g_assert_cmpuint (header.type, ==, rule->type);
  g_assert_cmpuint (header.serial, ==, serial);
  g_assert_true (sp_message_decode (&rule->shape, bytes, size, back));
  g_assert_true (sp_sample_equal (&rule->shape, message, back));
  g_assert_cmpuint (sp_sample_encode (rule, serial, back, again), ==, size);
  g_assert_cmpmem (again, size, bytes, size);
}

static void
check_round_trip (const SpWall *wall, const SpMessageRule *rule)
{
  g_autoptr (GRand) random = g_rand_new_with_seed ((guint32) g_test_rand_int ());

  go_there_and_back (rule, SP_SAMPLE_EMPTY, random);
  go_there_and_back (rule, SP_SAMPLE_FULL, random);
  for (guint i = 0; i < RANDOM_ROUNDS; i++)
    go_there_and_back (rule, SP_SAMPLE_RANDOM, random);
}

static void
test_round_trip (void)
{
  visit_all (check_round_trip);
}

/* Every shorter length and some longer ones, in memory that ends where the message does so that a
 * sanitizer sees any look behind it. */
static void
check_other_lengths (const SpWall *wall, const SpMessageRule *rule)
{
  static const SpSampleFill fills[] = { SP_SAMPLE_EMPTY, SP_SAMPLE_FULL };

  for (guint i = 0; i < G_N_ELEMENTS (fills); i++)
    {
      g_autofree gpointer message = sp_sample_message (&rule->shape, fills[i], NULL);
      g_autofree gpointer back = g_malloc (rule->shape.struct_size);
      guint8 bytes[SP_MESSAGE_MAX] = { 0 };
      gsize size = sp_sample_encode (rule, 1, message, bytes);

      for (gsize length = 0; length <= size + 3; length++)
        {
          g_autofree guint8 *exactly = g_memdup2 (bytes, length);
          g_assert_cmpint (sp_message_decode (&rule->shape, exactly, length, back), ==,
                           length == size);
        }
      g_assert_false (sp_message_decode (&rule->shape, bytes, SP_MESSAGE_MAX, back));
    }
}

static void
test_other_lengths (void)
{
  visit_all (check_other_lengths);
}

/* A byte string that claims to be longer than it may be, or longer than the message. */
static void
check_lying_lengths (const SpWall *wall, const SpMessageRule *rule)
{
  g_autofree guint8 *back = g_malloc (rule->shape.struct_size);
  guint8 bytes[SP_MESSAGE_MAX] = { 0 };
  gsize at = SP_MESSAGE_HEADER_SIZE;

  for (guint i = 0; i < rule->shape.n_fields; i++)
    {
      const SpField *field = &rule->shape.fields[i];
      g_autofree gpointer message = sp_sample_message (&rule->shape, SP_SAMPLE_EMPTY, NULL);
      gsize size = sp_sample_encode (rule, 1, message, bytes);
      guint lengths[] = { 1, field->size, field->size + 1u, 0x7fff, 0xffff };

      for (guint j = 0; field->kind == SP_FIELD_BYTES && j < G_N_ELEMENTS (lengths); j++)
        {
          bytes[at] = (guint8) lengths[j];
          bytes[at + 1] = (guint8) (lengths[j] >> 8);
          g_assert_false (sp_message_decode (&rule->shape, bytes, size, back));
          if (lengths[j] > field->size && size + lengths[j] <= sizeof bytes)
            g_assert_false (sp_message_decode (&rule->shape, bytes, size + lengths[j], back));
        }
      at += field->kind == SP_FIELD_BYTES ? sizeof (guint16) : field->size;
    }
}

static void
test_lying_lengths (void)
{
  visit_all (check_lying_lengths);
}

/* The encoder refuses a struct that exceeds its own limits, and a buffer that is too small. */
static void
check_encoder (const SpWall *wall, const SpMessageRule *rule)
{
  g_autofree guint8 *message = sp_sample_message (&rule->shape, SP_SAMPLE_FULL, NULL);
  SpMessageHeader header = { .type = rule->type };
  guint8 bytes[SP_MESSAGE_MAX];
  gsize size = sp_message_max_size (&rule->shape);

  for (gsize room = 0; room < size; room++)
    {
      g_autofree guint8 *exactly = g_malloc (room);
      g_assert_cmpuint (sp_message_encode (&rule->shape, &header, message, exactly, room), ==, 0);
    }
  g_assert_cmpuint (sp_message_encode (&rule->shape, &header, message, bytes, size), ==, size);
  for (guint i = 0; i < rule->shape.n_fields; i++)
    {
      const SpField *field = &rule->shape.fields[i];
      guint16 length = field->size + 1;
      if (field->kind != SP_FIELD_BYTES)
        continue;
      memcpy (message + field->length_offset, &length, sizeof length);
      g_assert_cmpuint (sp_message_encode (&rule->shape, &header, message, bytes, sizeof bytes), ==,
                        0);
      length = field->size;
      memcpy (message + field->length_offset, &length, sizeof length);
    }
}

static void
test_encoder (void)
{
  visit_all (check_encoder);
}

static void
test_header (void)
{
  static const struct
  {
    guint8 bytes[SP_MESSAGE_HEADER_SIZE];
    gboolean good;
  } rows[] = {
    { { SP_WALL_VERSION, 7, 0, 0, 4, 3, 2, 1 }, TRUE },
    { { SP_WALL_VERSION + 1, 7, 0, 0, 4, 3, 2, 1 }, FALSE },
    { { 0, 7, 0, 0, 4, 3, 2, 1 }, FALSE },
    { { SP_WALL_VERSION, 7, 1, 0, 4, 3, 2, 1 }, FALSE },
    { { SP_WALL_VERSION, 7, 0, 1, 4, 3, 2, 1 }, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      SpMessageHeader header = { 0 };

      g_assert_cmpint (sp_message_decode_header (rows[i].bytes, sizeof rows[i].bytes, &header), ==,
                       rows[i].good);
      g_assert_cmphex (header.serial, ==, rows[i].good ? 0x01020304 : 0);
      g_assert_cmpuint (header.type, ==, rows[i].good ? 7 : 0);
      for (gsize size = 0; size < SP_MESSAGE_HEADER_SIZE; size++)
        g_assert_false (sp_message_decode_header (rows[i].bytes, size, &header));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/walls/tables", test_tables);
  g_test_add_func ("/walls/header", test_header);
  g_test_add_func ("/walls/round-trip", test_round_trip);
  g_test_add_func ("/walls/other-lengths", test_other_lengths);
  g_test_add_func ("/walls/lying-lengths", test_lying_lengths);
  g_test_add_func ("/walls/encoder", test_encoder);
  return g_test_run ();
}
