/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wall-list.h"

#include <errno.h>
#include <string.h>

/* Writes the corpora of the walls' targets: for each wall and receiving side one file with every
 * message that side may get, small and as large as an eighth of its limits.  Run by make-corpus. */

static const SpWall *const walls[] = {
  &sp_wall_main_worker,     &sp_wall_worker_keyholder, &sp_wall_main_keyholder,
  &sp_wall_main_door,       &sp_wall_main_nursery,     &sp_wall_keyholder_pam,
  &sp_wall_keyholder_token, &sp_wall_main_holder,      &sp_wall_main_courier,
};

static void
append_number (GByteArray *bytes, guint32 number, guint size)
{
  for (guint i = 0; i < size; i++)
    {
      guint8 byte = (guint8) (number >> (8 * i));
      g_byte_array_append (bytes, &byte, 1);
    }
}

static guint
first_phase (guint32 phases)
{
  guint phase = 0;

  while ((phases & SP_PHASE (phase)) == 0)
    phase++;
  return phase;
}

/* The serial under which the target asked this question first. */
static guint32
serial_of_question (const SpWall *wall, guint8 question)
{
  guint32 serial = 0;

  for (guint type = 1; type <= question; type++)
    serial += sp_wall_is_question (wall, (guint8) type);
  return serial;
}

static void
append_message (GByteArray *bytes, const SpWall *wall, const SpMessageRule *rule, guint divisor)
{
  g_autoptr (GByteArray) payload = g_byte_array_new ();

  for (guint i = 0; i < rule->shape.n_fields; i++)
    {
      const SpField *field = &rule->shape.fields[i];
      guint size = field->kind == SP_FIELD_BYTES ? field->size / divisor : field->size;

      if (field->kind == SP_FIELD_BYTES)
        append_number (payload, size, 2);
      g_byte_array_set_size (payload, payload->len + size);
      memset (payload->data + payload->len - size, (int) i + 1, size);
    }
  append_number (bytes, first_phase (rule->phases), 1);
  append_number (bytes, rule->n_fds, 1);
  append_number (bytes, SP_MESSAGE_HEADER_SIZE + payload->len, 2);
  append_number (bytes, SP_WALL_VERSION, 1);
  append_number (bytes, rule->type, 1);
  append_number (bytes, 0, 2);
  append_number (
      bytes, rule->answers == SP_ANSWERS_NOTHING ? 7 : serial_of_question (wall, rule->answers), 4);
  g_byte_array_append (bytes, payload->data, payload->len);
}

static void
write_file (const char *corpora, const SpWall *wall, guint side)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autofree char *target = g_strconcat ("wall-", wall->name, NULL);
  g_autofree char *folder = g_build_filename (corpora, target, NULL);
  g_autofree char *path = g_build_filename (folder, wall->sides[side], NULL);
  g_autoptr (GError) error = NULL;

  append_number (bytes, side, 1);
  for (guint i = 0; i < wall->n_rules; i++)
    if (wall->rules[i].sender != side)
      {
        append_message (bytes, wall, &wall->rules[i], G_MAXUINT);
        append_message (bytes, wall, &wall->rules[i], 8);
      }
  if (g_mkdir_with_parents (folder, 0777) != 0)
    g_error ("%s: %s", folder, g_strerror (errno));
  if (!g_file_set_contents (path, (const char *) bytes->data, bytes->len, &error))
    g_error ("%s", error->message);
}

int
main (int argc, char **argv)
{
  if (argc != 2)
    g_error ("Usage: %s CORPORA", argv[0]);
  for (guint wall = 0; wall < G_N_ELEMENTS (walls); wall++)
    for (guint side = 0; side < 2; side++)
      write_file (argv[1], walls[wall], side);
  return 0;
}
