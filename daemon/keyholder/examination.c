/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "examination.h"

#include "base/error.h"
#include "base/io.h"
#include "base/secret.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct _SpExamination
{
  SpExaminationPlan plan;
  GThread *thread;
  GSource *done; /* attached by the thread when it has finished */
  SpExamined examined;
  gpointer user_data;
  /* made by the thread */
  SpBundle *bundle;
  SpCertificateVerdict verdict;
  char *pin; /* of a token */
  GError *error;
};

/* Reads a file of at most `most` bytes from its start; wiped by sp_secret_bytes_free.  Others than
 * regular files could keep us waiting. */
static GByteArray *
read_file (int fd, gsize most, GError **error)
{
  struct stat facts;
  GByteArray *bytes;
  gsize size = 0;

  if (fstat (fd, &facts) != 0 || !S_ISREG (facts.st_mode) || facts.st_size < 0 ||
      (gsize) facts.st_size > most)
    {
      g_set_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS, "a file is larger than %u bytes",
                   (guint) most);
      return NULL;
    }
  bytes = g_byte_array_sized_new ((guint) facts.st_size + 1);
  g_byte_array_set_size (bytes, (guint) facts.st_size);
  while (size < bytes->len)
    {
      ssize_t part = pread (fd, bytes->data + size, bytes->len - size, (off_t) size);

      if (part < 0 && errno == EINTR)
        continue;
      if (part <= 0)
        break;
      size += (gsize) part;
    }
  g_byte_array_set_size (bytes, (guint) size);
  return bytes;
}

/* One line end at its end is not part of it. */
static char *
read_passphrase (int fd, GError **error)
{
  GByteArray *bytes = read_file (fd, SP_PASSWORD_MAX + 1, error);
  char *passphrase;

  if (bytes == NULL)
    return NULL;
  if (bytes->len > 0 && bytes->data[bytes->len - 1] == '\n')
    bytes->len--;
  if (memchr (bytes->data, 0, bytes->len) != NULL || bytes->len > SP_PASSWORD_MAX)
    {
      g_set_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS,
                   "the passphrase is too long, or has a zero byte in it");
      bytes->len = bytes->len > 0 ? bytes->len : 1;
      sp_secret_bytes_free (bytes);
      return NULL;
    }
  passphrase = g_strndup ((const char *) bytes->data, bytes->len);
  sp_secret_bytes_free (bytes);
  return passphrase;
}

static gboolean
read_files (SpExamination *self, const char *passphrase, SpBundleResult *results)
{
  for (guint i = 0; i < self->plan.n_files; i++)
    {
      GByteArray *bytes = read_file (self->plan.files[i], SP_BUNDLE_FILE_MAX, &self->error);

      if (bytes == NULL)
        {
          g_prefix_error (&self->error, "file %u: ", i + 1);
          return FALSE;
        }
      results[i] = sp_bundle_add (self->bundle, bytes->data, bytes->len, passphrase);
      sp_secret_bytes_free (bytes);
    }
  return TRUE;
}

static void
judge (SpExamination *self, const SpBundleResult *results)
{
  GByteArray *trust = read_file (self->plan.trust, SP_TRUST_MAX, NULL);
  g_autoptr (GBytes) authorities = trust != NULL ? g_byte_array_free_to_bytes (trust) : NULL;
  const SpVerdictWishes wishes = { .name = self->plan.name,
                                   .now = g_get_real_time () / G_USEC_PER_SEC,
                                   .trust = authorities,
                                   .pins = self->plan.pins,
                                   .token = self->plan.token };

  sp_certificate_verdict_make (&self->verdict, self->bundle, results, self->plan.n_files, &wishes);
}

static gboolean
done_cb (gpointer user_data)
{
  SpExamination *self = user_data;

  self->examined (self->user_data, self->bundle, self->error == NULL ? &self->verdict : NULL,
                  self->error);
  return G_SOURCE_REMOVE;
}

static gpointer
examine (gpointer data)
{
  SpExamination *self = data;
  SpBundleResult results[SP_BUNDLE_FILES_MAX] = { SP_BUNDLE_READ };
  char *passphrase = NULL;

  if (self->plan.passphrase >= 0)
    passphrase = read_passphrase (self->plan.passphrase, &self->error);
  if (self->plan.token)
    self->pin = g_steal_pointer (&passphrase);
  if (self->error == NULL && read_files (self, passphrase, results))
    judge (self, results);
  sp_secret_text_free (passphrase);
  g_source_attach (self->done, NULL);
  return NULL;
}

SpExamination *
sp_examination_new (SpExaminationPlan *plan, SpExamined examined, gpointer user_data)
{
  SpExamination *self = g_new0 (SpExamination, 1);

  self->plan = *plan;
  self->examined = examined;
  self->user_data = user_data;
  self->bundle = sp_bundle_new ();
  self->done = g_idle_source_new ();
  g_source_set_priority (self->done, G_PRIORITY_DEFAULT);
  g_source_set_callback (self->done, done_cb, self, NULL);
  self->thread = g_thread_new (NULL, examine, self);
  return self;
}

const char *
sp_examination_get_pin (SpExamination *self)
{
  return self->pin != NULL ? self->pin : "";
}

SpCertificateVerdict *
sp_examination_get_verdict (SpExamination *self)
{
  return &self->verdict;
}

void
sp_examination_free (SpExamination *self)
{
  if (self == NULL)
    return;
  (void) g_thread_join (self->thread);
  g_source_destroy (self->done);
  g_source_unref (self->done);
  for (guint i = 0; i < SP_BUNDLE_FILES_MAX; i++)
    sp_fd_clear (&self->plan.files[i]);
  sp_fd_clear (&self->plan.passphrase);
  sp_fd_clear (&self->plan.trust);
  g_free (self->plan.name);
  sp_secret_text_free (self->pin);
  g_ptr_array_unref (self->plan.pins);
  sp_certificate_verdict_clear (&self->verdict);
  sp_bundle_free (self->bundle);
  g_clear_error (&self->error);
  g_free (self);
}
