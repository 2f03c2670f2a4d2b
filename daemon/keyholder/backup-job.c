/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backup-job.h"

#include "backup-key.h"
#include "backup-place.h"
#include "base/error.h"
#include "base/io.h"
#include "base/secret.h"
#include "password-reader.h"
#include "schema.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <unistd.h>

/* Of new passphrases: RFC 9106 4 wants 64 MiB and three passes at least.  A guess takes a second of
 * a small machine. */
#define NEW_PASSES 3
#define NEW_MEMORY (128 * 1024) /* KiB */

typedef struct
{
  guint8 answer;                     /* the type of the message */
  gboolean new_passphrase;           /* it must be long enough */
  void (*work) (SpBackupJob *job);   /* in the thread; sets job->error */
  void (*finish) (SpBackupJob *job); /* in the loop, if there was no error; may set it */
} Kind;

struct _SpBackupJob
{
  SpKeyholder *keyholder;
  const Kind *kind;
  guint32 serial;
  SpPasswordReader *reader; /* NULL once it is read */
  int file;
  int parts[SP_BACKUP_N_PARTS];
  gboolean keep;
  guint32 main_schema; /* OPEN: the newest that is taken */
  gboolean has_key;
  guint8 key[SP_BACKUP_KEY_SIZE];
  guint8 passphrase[SP_PASSWORD_MAX];
  gsize length;
  SpBackupHeader header;
  GThread *thread;
  int stop; /* atomic */
  GSource *done;
  GError *error;
};

void
sp_backup_job_free (SpBackupJob *job)
{
  if (job == NULL)
    return;
  g_atomic_int_set (&job->stop, 1);
  if (job->thread != NULL)
    (void) g_thread_join (job->thread);
  if (job->done != NULL)
    g_source_destroy (job->done);
  g_clear_pointer (&job->done, g_source_unref);
  sp_password_reader_free (job->reader);
  sp_fd_clear (&job->file);
  for (guint i = 0; i < SP_BACKUP_N_PARTS; i++)
    sp_fd_clear (&job->parts[i]);
  g_clear_error (&job->error);
  sp_secret_wipe (job, sizeof *job);
  g_free (job);
}

/* --- answers --- */

G_STATIC_ASSERT (sizeof (SpBackupSealed) == sizeof (SpBackupOpened));

static void
answer (SpKeyholder *keyholder,
        guint8 type,
        guint32 serial,
        const SpBackupHeader *header,
        const GError *error)
{
  SpBackupSealed message = { .done = (guint8) sp_done_from_error (error) };

  if (type == SP_MESSAGE_BACKUP_KEY_SET)
    {
      sp_keyholder_answer_done (keyholder, type, serial, error);
      return;
    }
  if (error != NULL)
    message.text_length = sp_text_copy (error->message, message.text, sizeof message.text);
  else
    {
      message.created = header->created;
      message.main_schema = header->main_schema;
      message.program_length =
          sp_text_copy (header->program, message.program, sizeof message.program);
    }
  sp_link_answer (keyholder->main, type, serial, &message, NULL, 0);
}

static void
drop_restored (void)
{
  g_autoptr (GError) error = NULL;

  if (!sp_backup_place_remove (SP_RESTORED_DATABASE, &error))
    sp_log (SP_LOG_WARNING, "backup", "%s", error->message);
}

void
sp_backup_job_drop_restored (SpKeyholder *keyholder)
{
  if (keyholder->backup == NULL || !keyholder->backup->keep)
    drop_restored ();
}

/* Answers and frees the job. */
static void
end (SpBackupJob *job)
{
  SpKeyholder *keyholder = job->keyholder;

  keyholder->backup = NULL;
  if (job->error != NULL && job->keep)
    drop_restored ();
  answer (keyholder, job->kind->answer, job->serial, &job->header, job->error);
  sp_backup_job_free (job);
}

/* --- the thread --- */

static gboolean
done_cb (gpointer user_data)
{
  SpBackupJob *job = user_data;

  (void) g_thread_join (g_steal_pointer (&job->thread));
  if (job->error == NULL)
    job->kind->finish (job);
  end (job);
  return G_SOURCE_REMOVE;
}

static gpointer
work_in_thread (gpointer data)
{
  SpBackupJob *job = data;

  job->kind->work (job);
  sp_secret_wipe (job->passphrase, sizeof job->passphrase);
  g_source_attach (job->done, NULL);
  return NULL;
}

static void
start_thread (SpBackupJob *job)
{
  job->done = g_idle_source_new ();
  g_source_set_callback (job->done, done_cb, job, NULL);
  job->thread = g_thread_try_new (NULL, work_in_thread, job, &job->error);
  if (job->thread == NULL)
    end (job);
}

static gboolean
derive (SpBackupJob *job)
{
  if (!job->has_key)
    job->has_key =
        sp_backup_derive_key (job->passphrase, job->length, &job->header, job->key, &job->error);
  return job->has_key;
}

static void
do_nothing (SpBackupJob *job)
{
}

static void
work_seal (SpBackupJob *job)
{
  if (derive (job))
    (void) sp_backup_write (job->file, &job->header, job->key, job->parts, &job->stop, &job->error);
}

static gboolean
refuse_newer (SpBackupJob *job)
{
  if (job->header.main_schema <= job->main_schema &&
      job->header.keyholder_schema <= sp_schema_version)
    return TRUE;
  g_set_error (&job->error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS,
               "the backup was made by version %s, which is newer than this one",
               job->header.program);
  return FALSE;
}

static void
work_open (SpBackupJob *job)
{
  static const int nowhere[SP_BACKUP_N_PARTS] = { -1, -1, -1 };
  guint8 bytes[SP_BACKUP_HEADER_SIZE];

  if (sp_backup_read_header (job->file, &job->header, bytes, &job->error) && derive (job) &&
      sp_backup_read (job->file, bytes, job->key, job->keep ? job->parts : nowhere, &job->stop,
                      &job->error))
    (void) refuse_newer (job);
}

/* What was verified is made ours: tables brought up to date, structure looked at. */
static void
finish_open (SpBackupJob *job)
{
  g_autoptr (SpDatabase) database = NULL;

  if (!job->keep)
    return;
  database = sp_database_open (SP_RESTORED_DATABASE, &job->error);
  if (database != NULL)
    (void) sp_database_check (database, &job->error);
}

static void
work_key (SpBackupJob *job)
{
  (void) derive (job);
}

static void
finish_key (SpBackupJob *job)
{
  (void) sp_backup_key_store (job->keyholder->database, &job->header, job->key, &job->error);
}

static const Kind sealing = { SP_MESSAGE_BACKUP_SEALED, TRUE, work_seal, do_nothing };
static const Kind opening = { SP_MESSAGE_BACKUP_OPENED, FALSE, work_open, finish_open };
static const Kind keeping = { SP_MESSAGE_BACKUP_KEY_SET, TRUE, work_key, finish_key };

/* --- the loop --- */

static void
read_cb (gpointer user_data, const guint8 *passphrase, gsize length, const GError *error)
{
  SpBackupJob *job = user_data;

  if (error != NULL)
    job->error = g_error_copy (error);
  else if (job->kind->new_passphrase && length < SP_BACKUP_PASSPHRASE_MIN)
    g_set_error (&job->error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS,
                 "a backup's passphrase has at least %d bytes", SP_BACKUP_PASSPHRASE_MIN);
  else
    {
      memcpy (job->passphrase, passphrase, length);
      job->length = length;
      g_clear_pointer (&job->reader, sp_password_reader_free);
      start_thread (job);
      return;
    }
  end (job);
}

/* NULL, and answered, if another one is at work. */
static SpBackupJob *
job_new (SpKeyholder *keyholder, guint32 serial, const Kind *kind)
{
  g_autoptr (GError) busy = NULL;
  SpBackupJob *job;

  if (keyholder->backup != NULL)
    {
      busy = g_error_new_literal (SP_ERROR, SP_ERROR_BUSY, "another backup is at work; try again");
      answer (keyholder, kind->answer, serial, NULL, busy);
      return NULL;
    }
  job = g_new0 (SpBackupJob, 1);
  job->keyholder = keyholder;
  job->kind = kind;
  job->serial = serial;
  job->file = -1;
  for (guint i = 0; i < SP_BACKUP_N_PARTS; i++)
    job->parts[i] = -1;
  keyholder->backup = job;
  return job;
}

static void
read_passphrase (SpBackupJob *job, int *fd)
{
  job->reader = sp_password_reader_new (sp_fd_steal (fd), SP_PASSWORD_READ_SECONDS, read_cb, job);
}

static void
choose_cost (SpBackupHeader *header)
{
  sp_random_bytes (header->salt, sizeof header->salt);
  header->passes = NEW_PASSES;
  header->memory = NEW_MEMORY;
}

/* A copy that is gone from the folder as soon as it is open. */
static int
open_copy (SpDatabase *database, GError **error)
{
  sp_autofd int fd = -1;

  if (!sp_backup_place_remove (SP_COPIED_DATABASE, error) ||
      !sp_database_copy (database, SP_COPIED_DATABASE, error))
    return -1;
  fd = open (SP_COPIED_DATABASE, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0)
    {
      sp_error_set_errno (error, errno, "opening %s", SP_COPIED_DATABASE);
      return -1;
    }
  return sp_backup_place_remove (SP_COPIED_DATABASE, error) ? sp_fd_steal (&fd) : -1;
}

void
sp_backup_job_seal (SpKeyholder *keyholder, guint32 serial, const SpSealBackup *message, int *fds)
{
  SpBackupJob *job = job_new (keyholder, serial, &sealing);

  if (job == NULL)
    return;
  job->file = sp_fd_steal (&fds[0]);
  job->parts[SP_BACKUP_SETTINGS] = sp_fd_steal (&fds[2]);
  job->parts[SP_BACKUP_MAIN] = sp_fd_steal (&fds[3]);
  job->header.created = message->created;
  job->header.main_schema = message->main_schema;
  job->header.keyholder_schema = sp_schema_version;
  memcpy (job->header.program, message->program, message->program_length);
  choose_cost (&job->header);
  if (message->by_kept_key != 0)
    job->has_key = sp_backup_key_load (keyholder->database, &job->header, job->key, &job->error);
  if (job->error == NULL)
    job->parts[SP_BACKUP_KEYHOLDER] = open_copy (keyholder->database, &job->error);
  if (job->error != NULL)
    end (job);
  else if (job->has_key)
    start_thread (job);
  else
    read_passphrase (job, &fds[1]);
}

void
sp_backup_job_open (SpKeyholder *keyholder, guint32 serial, const SpOpenBackup *message, int *fds)
{
  const int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW;
  SpBackupJob *job = job_new (keyholder, serial, &opening);

  if (job == NULL)
    return;
  job->file = sp_fd_steal (&fds[0]);
  job->parts[SP_BACKUP_SETTINGS] = sp_fd_steal (&fds[2]);
  job->parts[SP_BACKUP_MAIN] = sp_fd_steal (&fds[3]);
  job->keep = message->keep != 0;
  job->main_schema = message->main_schema;
  if (job->keep && sp_backup_place_remove (SP_RESTORED_DATABASE, &job->error))
    {
      job->parts[SP_BACKUP_KEYHOLDER] = open (SP_RESTORED_DATABASE, flags, 0600);
      if (job->parts[SP_BACKUP_KEYHOLDER] < 0)
        sp_error_set_errno (&job->error, errno, "making %s", SP_RESTORED_DATABASE);
    }
  if (job->error != NULL)
    end (job);
  else
    read_passphrase (job, &fds[1]);
}

void
sp_backup_job_set_key (SpKeyholder *keyholder,
                       guint32 serial,
                       const SpSetBackupKey *message,
                       int *fds)
{
  SpBackupJob *job = job_new (keyholder, serial, &keeping);

  if (job == NULL)
    return;
  if (message->on == 0)
    {
      (void) sp_backup_key_forget (keyholder->database, &job->error);
      end (job);
      return;
    }
  choose_cost (&job->header);
  read_passphrase (job, &fds[0]);
}
