/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hash-queue.h"

#include "base/error.h"
#include "base/io.h"
#include "base/log.h"
#include "base/secret.h"
#include "platform/lent-memory.h"

#include <errno.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define THREADS_MAX 2

/* A thread's memory for hashing: the most that a verifier here takes (verifier.c), and what the
 * library adds; of that the cost of the verifier alone becomes pages.  They stay for the next
 * person, but not for the night. */
#define MEMORY_SIZE  ((gsize) 66 * 1024 * 1024)
#define MEMORY_STAYS (4 * G_USEC_PER_SEC)

typedef struct
{
  guint8 password[SP_PASSWORD_MAX];
  gsize length;
  guint64 network;
  guint64 round;  /* of its lane */
  char *verifier; /* to check against; NULL: make one */
  gint64 deadline;
  SpHashOutcome outcome;
  SpHashed hashed;
  gpointer user_data;
  GDestroyNotify free_data;
} Job;

/* Those who wait, and the round that whoever was taken last belonged to. */
typedef struct
{
  GQueue jobs;
  guint64 round;
} Lane;

struct _SpHashQueue
{
  char *dummy; /* the verifier of a password that nobody has */
  GThread *threads[THREADS_MAX];
  guint n_threads;
  int answered_fd; /* an eventfd: answers wait */
  GSource *answerer;

  GMutex mutex; /* guards what is below */
  GCond work;
  Lane lanes[SP_HASH_N_LANES];
  GQueue answers;
  gboolean stopping;
};

static void
job_free (Job *job)
{
  if (job->free_data != NULL)
    job->free_data (job->user_data);
  sp_secret_text_free (job->verifier);
  sp_secret_wipe (job, sizeof *job);
  g_free (job);
}

static SpHashOutcome
check_password (Job *job)
{
  g_autoptr (GError) error = NULL;
  gboolean right = FALSE;

  if (sp_password_check (job->password, job->length, job->verifier, &right, &error))
    return right ? SP_HASH_RIGHT : SP_HASH_WRONG;
  sp_log (SP_LOG_ERROR, "password", "%s", error->message);
  return SP_HASH_FAILED;
}

static SpHashOutcome
make_verifier (Job *job)
{
  g_autoptr (GError) error = NULL;

  job->verifier = sp_password_make_verifier (job->password, job->length, &error);
  if (job->verifier != NULL)
    return SP_HASH_RIGHT;
  sp_log (SP_LOG_ERROR, "password", "%s", error->message);
  return SP_HASH_FAILED;
}

/* The round after the one that is on, and after that of the last of its network. */
static guint64
find_round (const Lane *lane, guint64 network)
{
  guint64 round = lane->round;

  for (const GList *at = lane->jobs.head; at != NULL; at = at->next)
    {
      const Job *job = at->data;

      if (job->network == network)
        round = MAX (round, job->round);
    }
  return round + 1;
}

/* The oldest of the earliest round.  The lane is short and a hash takes long. */
static Job *
take_next (Lane *lane)
{
  GList *next = lane->jobs.head;

  for (GList *at = next; at != NULL; at = at->next)
    if (((const Job *) at->data)->round < ((const Job *) next->data)->round)
      next = at;
  if (next == NULL)
    return NULL;
  lane->round = ((const Job *) next->data)->round;
  return g_queue_pop_nth (&lane->jobs, (guint) g_queue_link_index (&lane->jobs, next));
}

static Job *
find_work (SpHashQueue *queue)
{
  Job *job = NULL;

  for (guint lane = 0; lane < SP_HASH_N_LANES && job == NULL; lane++)
    job = take_next (&queue->lanes[lane]);
  return job;
}

/* FALSE once the queue stops.  `ret_job` is NULL if there was none until then. */
static gboolean
wait_for_work (SpHashQueue *queue, gint64 until, Job **ret_job)
{
  gboolean in_time = TRUE;
  gboolean goes_on;

  g_mutex_lock (&queue->mutex);
  while (!queue->stopping && (*ret_job = find_work (queue)) == NULL && in_time)
    in_time = g_cond_wait_until (&queue->work, &queue->mutex, until);
  goes_on = !queue->stopping;
  g_mutex_unlock (&queue->mutex);
  return goes_on;
}

static void
give_back (SpHashQueue *queue, Job *job)
{
  guint64 one = 1;

  g_mutex_lock (&queue->mutex);
  g_queue_push_tail (&queue->answers, job);
  g_mutex_unlock (&queue->mutex);
  /* fails only if the counter is full, and then the loop is awake anyway */
  (void) !write (queue->answered_fd, &one, sizeof one);
}

static void
hash (Job *job)
{
  if (g_get_monotonic_time () > job->deadline)
    job->outcome = SP_HASH_LATE;
  else if (job->verifier != NULL)
    job->outcome = check_password (job);
  else
    job->outcome = make_verifier (job);
  sp_secret_wipe (job->password, sizeof job->password);
}

static gpointer
hash_passwords (gpointer data)
{
  SpHashQueue *queue = data;
  g_autoptr (SpLentMemory) memory = sp_lent_memory_new (MEMORY_SIZE, NULL); /* NULL: slower */
  gint64 until = G_MAXINT64;
  Job *job = NULL;

  while (wait_for_work (queue, until, &job))
    {
      if (job == NULL)
        {
          sp_lent_memory_rest (memory);
          until = G_MAXINT64;
          continue;
        }
      sp_lent_memory_lend (memory);
      hash (job);
      (void) sp_lent_memory_take_back (memory);
      give_back (queue, job);
      /* After the answer, which waits for nothing. */
      sp_lent_memory_wipe (memory);
      until = g_get_monotonic_time () + MEMORY_STAYS;
    }
  return NULL;
}

static Job *
take_answer (SpHashQueue *queue)
{
  Job *job;

  g_mutex_lock (&queue->mutex);
  job = g_queue_pop_head (&queue->answers);
  g_mutex_unlock (&queue->mutex);
  return job;
}

static gboolean
answered_cb (int fd, GIOCondition condition, gpointer user_data)
{
  SpHashQueue *queue = user_data;
  guint64 answers;
  Job *job;

  (void) !read (fd, &answers, sizeof answers);
  while ((job = take_answer (queue)) != NULL)
    {
      job->hashed (job->user_data, job->outcome, job->verifier);
      job_free (job);
    }
  return G_SOURCE_CONTINUE;
}

static char *
make_dummy (GError **error)
{
  guint8 password[32];

  sp_random_bytes (password, sizeof password);
  for (guint i = 0; i < sizeof password; i++)
    password[i] |= 1; /* no zero among them */
  return sp_password_make_verifier (password, sizeof password, error);
}

static gboolean
watch_answers (SpHashQueue *queue, GError **error)
{
  queue->answered_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (queue->answered_fd < 0)
    {
      sp_error_set_errno (error, errno, "making an event counter");
      return FALSE;
    }
  queue->answerer = g_unix_fd_source_new (queue->answered_fd, G_IO_IN);
  g_source_set_callback (queue->answerer, G_SOURCE_FUNC (answered_cb), queue, NULL);
  g_source_attach (queue->answerer, g_main_context_get_thread_default ());
  return TRUE;
}

SpHashQueue *
sp_hash_queue_new (GError **error)
{
  g_autoptr (SpHashQueue) queue = g_new0 (SpHashQueue, 1);
  guint wanted = MIN (g_get_num_processors (), THREADS_MAX);

  queue->answered_fd = -1;
  g_mutex_init (&queue->mutex);
  g_cond_init (&queue->work);
  queue->dummy = make_dummy (error);
  if (queue->dummy == NULL || !watch_answers (queue, error))
    return NULL;
  while (queue->n_threads < wanted)
    {
      queue->threads[queue->n_threads] = g_thread_try_new (NULL, hash_passwords, queue, error);
      if (queue->threads[queue->n_threads] == NULL)
        return NULL;
      queue->n_threads++;
    }
  return g_steal_pointer (&queue);
}

void
sp_hash_queue_free (SpHashQueue *queue)
{
  if (queue == NULL)
    return;
  g_mutex_lock (&queue->mutex);
  queue->stopping = TRUE;
  g_cond_broadcast (&queue->work);
  g_mutex_unlock (&queue->mutex);
  for (guint i = 0; i < queue->n_threads; i++)
    (void) g_thread_join (queue->threads[i]);
  if (queue->answerer != NULL)
    g_source_destroy (queue->answerer);
  g_clear_pointer (&queue->answerer, g_source_unref);
  for (guint lane = 0; lane < SP_HASH_N_LANES; lane++)
    g_queue_clear_full (&queue->lanes[lane].jobs, (GDestroyNotify) job_free);
  g_queue_clear_full (&queue->answers, (GDestroyNotify) job_free);
  sp_fd_clear (&queue->answered_fd);
  sp_secret_text_free (queue->dummy);
  g_mutex_clear (&queue->mutex);
  g_cond_clear (&queue->work);
  g_free (queue);
}

/* Takes the job if there is room. */
static gboolean
enqueue (SpHashQueue *queue, SpHashLane lane, Job *job)
{
  Lane *chosen = &queue->lanes[lane];
  gboolean room;

  g_mutex_lock (&queue->mutex);
  room = g_queue_get_length (&chosen->jobs) < SP_HASH_WAITING_MAX;
  if (room)
    {
      job->round = find_round (chosen, job->network);
      g_queue_push_tail (&chosen->jobs, job);
    }
  g_cond_signal (&queue->work);
  g_mutex_unlock (&queue->mutex);
  if (!room)
    {
      job->free_data = NULL; /* the caller keeps its data */
      job_free (job);
    }
  return room;
}

static Job *
job_new (const guint8 *password,
         gsize length,
         SpHashed hashed,
         gpointer user_data,
         GDestroyNotify free_data)
{
  Job *job = g_new0 (Job, 1);

  memcpy (job->password, password, length);
  job->length = length;
  job->deadline = g_get_monotonic_time () + SP_HASH_WAIT;
  job->hashed = hashed;
  job->user_data = user_data;
  job->free_data = free_data;
  return job;
}

gboolean
sp_hash_queue_check (SpHashQueue *queue,
                     SpHashLane lane,
                     guint64 network,
                     const guint8 *password,
                     gsize length,
                     const char *verifier,
                     SpHashed hashed,
                     gpointer user_data,
                     GDestroyNotify free_data)
{
  Job *job;

  g_return_val_if_fail (sp_password_is_acceptable (password, length), FALSE);
  job = job_new (password, length, hashed, user_data, free_data);
  job->network = network;
  job->verifier = g_strdup (verifier != NULL ? verifier : queue->dummy);
  return enqueue (queue, lane, job);
}

gboolean
sp_hash_queue_make (SpHashQueue *queue,
                    SpHashLane lane,
                    const guint8 *password,
                    gsize length,
                    SpHashed hashed,
                    gpointer user_data,
                    GDestroyNotify free_data)
{
  Job *job;

  g_return_val_if_fail (sp_password_is_acceptable (password, length), FALSE);
  job = job_new (password, length, hashed, user_data, free_data);
  return enqueue (queue, lane, job);
}
