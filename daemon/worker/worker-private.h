/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/endpoint.h"
#include "codec/enrolment-page.h"
#include "codec/enrolment-path.h"
#include "codec/login-page.h"
#include "codec/login-request.h"
#include "codec/tunnel-request.h"
#include "http-stage.h"
#include "server-signature.h"
#include "to-keyholder.h"
#include "to-main.h"
#include "tunnel.h"
#include "validation.h"
#include "worker/tls-session.h"
#include "worker/worker-state.h"
#include "worker/worker.h"

G_BEGIN_DECLS

/* Which group a request asks for. */
typedef struct
{
  guint number;        /* of those that are offered; 0: none */
  gboolean is_unknown; /* it is none of those */
  gboolean by_path;    /* its path says so, for good */
} SpGroupChosen;

/* What signing in has come to on this connection. */
typedef struct
{
  guint n_tries;          /* passwords put to the keyholder */
  guint n_code_tries;     /* and codes */
  gboolean was_busy;      /* and the last answer was "come back" */
  SpLoginDialect dialect; /* of the request in work, as the next four */
  SpClientKind client;
  guint8 offered;            /* ADOPT_CLIENT.sign_in */
  GByteArray *handshake;     /* with which the client proved its certificate; until it was shown */
  guint n_certificate_tries; /* the keyholder looks at it, or did; why it is of no use: */
  const char *certificate_fault;
  gboolean certificate_chooses; /* it is enough, once a group was chosen */
  SpLoginRequest *pending;      /* what is answered when it has, or NULL */
  SpGroupChosen group;          /* in the request in work */
  gboolean phone;
  gboolean only_head; /* it is a HEAD */
  gboolean stranger;  /* it has no mark of a VPN client */
  guint minor;        /* of its HTTP version */
  gboolean keep_alive;
  gboolean mobile;     /* some request said so */
  SpTunnelOffer offer; /* of the CONNECT in work */
} SpSignIn;

/* What an invited person asked for. */
typedef struct
{
  SpEnrolmentFile file;
  SpPlatform platform;
  guint language; /* of sp_page_languages */
} SpEnrolmentRequest;

struct _SpWorker
{
  SpEquipment *equipment;
  SpMainWall main;
  SpKeyholderWall keyholder;

  gint64 now; /* one reading a turn, microseconds */
  SpWorkerState state;
  gint64 state_until;
  gint64 sign_in_until;

  SpEndpoint peer;
  SpEndpoint local;
  char login_banner[SP_BANNER_MAX + 1];             /* empty: none */
  SpGroupList groups;                               /* that people may choose from */
  char stranger_answer[SP_STRANGER_ANSWER_MAX + 1]; /* empty: there is nothing here */
  SpServerSignature signature;
  SpValidationShow *validation; /* the client is an authority that looks for us; or NULL */
  SpTlsSession *tls;            /* from HANDSHAKE on */
  SpHttpStage *http;            /* from REQUEST until TUNNEL */
  SpSignIn sign_in;
  SpEnrolmentRequest enrolment;
  guint reach_language; /* in REACH: of sp_page_languages */
  SpTunnel *tunnel;     /* in TUNNEL */
  gboolean client_closed;
  gboolean said_goodbye; /* nothing more will be written */

  SpClientLeft left; /* what will be told last */
  gboolean has_left;
};

/* The one place where the state changes. */
void sp_worker_enter (SpWorker *worker, SpWorkerState state);

/* The end, for this reason: the tunnel is closed, what is queued for the client still goes out.
 * `reason` is the client's disconnect byte or 0.  Only the first reason counts. */
void sp_worker_leave (SpWorker *worker, SpLeft how, guint8 reason, const char *format, ...)
    G_GNUC_PRINTF (4, 5);
/* The same in words that are there already: what an ordinary end costs is seen. */
void sp_worker_leave_literal (SpWorker *worker, SpLeft how, guint8 reason, const char *text);

/* What the loop calls, after it has read the clock. */
void sp_worker_adopt (SpWorker *worker, const SpAdoptClient *message, int fd); /* takes `fd` */
void sp_worker_serve_client (SpWorker *worker);
void sp_worker_flush (SpWorker *worker);
void sp_worker_expire (SpWorker *worker);
gint64 sp_worker_get_deadline (const SpWorker *worker);

G_END_DECLS
