/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sample.h"

#include <string.h>

#define PHASES 32

/* What may be wrong with a message's bytes. */
typedef enum
{
  FORM_EMPTY,  /* legal, as short as possible */
  FORM_FULL,   /* legal, as long as possible */
  FORM_CUT,    /* one byte too few */
  FORM_PADDED, /* one byte too many */
  FORM_OVERSIZED,
  FORM_VERSION,
  FORM_RESERVED,
  FORM_HEADERLESS,
  FORMS
} Form;

/* What the reader asked before. */
typedef enum
{
  ASKED_THIS,         /* the question that this message answers */
  ASKED_OTHER_SERIAL, /* the same, but the answer carries another serial */
  ASKED_OTHER_TYPE,   /* another question, under the answer's serial */
  ASKED_NOTHING,
  ASKINGS
} Asked;

typedef struct
{
  const SpWall *wall;
  const SpMessageRule *rule;
  guint8 own_side;
  guint8 phase;
  guint n_fds;
  Form form;
  Asked asked;
} Case;

/* The table's verdict, thought through once more and in the order in which the header lists them.
 */
static SpVerdict
foretell (const Case *it)
{
  if (it->form >= FORM_VERSION)
    return SP_VERDICT_MALFORMED;
  if (it->own_side == it->rule->sender)
    return SP_VERDICT_WRONG_SIDE;
  if ((it->rule->phases >> it->phase & 1) == 0)
    return SP_VERDICT_WRONG_PHASE;
  if (it->n_fds != it->rule->n_fds)
    return SP_VERDICT_WRONG_FDS;
  if (it->form >= FORM_CUT)
    return SP_VERDICT_MALFORMED;
  if (it->rule->answers != SP_ANSWERS_NOTHING && it->asked != ASKED_THIS)
    return SP_VERDICT_UNASKED;
  return SP_VERDICT_ALLOWED;
}

static gsize
make_bytes (const SpMessageRule *rule, Form form, guint32 serial, guint8 *bytes)
{
  SpSampleFill fill = form == FORM_FULL || form == FORM_CUT ? SP_SAMPLE_FULL : SP_SAMPLE_EMPTY;
  g_autofree gpointer message = sp_sample_message (&rule->shape, fill, NULL);
  gsize size = sp_sample_encode (rule, serial, message, bytes);

  switch (form)
    {
      case FORM_EMPTY:
      case FORM_FULL:
        return size;
      case FORM_CUT:
        return size - 1;
      case FORM_PADDED:
        bytes[size] = 0;
        return size + 1;
      case FORM_OVERSIZED:
        memset (bytes + size, 0, SP_MESSAGE_MAX - size);
        return SP_MESSAGE_MAX;
      case FORM_VERSION:
        bytes[0]++;
        return size;
      case FORM_RESERVED:
        bytes[3] = 1;
        return size;
      case FORM_HEADERLESS:
        return SP_MESSAGE_HEADER_SIZE - 1;
      case FORMS:
        break;
    }
  g_assert_not_reached ();
}

/* Returns the serial that the message is to carry. */
static guint32
ask (SpPermit *permit, const SpMessageRule *rule, Asked asked)
{
  guint8 other = rule->answers == 1 ? 2 : 1;

  switch (asked)
    {
      case ASKED_THIS:
        return sp_permit_ask (permit, rule->answers);
      case ASKED_OTHER_SERIAL:
        return sp_permit_ask (permit, rule->answers) + 1;
      case ASKED_OTHER_TYPE:
        return sp_permit_ask (permit, other);
      case ASKED_NOTHING:
        return 1;
      case ASKINGS:
        break;
    }
  g_assert_not_reached ();
}

static void
try_case (const Case *it)
{
  guint8 bytes[SP_MESSAGE_MAX];
  SpPermit permit;
  SpPermit before;
  SpMessageHeader header;
  SpVerdict expected = foretell (it);
  SpVerdict verdict;
  guint32 serial;
  gsize size;

  sp_permit_init (&permit, it->wall, it->own_side);
  sp_permit_enter (&permit, it->phase);
  serial = it->rule->answers != SP_ANSWERS_NOTHING ? ask (&permit, it->rule, it->asked) : 0;
  size = make_bytes (it->rule, it->form, serial, bytes);
  before = permit;
  verdict = sp_permit_check (&permit, bytes, size, it->n_fds, &header, NULL);
  if (verdict != expected)
    g_error ("%s: %s read by %s in phase %u with %u descriptors, form %d, asked %d: %s, not %s",
             it->wall->name, it->rule->name, it->wall->sides[it->own_side], it->phase, it->n_fds,
             it->form, it->asked, sp_verdict_to_string (verdict), sp_verdict_to_string (expected));
  if (verdict != SP_VERDICT_ALLOWED)
    g_assert_cmpmem (&permit, sizeof permit, &before, sizeof before);
  else
    g_assert_cmpuint (permit.seen[it->rule->type - 1], ==, 1);
}

static void
try_rule (const SpWall *wall, const SpMessageRule *rule)
{
  Case it = { .wall = wall, .rule = rule };
  Asked askings = rule->answers != SP_ANSWERS_NOTHING ? ASKINGS : ASKED_THIS + 1;

  for (it.own_side = 0; it.own_side < 2; it.own_side++)
    for (it.phase = 0; it.phase < PHASES; it.phase++)
      for (it.n_fds = 0; it.n_fds <= SP_MESSAGE_FDS_MAX + 1; it.n_fds++)
        for (it.form = 0; it.form < FORMS; it.form++)
          for (it.asked = 0; it.asked < askings; it.asked++)
            try_case (&it);
}

static void
test_every_case (void)
{
  for (guint i = 0; i < sp_sample_walls_n; i++)
    for (guint j = 0; j < sp_sample_walls[i]->n_rules; j++)
      try_rule (sp_sample_walls[i], &sp_sample_walls[i]->rules[j]);
}

static guint8
first_phase (const SpMessageRule *rule)
{
  guint8 phase = 0;

  while ((rule->phases >> phase & 1) == 0)
    phase++;
  return phase;
}

static SpVerdict
send_once (SpPermit *permit, const SpMessageRule *rule)
{
  guint8 bytes[SP_MESSAGE_MAX];
  SpMessageHeader header;
  guint32 serial = rule->answers != SP_ANSWERS_NOTHING ? sp_permit_ask (permit, rule->answers) : 0;
  gsize size = make_bytes (rule, FORM_EMPTY, serial, bytes);

  return sp_permit_check (permit, bytes, size, rule->n_fds, &header, NULL);
}

/* As often as the table says and not once more, in whichever of its phases. */
static void
test_counts (void)
{
  for (guint i = 0; i < sp_sample_walls_n; i++)
    for (guint j = 0; j < sp_sample_walls[i]->n_rules; j++)
      {
        const SpMessageRule *rule = &sp_sample_walls[i]->rules[j];
        guint times = rule->times == SP_TIMES_ANY ? G_MAXUINT16 + 2 : rule->times;
        SpPermit permit;

        g_test_message ("%s: %s", sp_sample_walls[i]->name, rule->name);
        sp_permit_init (&permit, sp_sample_walls[i], 1 - rule->sender);
        sp_permit_enter (&permit, first_phase (rule));
        for (guint k = 0; k < times; k++)
          g_assert_cmpint (send_once (&permit, rule), ==, SP_VERDICT_ALLOWED);
        if (rule->times == SP_TIMES_ANY)
          continue;
        for (guint8 phase = 0; phase < PHASES; phase++)
          {
            sp_permit_enter (&permit, phase);
            g_assert_cmpint (send_once (&permit, rule), ==,
                             rule->phases >> phase & 1 ? SP_VERDICT_TOO_OFTEN
                                                       : SP_VERDICT_WRONG_PHASE);
          }
      }
}

/* An answer closes its question: the same answer again is unasked. */
static void
test_answered_once (void)
{
  for (guint i = 0; i < sp_sample_walls_n; i++)
    for (guint j = 0; j < sp_sample_walls[i]->n_rules; j++)
      {
        const SpMessageRule *rule = &sp_sample_walls[i]->rules[j];
        guint8 bytes[SP_MESSAGE_MAX];
        SpMessageHeader header;
        SpPermit permit;
        gsize size;

        if (rule->answers == SP_ANSWERS_NOTHING)
          continue;
        g_test_message ("%s: %s", sp_sample_walls[i]->name, rule->name);
        sp_permit_init (&permit, sp_sample_walls[i], 1 - rule->sender);
        sp_permit_enter (&permit, first_phase (rule));
        size = make_bytes (rule, FORM_EMPTY, sp_permit_ask (&permit, rule->answers), bytes);
        g_assert_cmpint (sp_permit_check (&permit, bytes, size, rule->n_fds, &header, NULL), ==,
                         SP_VERDICT_ALLOWED);
        g_assert_cmpint (sp_permit_check (&permit, bytes, size, rule->n_fds, &header, NULL), ==,
                         rule->times == 1 ? SP_VERDICT_TOO_OFTEN : SP_VERDICT_UNASKED);
      }
}

/* Questions are bounded, their serials differ and are never 0, and any of them may be answered
 * first. */
static void
test_questions (void)
{
  const SpWall *wall = sp_sample_walls[1];
  const SpMessageRule *answer = NULL;
  guint32 serials[SP_QUESTIONS_MAX];
  SpPermit permit;

  for (guint i = 0; i < wall->n_rules; i++)
    if (wall->rules[i].answers != SP_ANSWERS_NOTHING)
      answer = &wall->rules[i];
  g_assert_nonnull (answer);
  sp_permit_init (&permit, wall, 1 - answer->sender);
  sp_permit_enter (&permit, first_phase (answer));
  permit.last_serial = G_MAXUINT32 - 5; /* so that it wraps on the way */
  for (guint i = 0; i < SP_QUESTIONS_MAX; i++)
    {
      serials[i] = sp_permit_ask (&permit, answer->answers);
      g_assert_cmpuint (serials[i], !=, 0);
      for (guint j = 0; j < i; j++)
        g_assert_cmpuint (serials[i], !=, serials[j]);
    }
  g_assert_cmpuint (sp_permit_ask (&permit, answer->answers), ==, 0);
  for (guint i = 0; i < SP_QUESTIONS_MAX; i++)
    {
      guint8 bytes[SP_MESSAGE_MAX];
      SpMessageHeader header;
      guint32 serial = serials[(i * 37 + 11) % SP_QUESTIONS_MAX];
      gsize size = make_bytes (answer, FORM_EMPTY, serial, bytes);

      g_assert_cmpint (sp_permit_check (&permit, bytes, size, answer->n_fds, &header, NULL), ==,
                       SP_VERDICT_ALLOWED);
    }
  g_assert_cmpuint (sp_permit_ask (&permit, answer->answers), !=, 0);
}

static void
test_unknown_types (void)
{
  for (guint i = 0; i < sp_sample_walls_n; i++)
    for (guint type = 0; type < 256; type++)
      for (guint8 own_side = 0; own_side < 2; own_side++)
        {
          guint8 bytes[SP_MESSAGE_HEADER_SIZE] = { SP_WALL_VERSION, (guint8) type };
          SpMessageHeader header;
          SpPermit permit;
          SpVerdict verdict;

          sp_permit_init (&permit, sp_sample_walls[i], own_side);
          verdict = sp_permit_check (&permit, bytes, sizeof bytes, 0, &header, NULL);
          g_assert_cmpint (verdict == SP_VERDICT_UNKNOWN, ==,
                           type == 0 || type > sp_sample_walls[i]->n_rules);
          g_assert_cmpint (verdict, !=, SP_VERDICT_ALLOWED);
        }
}

/* What an exposed or confined room may say in each phase, written out by hand: whoever widens a
 * wall has to do it here as well. */
static const struct
{
  const char *wall;
  guint8 sender;
  guint8 phase;
  const char *messages;
} trusts[] = {
  /* a worker to main: IDLE, CLIENT, WAITING, GRANTED, TUNNEL, ENDING */
  { "main-worker", 1, 0, "" },
  { "main-worker", 1, 1, "TUNNEL_REQUESTED CLIENT_LEFT REACH_ASKED " },
  { "main-worker", 1, 2, "CLIENT_LEFT " },
  { "main-worker", 1, 3, "ATTACHED CLIENT_LEFT " },
  { "main-worker", 1, 4,
    "CHANNEL_CURRENT CHANNEL_CLOSED STRAY_PROVEN MTU_CHANGED REPORT CLIENT_LEFT " },
  { "main-worker", 1, 5,
    "TUNNEL_REQUESTED ATTACHED CHANNEL_CURRENT CHANNEL_CLOSED STRAY_PROVEN MTU_CHANGED REPORT "
    "RECALLED CLIENT_LEFT REACH_ASKED " },
  /* a worker to the keyholder: HANDSHAKE, LOGIN, DONE, RENEWAL */
  { "worker-keyholder", 0, 0, "SIGN_VERIFY SIGN_DIGEST " },
  { "worker-keyholder", 0, 1,
    "TRY_PASSWORD REDEEM_COOKIE LOGOUT_COOKIE TRY_CODE TRY_CERTIFICATE "
    "LOOK_AT_INVITATION CLAIM_INVITATION FETCH_ENROLMENT PROVE_CERTIFICATE " },
  { "worker-keyholder", 0, 2, "" },
  { "worker-keyholder", 0, 3, "SIGN_RENEWAL " },
  /* the keyholder to main: STARTING, READY */
  { "main-keyholder", 1, 0, "PREPARED " },
  { "main-keyholder", 1, 1,
    "SESSION_KNOWN LOGIN_DECIDED LOGIN_FAILED USER_PUT PASSWORD_SET USER_REMOVED "
    "COOKIE_EXPIRED LOGGED_OUT SERVE_WITH CERTIFICATES_LISTED CERTIFICATE_KNOWN "
    "CERTIFICATE_RENEWED FIRST_LOGIN BACKUP_SEALED BACKUP_OPENED BACKUP_KEY_SET DNS_PASSWORD_SET "
    "DNS_PASSWORD_LENT ACME_SIGNED ACME_DIGESTED "
    "DEVICE_REVOKED DEVICE_REMOVED TOTP_ENROLLED TOTP_CONFIRMED TOTP_REMOVED TWO_STEP_KNOWN "
    "DEVICE_ISSUED "
    "CERTIFICATE_GONE CERTIFICATE_CHECKED CERTIFICATE_ACTIVATED CERTIFICATE_REMOVED "
    "APP_PASSWORD_ADDED "
    "CERTIFICATE_REQUESTED INVITED INVITATION_KNOWN INVITATION_GONE INVITATION_REVOKED "
    "START_PAM END_PAM START_TOKEN END_TOKEN TOKEN_HEALTH DNS_PASSWORD_KNOWN " },
  /* the door to main: STARTING, OPEN */
  { "main-door", 1, 0, "" },
  { "main-door", 1, 1,
    "CLIENT_ADMITTED ID_MINTED HELLO_VERIFIED STRAY_HEARD DOOR_COUNTERS "
    "NETWORK_REFUSED UNDER_ATTACK CLIENT_FORWARDED METRICS_WANTED " },
  /* the nursery to main: STARTING, READY */
  { "main-nursery", 1, 0, "" },
  { "main-nursery", 1, 1, "WORKER_FORKED FORK_FAILED WORKER_EXITED " },
  /* main to the holder, and back: HANDING, KEEPING */
  { "main-holder", 0, 0, "" },
  { "main-holder", 0, 1,
    "KEEP_SERVER KEEP_DOOR_KEYS KEEP_LISTENER KEEP_SESSION CHANGE_SESSION KEEP_CHANNEL "
    "LET_CHANNEL_GO LET_SESSION_GO LET_ALL_GO KEEP_LOCK LET_LISTENER_GO SERVING " },
  { "main-holder", 1, 0,
    "SERVER_KEPT DOOR_KEYS_KEPT LISTENER_KEPT SESSION_KEPT CHANNEL_KEPT LOCK_KEPT ALL_KEPT " },
  { "main-holder", 1, 1, "" },
  /* a PAM room to the keyholder: WAITING, TALKING, OVER */
  { "keyholder-pam", 1, 0, "" },
  { "keyholder-pam", 1, 1, "ASK_PERSON PAM_DECIDED " },
  { "keyholder-pam", 1, 2, "" },
  /* a token to the keyholder: STARTING, READY */
  { "keyholder-token", 1, 0, "TOKEN_OPENED " },
  { "keyholder-token", 1, 1, "BLOCK_SIGNED " },
  /* a courier to main: WAITING, ABROAD, ORDERING */
  { "main-courier", 1, 0, "" },
  { "main-courier", 1, 1, "ERRAND_DONE PORTS_MAPPED RENEWAL_TOLD NAME_LOOKED_UP " },
  { "main-courier", 1, 2, "SIGN_REQUEST SHOW_VALIDATION ORDER_DONE " },
};

static void
test_trust (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (trusts); i++)
    {
      g_autoptr (GString) messages = g_string_new (NULL);
      const SpWall *wall = NULL;

      for (guint j = 0; j < sp_sample_walls_n; j++)
        if (strcmp (sp_sample_walls[j]->name, trusts[i].wall) == 0)
          wall = sp_sample_walls[j];
      g_assert_nonnull (wall);
      for (guint j = 0; j < wall->n_rules; j++)
        if (wall->rules[j].sender == trusts[i].sender &&
            wall->rules[j].phases & SP_PHASE (trusts[i].phase))
          g_string_append_printf (messages, "%s ", wall->rules[j].name);
      g_test_message ("%s: phase %u", trusts[i].wall, trusts[i].phase);
      g_assert_cmpstr (messages->str, ==, trusts[i].messages);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/walls/every-case", test_every_case);
  g_test_add_func ("/walls/counts", test_counts);
  g_test_add_func ("/walls/answered-once", test_answered_once);
  g_test_add_func ("/walls/questions", test_questions);
  g_test_add_func ("/walls/unknown-types", test_unknown_types);
  g_test_add_func ("/walls/trust", test_trust);
  return g_test_run ();
}
