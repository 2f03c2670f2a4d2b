/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "name-gate.h"

#include "base/bucket.h"
#include "base/label.h"

#include <string.h>

/* With the gate off, strangers that do not name us share this: nobody notices in a quiet hour, and
 * in a flood they wait behind those that do. */
static const SpBucketLimit nameless_limit = { .interval = G_USEC_PER_SEC / 40, .burst = 120 };

struct _SpNameGate
{
  SpGateMode mode;
  gsize own_length;
  char own[SP_DOMAIN_MAX];
  gsize names_size;
  char names[SP_CERTIFICATE_NAMES_TEXT_MAX]; /* each ended by a zero */
  gsize validated_length;
  char validated[SP_DOMAIN_MAX];
  gint64 nameless;    /* bucket */
  GHashTable *labels; /* hashes; only main adds to it */
};

/* They are hashes already, of labels that strangers do not choose. */
static guint
hash_of_hash (gconstpointer hash)
{
  guint first;

  memcpy (&first, hash, sizeof first);
  return first;
}

static gboolean
is_same (gconstpointer one, gconstpointer other)
{
  return memcmp (one, other, SP_LABEL_HASH_SIZE) == 0;
}

SpNameGate *
sp_name_gate_new (void)
{
  SpNameGate *gate = g_new0 (SpNameGate, 1);

  gate->labels = g_hash_table_new_full (hash_of_hash, is_same, g_free, NULL);
  return gate;
}

void
sp_name_gate_free (SpNameGate *gate)
{
  if (gate == NULL)
    return;
  g_hash_table_unref (gate->labels);
  g_free (gate);
}

gboolean
sp_name_gate_set (SpNameGate *gate, const SpSetNameGate *message)
{
  if (message->mode > SP_GATE_LAST ||
      (message->names_length > 0 && message->names[message->names_length - 1] != 0))
    return FALSE;
  gate->mode = (SpGateMode) message->mode;
  gate->own_length = message->own_length;
  memcpy (gate->own, message->own, message->own_length);
  gate->names_size = message->names_length;
  memcpy (gate->names, message->names, message->names_length);
  return TRUE;
}

gboolean
sp_name_gate_set_labels (SpNameGate *gate, const SpSetLabels *message)
{
  for (gsize i = 0; i + SP_LABEL_HASH_SIZE <= message->hashes_length; i += SP_LABEL_HASH_SIZE)
    {
      const guint8 *hash = message->hashes + i;

      if (!message->good)
        (void) g_hash_table_remove (gate->labels, hash);
      else if (g_hash_table_size (gate->labels) < SP_LABELS_MAX)
        (void) g_hash_table_add (gate->labels, g_memdup2 (hash, SP_LABEL_HASH_SIZE));
      else
        return FALSE;
    }
  return message->hashes_length % SP_LABEL_HASH_SIZE == 0;
}

void
sp_name_gate_set_validation (SpNameGate *gate, const SpSetValidation *message)
{
  gate->validated_length = message->name_length;
  memcpy (gate->validated, message->name, message->name_length);
}

guint
sp_name_gate_get_n_labels (const SpNameGate *gate)
{
  return g_hash_table_size (gate->labels);
}

/* "*.example.net" stands for all names with exactly one label more (RFC 6125 6.4.3). */
static gboolean
stands_for (const char *pattern, const char *name)
{
  const char *rest = strchr (name, '.');

  if (pattern[0] == '*' && pattern[1] == '.')
    return rest != NULL && rest != name && strcmp (pattern + 1, rest) == 0;
  return strcmp (pattern, name) == 0;
}

static gboolean
is_ours (const SpNameGate *gate, const char *name)
{
  const char *end = gate->names + gate->names_size;

  for (const char *next = gate->names; next < end; next += strlen (next) + 1)
    if (stands_for (next, name))
      return TRUE;
  return FALSE;
}

/* The label that the name has before our own; NULL if it has not the form of one. */
static const char *
find_label (const SpNameGate *gate, const SpClientHello *hello)
{
  const char *name = hello->server_name;

  if (gate->own_length == 0 ||
      hello->server_name_length != SP_LABEL_LENGTH + 1 + gate->own_length ||
      name[SP_LABEL_LENGTH] != '.' ||
      memcmp (name + SP_LABEL_LENGTH + 1, gate->own, gate->own_length) != 0 ||
      !sp_label_is_valid (name, SP_LABEL_LENGTH))
    return NULL;
  return name;
}

static gboolean
is_good (const SpNameGate *gate, const char *label)
{
  guint8 hash[SP_LABEL_HASH_SIZE];

  sp_label_hash (label, hash);
  return g_hash_table_contains (gate->labels, hash);
}

/* An authority that we asked to look for this name. */
static gboolean
is_validation (const SpNameGate *gate, const SpClientHello *hello)
{
  return hello->asks_validation && hello->has_server_name && gate->validated_length > 0 &&
         hello->server_name_length == gate->validated_length &&
         memcmp (hello->server_name, gate->validated, gate->validated_length) == 0;
}

/* Where no name is ours, nobody can be asked for one. */
static SpGateVerdict
take_turn (SpNameGate *gate, gint64 now)
{
  if (gate->own_length == 0)
    return SP_GATE_PASSES;
  if (sp_bucket_wait (gate->nameless, &nameless_limit, now) > 0)
    return SP_GATE_NAMELESS;
  sp_bucket_take (&gate->nameless, &nameless_limit, now);
  return SP_GATE_PASSES;
}

SpGateVerdict
sp_name_gate_judge (SpNameGate *gate, const SpClientHello *hello, gboolean known, gint64 now)
{
  const char *label = hello->has_server_name ? find_label (gate, hello) : NULL;

  if (is_validation (gate, hello) || (label != NULL && is_good (gate, label)))
    return SP_GATE_PASSES;
  if (label != NULL && gate->mode != SP_GATE_OFF)
    return SP_GATE_UNLABELLED;
  if (known)
    return SP_GATE_PASSES;
  if (gate->mode == SP_GATE_LABEL)
    return SP_GATE_NAMELESS;
  if (hello->has_server_name && is_ours (gate, hello->server_name))
    return SP_GATE_PASSES;
  return gate->mode == SP_GATE_NAME ? SP_GATE_NAMELESS : take_turn (gate, now);
}
