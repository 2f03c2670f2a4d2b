/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/label.h"
#include "name-gate.h"

#include <string.h>

#define SECOND ((gint64) G_USEC_PER_SEC)
#define START  (1000 * SECOND) /* of the fake clock */
#define OWN    "home.example.net"

typedef struct
{
  SpNameGate *gate;
  char label[SP_LABEL_LENGTH + 1];
  char other[SP_LABEL_LENGTH + 1];
} Fixture;

static void
set_gate (SpNameGate *gate, SpGateMode mode, const char *own, const char *names, gsize size)
{
  g_autofree SpSetNameGate *message = g_new0 (SpSetNameGate, 1);

  message->mode = (guint8) mode;
  message->own_length = (guint16) strlen (own);
  memcpy (message->own, own, message->own_length);
  message->names_length = (guint16) size;
  memcpy (message->names, names, size);
  g_assert_true (sp_name_gate_set (gate, message));
}

#define NAMES                   OWN "\0vpn.example.org\0*.example.com\0"
#define SET_GATE(fixture, mode) set_gate ((fixture)->gate, mode, OWN, NAMES, sizeof NAMES - 1)

static gboolean
set_label (SpNameGate *gate, gboolean good, const char *label)
{
  g_autofree SpSetLabels *message = g_new0 (SpSetLabels, 1);

  message->good = (guint8) good;
  message->hashes_length = SP_LABEL_HASH_SIZE;
  sp_label_hash (label, message->hashes);
  return sp_name_gate_set_labels (gate, message);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->gate = sp_name_gate_new ();
  sp_label_make (fixture->label);
  sp_label_make (fixture->other);
  g_assert_true (set_label (fixture->gate, TRUE, fixture->label));
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  sp_name_gate_free (fixture->gate);
}

/* `name` is as a client sends it, after the codec has made it lower case; NULL: none. */
static SpGateVerdict
judge_at (SpNameGate *gate, const char *name, gboolean known, gint64 now)
{
  SpClientHello hello = { .has_server_name = name != NULL };

  if (name != NULL)
    {
      hello.server_name_length = strlen (name);
      g_assert_cmpuint (hello.server_name_length, <=, SP_DOMAIN_MAX);
      memcpy (hello.server_name, name, hello.server_name_length + 1);
    }
  return sp_name_gate_judge (gate, &hello, known, now);
}

static void
set_validation (SpNameGate *gate, const char *name)
{
  SpSetValidation message = { .name_length = (guint16) strlen (name) };

  memcpy (message.name, name, message.name_length);
  sp_name_gate_set_validation (gate, &message);
}

/* An authority looks for it. */
static SpGateVerdict
judge_validation (SpNameGate *gate, const char *name, gboolean asks)
{
  SpClientHello hello = { .has_server_name = TRUE, .asks_validation = asks };

  hello.server_name_length = strlen (name);
  memcpy (hello.server_name, name, hello.server_name_length + 1);
  return sp_name_gate_judge (gate, &hello, FALSE, START);
}

static SpGateVerdict
judge (SpNameGate *gate, const char *name, gboolean known)
{
  return judge_at (gate, name, known, START);
}

static SpGateVerdict
judge_label (SpNameGate *gate, const char *label, const char *own, gboolean known)
{
  g_autofree char *name = g_strconcat (label, ".", own, NULL);

  return judge (gate, name, known);
}

static void
test_names (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *name;
    SpGateVerdict stranger;
  } rows[] = {
    { NULL, SP_GATE_NAMELESS },
    { "", SP_GATE_NAMELESS },
    { OWN, SP_GATE_PASSES },
    { OWN ".", SP_GATE_NAMELESS },
    { "ome.example.net", SP_GATE_NAMELESS },
    { "xhome.example.net", SP_GATE_NAMELESS },
    { "www." OWN, SP_GATE_NAMELESS },
    { "vpn.example.org", SP_GATE_PASSES },
    { "a.example.com", SP_GATE_PASSES },
    { "example.com", SP_GATE_NAMELESS },
    { ".example.com", SP_GATE_NAMELESS },
    { "a.b.example.com", SP_GATE_NAMELESS },
    { "*.example.com", SP_GATE_PASSES }, /* a name like any other */
    { "localhost", SP_GATE_NAMELESS },
  };

  SET_GATE (fixture, SP_GATE_NAME);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_test_message ("%s", rows[i].name);
      g_assert_cmpint (judge (fixture->gate, rows[i].name, FALSE), ==, rows[i].stranger);
      g_assert_cmpint (judge (fixture->gate, rows[i].name, TRUE), ==, SP_GATE_PASSES);
    }
}

/* What is told later holds alone. */
static void
test_live (Fixture *fixture, gconstpointer data)
{
  SET_GATE (fixture, SP_GATE_NAME);
  set_gate (fixture->gate, SP_GATE_NAME, "other.example", "other.example", sizeof "other.example");
  g_assert_cmpint (judge (fixture->gate, OWN, FALSE), ==, SP_GATE_NAMELESS);
  g_assert_cmpint (judge (fixture->gate, "other.example", FALSE), ==, SP_GATE_PASSES);
  g_assert_cmpint (judge_label (fixture->gate, fixture->label, OWN, FALSE), ==, SP_GATE_NAMELESS);
  SET_GATE (fixture, SP_GATE_OFF);
  g_assert_cmpint (judge (fixture->gate, NULL, FALSE), ==, SP_GATE_PASSES);
}

static void
test_labels (Fixture *fixture, gconstpointer data)
{
  SpNameGate *gate = fixture->gate;

  SET_GATE (fixture, SP_GATE_LABEL);
  for (guint known = 0; known < 2; known++)
    {
      SpGateVerdict unnamed = known ? SP_GATE_PASSES : SP_GATE_NAMELESS;

      g_assert_cmpint (judge_label (gate, fixture->label, OWN, known), ==, SP_GATE_PASSES);
      g_assert_cmpint (judge_label (gate, fixture->other, OWN, known), ==, SP_GATE_UNLABELLED);
      /* where it stands matters */
      g_assert_cmpint (judge_label (gate, fixture->label, "vpn.example.org", known), ==, unnamed);
      g_assert_cmpint (judge_label (gate, fixture->label, "example.com", known), ==, unnamed);
      g_assert_cmpint (judge (gate, fixture->label, known), ==, unnamed);
      g_assert_cmpint (judge (gate, OWN, known), ==, unnamed);
      g_assert_cmpint (judge (gate, "a.example.com", known), ==, unnamed);
      g_assert_cmpint (judge (gate, NULL, known), ==, unnamed);
    }
}

/* The other modes know labels, too: a device is not set up anew when the owner thinks again. */
static void
test_labels_in_other_modes (Fixture *fixture, gconstpointer data)
{
  SET_GATE (fixture, SP_GATE_NAME);
  g_assert_cmpint (judge_label (fixture->gate, fixture->label, OWN, FALSE), ==, SP_GATE_PASSES);
  g_assert_cmpint (judge_label (fixture->gate, fixture->other, OWN, TRUE), ==, SP_GATE_UNLABELLED);
  SET_GATE (fixture, SP_GATE_OFF);
  g_assert_cmpint (judge_label (fixture->gate, fixture->other, OWN, FALSE), ==, SP_GATE_PASSES);
}

/* Every other byte at every place of a good label is none. */
static void
test_each_byte_counts (Fixture *fixture, gconstpointer data)
{
  SET_GATE (fixture, SP_GATE_LABEL);
  for (guint i = 0; i < SP_LABEL_LENGTH; i++)
    for (guint byte = 1; byte < 256; byte++)
      {
        char changed[SP_LABEL_LENGTH + 1];

        memcpy (changed, fixture->label, sizeof changed);
        changed[i] = (char) byte;
        g_assert_cmpint (judge_label (fixture->gate, changed, OWN, FALSE) == SP_GATE_PASSES, ==,
                         changed[i] == fixture->label[i]);
      }
}

/* And every bit of what the door knows of it. */
static void
test_each_bit_of_the_hash_counts (Fixture *fixture, gconstpointer data)
{
  g_autofree SpSetLabels *message = g_new0 (SpSetLabels, 1);

  SET_GATE (fixture, SP_GATE_LABEL);
  g_assert_true (set_label (fixture->gate, FALSE, fixture->label));
  message->good = 1;
  message->hashes_length = SP_LABEL_HASH_SIZE;
  for (guint bit = 0; bit < 8 * SP_LABEL_HASH_SIZE; bit++)
    {
      sp_label_hash (fixture->label, message->hashes);
      message->hashes[bit / 8] ^= (guint8) (1 << bit % 8);
      g_assert_true (sp_name_gate_set_labels (fixture->gate, message));
    }
  g_assert_cmpuint (sp_name_gate_get_n_labels (fixture->gate), ==, 8 * SP_LABEL_HASH_SIZE);
  g_assert_cmpint (judge_label (fixture->gate, fixture->label, OWN, TRUE), ==, SP_GATE_UNLABELLED);
  g_assert_true (set_label (fixture->gate, TRUE, fixture->label));
  g_assert_cmpint (judge_label (fixture->gate, fixture->label, OWN, FALSE), ==, SP_GATE_PASSES);
}

static void
test_revoked (Fixture *fixture, gconstpointer data)
{
  SET_GATE (fixture, SP_GATE_LABEL);
  g_assert_true (set_label (fixture->gate, TRUE, fixture->other));
  g_assert_true (set_label (fixture->gate, FALSE, fixture->label));
  g_assert_cmpint (judge_label (fixture->gate, fixture->label, OWN, FALSE), ==, SP_GATE_UNLABELLED);
  g_assert_cmpint (judge_label (fixture->gate, fixture->label, OWN, TRUE), ==, SP_GATE_UNLABELLED);
  g_assert_cmpint (judge_label (fixture->gate, fixture->other, OWN, FALSE), ==, SP_GATE_PASSES);
  g_assert_true (set_label (fixture->gate, FALSE, fixture->label)); /* once more harms nothing */
  g_assert_cmpuint (sp_name_gate_get_n_labels (fixture->gate), ==, 1);
}

/* They differ in their first bytes, as hashes do, whatever the byte order. */
static void
fill_with_numbers (SpSetLabels *message, guint64 *number)
{
  for (guint i = 0; i < SP_LABELS_AT_ONCE; i++, (*number)++)
    {
      guint64 hash = GUINT64_TO_LE (*number);

      memcpy (message->hashes + i * SP_LABEL_HASH_SIZE, &hash, sizeof hash);
    }
}

static void
test_bounded (Fixture *fixture, gconstpointer data)
{
  g_autofree SpSetLabels *message = g_new0 (SpSetLabels, 1);
  guint64 number = 0;

  message->good = 1;
  message->hashes_length = sizeof message->hashes;
  while (number < SP_LABELS_MAX - SP_LABELS_AT_ONCE)
    {
      fill_with_numbers (message, &number);
      g_assert_true (sp_name_gate_set_labels (fixture->gate, message));
    }
  fill_with_numbers (message, &number);
  g_assert_false (sp_name_gate_set_labels (fixture->gate, message)); /* one is there already */
  g_assert_cmpuint (sp_name_gate_get_n_labels (fixture->gate), ==, SP_LABELS_MAX);
  SET_GATE (fixture, SP_GATE_LABEL);
  g_assert_cmpint (judge_label (fixture->gate, fixture->label, OWN, FALSE), ==, SP_GATE_PASSES);
}

/* Main is believed, but not blindly. */
static void
test_refuses_nonsense (Fixture *fixture, gconstpointer data)
{
  g_autofree SpSetNameGate *gate = g_new0 (SpSetNameGate, 1);
  g_autofree SpSetLabels *labels = g_new0 (SpSetLabels, 1);

  SET_GATE (fixture, SP_GATE_NAME);
  gate->mode = SP_GATE_LAST + 1;
  g_assert_false (sp_name_gate_set (fixture->gate, gate));
  gate->mode = SP_GATE_OFF;
  gate->names_length = 3;
  memcpy (gate->names, "a\0b", 3);
  g_assert_false (sp_name_gate_set (fixture->gate, gate));
  g_assert_cmpint (judge (fixture->gate, NULL, FALSE), ==, SP_GATE_NAMELESS);
  labels->hashes_length = SP_LABEL_HASH_SIZE + 1;
  g_assert_false (sp_name_gate_set_labels (fixture->gate, labels));
}

/* Strangers without our name share a bucket; those with it, and who is known, do not notice. */
static void
test_narrow_lane (Fixture *fixture, gconstpointer data)
{
  guint passed = 0;

  SET_GATE (fixture, SP_GATE_OFF);
  for (guint i = 0; i < 1000; i++)
    passed += judge (fixture->gate, i % 2 ? NULL : "other.example", FALSE) == SP_GATE_PASSES;
  g_assert_cmpuint (passed, ==, 120);
  g_assert_cmpint (judge (fixture->gate, OWN, FALSE), ==, SP_GATE_PASSES);
  g_assert_cmpint (judge (fixture->gate, NULL, TRUE), ==, SP_GATE_PASSES);
  passed = 0;
  for (gint64 now = START; now < START + 10 * SECOND; now += SECOND / 1000)
    passed += judge_at (fixture->gate, NULL, FALSE, now) == SP_GATE_PASSES;
  g_assert_cmpuint (passed, >=, 398);
  g_assert_cmpuint (passed, <=, 401);
}

/* A server that is found by its address cannot ask anybody for a name. */
static void
test_no_own_name (Fixture *fixture, gconstpointer data)
{
  set_gate (fixture->gate, SP_GATE_OFF, "", "attic", sizeof "attic");
  for (guint i = 0; i < 1000; i++)
    g_assert_cmpint (judge (fixture->gate, NULL, FALSE), ==, SP_GATE_PASSES);
}

static void
test_new_gate_lets_pass (void)
{
  g_autoptr (SpNameGate) gate = sp_name_gate_new ();

  for (guint i = 0; i < 1000; i++)
    g_assert_cmpint (judge (gate, i % 2 ? NULL : OWN, FALSE), ==, SP_GATE_PASSES);
}

static void
test_label_text (void)
{
  char label[SP_LABEL_LENGTH + 1];
  guint seen[256] = { 0 };

  for (guint i = 0; i < 1000; i++)
    {
      sp_label_make (label);
      g_assert_cmpuint (strlen (label), ==, SP_LABEL_LENGTH);
      g_assert_true (sp_label_is_valid (label, SP_LABEL_LENGTH));
      for (guint j = 0; j < SP_LABEL_LENGTH; j++)
        seen[(guchar) label[j]]++;
    }
  for (guint i = 0; i < 256; i++)
    g_assert_cmpint (seen[i] > 0, ==,
                     memchr ("abcdefghijklmnopqrstuvwxyz234567", (int) i, 32) != NULL);
  g_assert_false (sp_label_is_valid (label, SP_LABEL_LENGTH - 1));
  label[3] = 'A';
  g_assert_false (sp_label_is_valid (label, SP_LABEL_LENGTH));
  label[3] = '\0';
  g_assert_false (sp_label_is_valid (label, SP_LABEL_LENGTH));
}

#define ADD(path, test) g_test_add (path, Fixture, NULL, set_up, test, tear_down)

/* However strict the gate is, and only while somebody was asked to look. */
static void
test_validation (Fixture *fixture, gconstpointer data)
{
  SET_GATE (fixture, SP_GATE_LABEL);
  g_assert_cmpint (judge_validation (fixture->gate, OWN, TRUE), ==, SP_GATE_NAMELESS);
  set_validation (fixture->gate, OWN);
  g_assert_cmpint (judge_validation (fixture->gate, OWN, TRUE), ==, SP_GATE_PASSES);
  g_assert_cmpint (judge_validation (fixture->gate, OWN, FALSE), ==, SP_GATE_NAMELESS);
  g_assert_cmpint (judge_validation (fixture->gate, "vpn.example.org", TRUE), ==, SP_GATE_NAMELESS);
  set_validation (fixture->gate, "");
  g_assert_cmpint (judge_validation (fixture->gate, OWN, TRUE), ==, SP_GATE_NAMELESS);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/name-gate/names", test_names);
  ADD ("/name-gate/live", test_live);
  ADD ("/name-gate/labels", test_labels);
  ADD ("/name-gate/labels/other-modes", test_labels_in_other_modes);
  ADD ("/name-gate/labels/each-byte", test_each_byte_counts);
  ADD ("/name-gate/labels/each-bit-of-the-hash", test_each_bit_of_the_hash_counts);
  ADD ("/name-gate/labels/revoked", test_revoked);
  ADD ("/name-gate/labels/bounded", test_bounded);
  ADD ("/name-gate/nonsense", test_refuses_nonsense);
  ADD ("/name-gate/narrow-lane", test_narrow_lane);
  ADD ("/name-gate/no-own-name", test_no_own_name);
  ADD ("/name-gate/validation", test_validation);
  g_test_add_func ("/name-gate/new", test_new_gate_lets_pass);
  g_test_add_func ("/label/text", test_label_text);
  return g_test_run ();
}
