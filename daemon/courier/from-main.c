/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "courier.h"

#include "base/error.h"
#include "base/io.h"
#include "base/log.h"
#include "base/secret.h"
#include "mapping.h"
#include "name-lookup.h"

#include <string.h>
#include <unistd.h>

static void
begin (SpCourier *courier, guint32 serial, guint8 phase)
{
  courier->serial = serial;
  sp_link_enter (courier->main, phase);
}

/* One errand, and the end. */
static void
end (SpCourier *courier, guint8 type, gconstpointer done)
{
  sp_link_answer (courier->main, type, courier->serial, done, NULL, 0);
  g_main_loop_quit (courier->loop);
}

static void
ended_cb (gpointer user_data, const SpErrandDone *done)
{
  end (user_data, SP_MESSAGE_ERRAND_DONE, done);
}

/* A file that cannot be read, or has a zero byte in it, is no password. */
static char *
read_password (int fd)
{
  char bytes[SP_ERRAND_SECRET_MAX + 1] = "";
  ssize_t size = pread (fd, bytes, SP_ERRAND_SECRET_MAX, 0);
  char *password = g_strdup (size > 0 ? bytes : "");

  sp_secret_wipe (bytes, sizeof bytes);
  return password;
}

static void
run_errand_cb (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpCourier *courier = user_data;
  const SpRunErrand *order = message;
  char *password = read_password (fds[0]);

  begin (courier, serial, SP_MAIN_COURIER_ABROAD);
  if (order->kind >= SP_ERRAND_ZONE_ADDRESS)
    courier->zone = sp_zone_errand_start (order, password, ended_cb, courier);
  else
    courier->errand = sp_errand_start (courier->session, order, password, ended_cb, courier);
}

static void
mapping_ended_cb (gpointer user_data, gconstpointer done)
{
  end (user_data, SP_MESSAGE_PORTS_MAPPED, done);
}

static void
map_ports_cb (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  begin (user_data, serial, SP_MAIN_COURIER_ABROAD);
  sp_mapping_start (message, mapping_ended_cb, user_data);
}

static void
lookup_ended_cb (gpointer user_data, gconstpointer done)
{
  end (user_data, SP_MESSAGE_NAME_LOOKED_UP, done);
}

static void
look_up_name_cb (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  begin (user_data, serial, SP_MAIN_COURIER_ABROAD);
  sp_name_lookup_start (message, lookup_ended_cb, user_data);
}

/* --- the order of a certificate --- */

#define TRUST_MAX (256 * 1024) /* bytes */

static void
sign_cb (gpointer user_data, const SpSignRequest *request)
{
  SpCourier *courier = user_data;

  (void) sp_link_ask (courier->main, SP_MESSAGE_SIGN_REQUEST, request, NULL, 0);
}

static void
show_cb (gpointer user_data, const SpShowValidation *validation)
{
  SpCourier *courier = user_data;

  (void) sp_link_ask (courier->main, SP_MESSAGE_SHOW_VALIDATION, validation, NULL, 0);
}

static void
order_ended_cb (gpointer user_data, const SpOrderDone *done)
{
  end (user_data, SP_MESSAGE_ORDER_DONE, done);
}

/* What cannot be read is trusted by nobody. */
static char *
read_trust (int fd)
{
  g_autofree char *pem = g_malloc0 (TRUST_MAX + 1);

  return pread (fd, pem, TRUST_MAX, 0) > 0 ? g_steal_pointer (&pem) : g_strdup ("");
}

static void
run_order_cb (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  static const SpAcmeErrandEvents events = { .sign = sign_cb,
                                             .show = show_cb,
                                             .ended = order_ended_cb };
  SpCourier *courier = user_data;
  g_autofree char *trust = read_trust (fds[0]);

  begin (courier, serial, SP_MAIN_COURIER_ORDERING);
  courier->order = sp_acme_errand_start (courier->session, message, trust, sp_fd_steal (&fds[1]),
                                         &events, courier);
}

static void
renewal_told_cb (gpointer user_data, const SpRenewalTold *told)
{
  end (user_data, SP_MESSAGE_RENEWAL_TOLD, told);
}

static void
ask_renewal_cb (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpCourier *courier = user_data;
  g_autofree char *trust = read_trust (fds[0]);

  begin (courier, serial, SP_MAIN_COURIER_ABROAD);
  courier->renewal =
      sp_acme_renewal_start (courier->session, message, trust, renewal_told_cb, courier);
}

static void
request_signed_cb (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpCourier *courier = user_data;

  sp_acme_errand_signed (courier->order, message);
}

static void
validation_shown_cb (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpCourier *courier = user_data;
  const SpValidationShown *answer = message;

  sp_acme_errand_shown (courier->order, answer->shown != 0);
}

/* Nobody waits for what comes back any more. */
static void
closed_cb (gpointer user_data, const GError *error)
{
  SpCourier *courier = user_data;

  if (!g_error_matches (error, SP_ERROR, SP_ERROR_PEER_GONE))
    sp_log (SP_LOG_ERROR, "main", "%s", error->message);
  g_main_loop_quit (courier->loop);
}

const SpLinkTable sp_courier_from_main = {
  .handlers = {
    [SP_MESSAGE_RUN_ERRAND] = run_errand_cb,
    [SP_MESSAGE_MAP_PORTS] = map_ports_cb,
    [SP_MESSAGE_RUN_ORDER] = run_order_cb,
    [SP_MESSAGE_ASK_RENEWAL] = ask_renewal_cb,
    [SP_MESSAGE_REQUEST_SIGNED] = request_signed_cb,
    [SP_MESSAGE_VALIDATION_SHOWN] = validation_shown_cb,
    [SP_MESSAGE_LOOK_UP_NAME] = look_up_name_cb,
  },
  .closed = closed_cb,
};
