/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hostile-room.h"

#include "base/error.h"
#include "base/log.h"
#include "base/names.h"
#include "http-stage.h"
#include "platform/tun.h"
#include "to-main.h"
#include "tunnel.h"
#include "walls/main-worker.h"
#include "walls/worker-keyholder.h"
#include "worker/nursery.h"
#include "worker/worker.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

/* A nursery whose workers can be taken over: the real ones in their real sandbox, until a request
 * has the header
 *
 *   X-Deed: WHEN NAME [ARGUMENT…]
 *
 * Then, at that point of its life, the worker does what is in the table at the end.  WHEN: "client"
 * (at once), "waiting" (asked for a tunnel), "granted" (has it, did not say so), "tunnel",
 * "datagrams" (has a channel for them), "recalled".  A worker that nobody has asked for yet does
 * what stands in IDLE_FILE. */

#define IDLE_FILE "/run/hostile-idle"
#define DEED_MAX  200
#define HEADER    "X-Deed: "

typedef struct
{
  SpMouth main;
  SpMouth keyholder;
  GRand *dice;
  char deed[DEED_MAX]; /* what is left to do; empty: nothing */
} Worker;

static Worker self;              /* nocheck: the one worker of this process */
static char idle_deed[DEED_MAX]; /* nocheck: read before the sandbox is closed */

static const SpMouth *
mouth (const char *wall)
{
  return g_strcmp0 (wall, "keyholder") == 0 ? &self.keyholder : &self.main;
}

/* --- words --- */

/* say WALL TYPE COUNT */
static void
say (const char *const *arguments)
{
  const SpMouth *to = mouth (arguments[0]);
  guint count = MAX (sp_hostile_number (arguments[2]), 1);
  guint n = 0;

  while (n < count && sp_hostile_say_lie (self.dice, to, (guint8) sp_hostile_number (arguments[1]),
                                          STDERR_FILENO))
    n++;
  sp_log (SP_LOG_NOTICE, "hostile", "said %u of %u lies", n, count);
}

/* any WALL: one lie of a random type */
static void
say_any (const char *const *arguments)
{
  const SpMouth *to = mouth (arguments[0]);
  guint8 type = (guint8) g_rand_int_range (self.dice, 1, (gint32) to->wall->n_rules + 1);

  (void) sp_hostile_say_lie (self.dice, to, type, STDERR_FILENO);
  sp_log (SP_LOG_NOTICE, "hostile", "said one %s", sp_wall_find (to->wall, type)->name);
}

/* babble WALL COUNT */
static void
babble (const char *const *arguments)
{
  sp_log (SP_LOG_NOTICE, "hostile", "said %u times anything",
          sp_hostile_babble (self.dice, mouth (arguments[0]), sp_hostile_number (arguments[1])));
}

/* flood WALL: lies that are legal in a tunnel, until nobody hears them */
static void
flood (const char *const *arguments)
{
  static const guint8 types[] = { SP_MESSAGE_REPORT, SP_MESSAGE_MTU_CHANGED,
                                  SP_MESSAGE_CHANNEL_CLOSED, SP_MESSAGE_CHANNEL_CURRENT,
                                  SP_MESSAGE_STRAY_PROVEN };
  const SpMouth *to = mouth (arguments[0]);
  guint n = 0;

  while (sp_hostile_say_lie (self.dice, to,
                             to == &self.main ? types[n % G_N_ELEMENTS (types)]
                                              : (guint8) SP_MESSAGE_SIGN_RENEWAL,
                             STDERR_FILENO))
    n++;
  sp_log (SP_LOG_NOTICE, "hostile", "flooded with %u messages", n);
}

/* descriptors COUNT: with a message that has none: everything that there is here, again and again
 */
static void
pass_descriptors (const char *const *arguments)
{
  const SpReport report = { 0 };
  int own[SP_HOSTILE_FDS_MAX];
  int fds[SP_HOSTILE_FDS_MAX];
  guint n_own = sp_hostile_list_fds (0, own);
  guint count = MIN (sp_hostile_number (arguments[0]), SP_HOSTILE_FDS_MAX);
  gboolean taken;

  for (guint i = 0; i < count; i++)
    fds[i] = own[i % n_own];
  taken = sp_hostile_say (&self.main, SP_MESSAGE_REPORT, 0, &report, fds, count);
  sp_log (SP_LOG_NOTICE, "hostile", "passed %u descriptors: %s", count,
          taken ? "taken" : sp_error_describe (errno));
}

/* --- what belongs to others --- */

static int
find_tun (void)
{
  return sp_hostile_find_fd (SP_HOSTILE_OTHER);
}

/* keep SECONDS: says that the device was given back, and goes on reading and writing it */
static void
keep_device (const char *const *arguments)
{
  const SpRecalled recalled = { 0 };
  gint64 end = g_get_monotonic_time () + sp_hostile_number (arguments[0]) * G_USEC_PER_SEC;
  int tun = find_tun ();
  guint8 packet[4096];
  guint n_read = 0;

  (void) sp_hostile_say (&self.main, SP_MESSAGE_RECALLED, 0, &recalled, NULL, 0);
  sp_log (SP_LOG_NOTICE, "hostile", "keeps device %d", tun);
  while (g_get_monotonic_time () < end)
    {
      if (read (tun, packet, sizeof packet) > 0)
        sp_log (SP_LOG_NOTICE, "hostile", "read %u packets of another", ++n_read);
      sp_hostile_be_silent (0);
    }
  sp_log (SP_LOG_NOTICE, "hostile", "kept the device and lives");
}

static guint16
sum_header (const guint16 *words, gsize n)
{
  guint32 sum = 0;

  for (gsize i = 0; i < n; i++)
    sum += words[i];
  while (sum >> 16 != 0)
    sum = (sum & 0xffff) + (sum >> 16);
  return (guint16) ~sum;
}

/* With a payload of so many bytes. */
static gsize
make_long_packet (
    guint8 *packet, const char *source, const char *destination, guint16 port, gsize length)
{
  SpEndpoint from, to;
  struct iphdr ip = { .version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_UDP };
  struct udphdr udp = { .source = htons (7), .dest = htons (port) };
  gsize size = sizeof ip + sizeof udp + length;

  if (!sp_address_from_text (source, from.address) ||
      !sp_address_from_text (destination, to.address))
    return 0;
  memcpy (&ip.saddr, from.address + 12, 4);
  memcpy (&ip.daddr, to.address + 12, 4);
  ip.tot_len = htons ((guint16) size);
  udp.len = htons ((guint16) (size - sizeof ip));
  ip.check = sum_header ((const guint16 *) (gconstpointer) &ip, sizeof ip / 2);
  memcpy (packet, &ip, sizeof ip);
  memcpy (packet + sizeof ip, &udp, sizeof udp);
  memset (packet + sizeof ip + sizeof udp, 'f', length);
  return size;
}

static gsize
make_packet (guint8 *packet, const char *source, const char *destination, guint16 port)
{
  return make_long_packet (packet, source, destination, port, strlen ("forged"));
}

/* spoof SOURCE DESTINATION PORT */
static void
spoof (const char *const *arguments)
{
  guint8 bytes[SP_TUN_HEADER_SIZE + 200] = { 0 };
  gsize size = make_packet (bytes + SP_TUN_HEADER_SIZE, arguments[0], arguments[1],
                            (guint16) sp_hostile_number (arguments[2]));
  gboolean written = write (find_tun (), bytes, SP_TUN_HEADER_SIZE + size) > 0;

  sp_log (SP_LOG_NOTICE, "hostile", "wrote a packet of %s: %s", arguments[0],
          written ? "taken" : sp_error_describe (errno));
}

/* haul SOURCE DESTINATION PORT BYTES PAUSE SECONDS: hears nothing of what it is told, and puts
 * packets with so many bytes into the device, and takes what comes out of it, every so many
 * milliseconds */
static void
haul (const char *const *arguments)
{
  guint8 bytes[SP_TUN_HEADER_SIZE + 2000] = { 0 };
  guint8 taken[4096];
  gsize size = make_long_packet (bytes + SP_TUN_HEADER_SIZE, arguments[0], arguments[1],
                                 (guint16) sp_hostile_number (arguments[2]),
                                 sp_hostile_number (arguments[3]));
  gint64 end = g_get_monotonic_time () + sp_hostile_number (arguments[5]) * G_USEC_PER_SEC;
  gint64 told = 0;
  guint n_read = 0;
  int tun = find_tun ();

  while (g_get_monotonic_time () < end)
    {
      (void) !write (tun, bytes, SP_TUN_HEADER_SIZE + size);
      while (read (tun, taken, sizeof taken) > 0)
        n_read++;
      if (g_get_monotonic_time () - told > G_USEC_PER_SEC / 2)
        {
          told = g_get_monotonic_time ();
          sp_log (SP_LOG_NOTICE, "hostile", "hauls: %u packets came out", n_read);
        }
      if (sp_hostile_number (arguments[4]) > 0)
        (void) g_poll (NULL, 0, (int) sp_hostile_number (arguments[4]));
    }
  sp_log (SP_LOG_NOTICE, "hostile", "hauled to the end");
}

/* garbage COUNT: into the device, with any header */
static void
write_garbage (const char *const *arguments)
{
  guint8 bytes[3000];
  int tun = find_tun ();
  guint n_taken = 0;

  for (guint n = 0; n < sp_hostile_number (arguments[0]); n++)
    {
      gsize size = (gsize) g_rand_int_range (self.dice, 0, sizeof bytes);

      for (gsize i = 0; i < size; i++)
        bytes[i] = (guint8) g_rand_int (self.dice);
      if (n % 2 == 0)
        bytes[SP_TUN_HEADER_SIZE] = n % 4 == 0 ? 0x45 : 0x60;
      n_taken += write (tun, bytes, size) > 0;
    }
  sp_log (SP_LOG_NOTICE, "hostile", "the device took %u garbage packets", n_taken);
}

/* census: what there is here */
static void
count_belongings (const char *const *arguments)
{
  int fds[SP_HOSTILE_FDS_MAX];
  guint n = sp_hostile_list_fds (0, fds);
  guint kinds[SP_HOSTILE_WALL + 1] = { 0 };

  for (guint i = 0; i < n; i++)
    kinds[sp_hostile_look_at (fds[i])]++;
  sp_log (SP_LOG_NOTICE, "hostile", "has %u walls, %u streams, %u datagram sockets, %u others",
          kinds[SP_HOSTILE_WALL], kinds[SP_HOSTILE_STREAM], kinds[SP_HOSTILE_DATAGRAM],
          kinds[SP_HOSTILE_OTHER]);
}

/* --- the machine --- */

/* memory FLAGS MEBIBYTES: maps and fills so much of it; FLAGS as mmap has them */
static void
take_memory (const char *const *arguments)
{
  const gsize piece = 1 << 20;
  int flags = (int) sp_hostile_number (arguments[0]);
  guint n = 0;

  while (n < sp_hostile_number (arguments[1]))
    {
      guint8 *memory = mmap (NULL, piece, PROT_READ | PROT_WRITE, flags, -1, 0);

      if (memory == MAP_FAILED)
        break;
      memset (memory, 1, piece);
      n++;
    }
  sp_log (SP_LOG_NOTICE, "hostile", "has %u MiB", n);
  sp_hostile_be_silent (1);
}

/* spin SECONDS */
static void
spin (const char *const *arguments)
{
  gint64 end = g_get_monotonic_time () + sp_hostile_number (arguments[0]) * G_USEC_PER_SEC;

  while (g_get_monotonic_time () < end)
    ;
}

/* What main surely gets, however late it reads: more than it keeps of a room at once. */
#define LINES_HEARD 2000

/* scribble LINES: into its log */
static void
scribble (const char *const *arguments)
{
  static const char line[] =
      "sallyport[1] error main: scribbled by somebody else, and rather long, too\n";
  GPollFD room = { .fd = STDERR_FILENO, .events = G_IO_OUT };

  for (guint i = 0; i < sp_hostile_number (arguments[0]); i++)
    while (write (STDERR_FILENO, line, strlen (line)) < 0 && errno == EAGAIN && i < LINES_HEARD)
      (void) g_poll (&room, 1, -1);
  sp_log (SP_LOG_NOTICE, "hostile", "scribbled");
}

static const SpHostileDeed deeds[] = {
  { "say", 3, say },
  { "any", 1, say_any },
  { "babble", 2, babble },
  { "flood", 1, flood },
  { "descriptors", 1, pass_descriptors },
  { "silence", 1, sp_hostile_deed_silence },
  { "keep", 1, keep_device },
  { "spoof", 3, spoof },
  { "haul", 6, haul },
  { "garbage", 1, write_garbage },
  { "send", 2, sp_hostile_deed_send },
  { "census", 0, count_belongings },
  { "memory", 2, take_memory },
  { "spin", 1, spin },
  { "scribble", 1, scribble },
  { "call", 1, sp_hostile_deed_call },
};

static void
do_deeds (const char *what)
{
  sp_hostile_do_deeds (what, deeds, G_N_ELEMENTS (deeds));
}

static void
arrive_at (const char *when)
{
  g_autofree char *prefix = g_strconcat (when, " ", NULL);
  g_autofree char *deed = NULL;

  if (!g_str_has_prefix (self.deed, prefix))
    return;
  deed = g_strdup (self.deed + strlen (prefix));
  self.deed[0] = '\0';
  do_deeds (deed);
}

/* --- where the real worker is overheard: see the linker's --wrap --- */

int __real_sp_worker_run (SpEquipment *equipment,
                          int main_wall,
                          int keyholder_wall,
                          gboolean take_apart);
int __wrap_sp_worker_run (SpEquipment *equipment,
                          int main_wall,
                          int keyholder_wall,
                          gboolean take_apart);
SpRequestProgress __real_sp_http_stage_feed (SpHttpStage *stage,
                                             const guint8 *bytes,
                                             gsize size,
                                             const char **ret_cause);
SpRequestProgress __wrap_sp_http_stage_feed (SpHttpStage *stage,
                                             const guint8 *bytes,
                                             gsize size,
                                             const char **ret_cause);
void __real_sp_main_wall_tell (SpMainWall *wall, guint8 type, gconstpointer message);
void __wrap_sp_main_wall_tell (SpMainWall *wall, guint8 type, gconstpointer message);
void __real_sp_tunnel_recall (SpTunnel *tunnel);
void __wrap_sp_tunnel_recall (SpTunnel *tunnel);

int
__wrap_sp_worker_run (SpEquipment *equipment,
                      int main_wall,
                      int keyholder_wall,
                      gboolean take_apart)
{
  self.main = (SpMouth){ main_wall, &sp_wall_main_worker, SP_MAIN_WORKER_WORKER };
  self.keyholder =
      (SpMouth){ keyholder_wall, &sp_wall_worker_keyholder, SP_WORKER_KEYHOLDER_WORKER };
  self.dice = g_rand_new_with_seed ((guint32) getpid ());
  do_deeds (idle_deed);
  return __real_sp_worker_run (equipment, main_wall, keyholder_wall, take_apart);
}

SpRequestProgress
__wrap_sp_http_stage_feed (SpHttpStage *stage,
                           const guint8 *bytes,
                           gsize size,
                           const char **ret_cause)
{
  const char *header = memmem (bytes, size, HEADER, strlen (HEADER));
  const char *end;

  if (header != NULL)
    {
      header += strlen (HEADER);
      end = memchr (header, '\r', (gsize) ((const char *) bytes + size - header));
      if (end != NULL)
        (void) g_strlcpy (self.deed, header, MIN ((gsize) (end - header) + 1, sizeof self.deed));
    }
  arrive_at ("client");
  return __real_sp_http_stage_feed (stage, bytes, size, ret_cause);
}

void
__wrap_sp_main_wall_tell (SpMainWall *wall, guint8 type, gconstpointer message)
{
  if (type == SP_MESSAGE_ATTACHED)
    arrive_at ("granted");
  __real_sp_main_wall_tell (wall, type, message);
  if (type == SP_MESSAGE_TUNNEL_REQUESTED)
    arrive_at ("waiting");
  if (type == SP_MESSAGE_ATTACHED)
    arrive_at ("tunnel");
  if (type == SP_MESSAGE_CHANNEL_CURRENT)
    arrive_at ("datagrams");
}

void
__wrap_sp_tunnel_recall (SpTunnel *tunnel)
{
  arrive_at ("recalled");
  __real_sp_tunnel_recall (tunnel);
}

int
main (int argc, char **argv)
{
  sp_log_open ("nursery", SP_LOG_NOTICE);
  sp_hostile_read_deeds (IDLE_FILE, idle_deed, sizeof idle_deed);
  return sp_nursery_run (SP_WALL_FD, argv[0]);
}
