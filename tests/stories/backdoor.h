/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "server.h"

G_BEGIN_DECLS

/* Models without rooms and network, over an empty database, behind the headers of the real ones:
 * what the bus shows of them is under test.  A story makes things happen through the backdoor. */
SpServer *sp_fake_server_new (const char *password_log);

/* One line of words:
 *   open LOGIN CLIENT-NAME      somebody connects (\xNN in the name is that byte)
 *   device LOGIN NAME           gets one to sign in with
 *   close LOGIN REASON          and is gone
 *   count LOGIN BYTES           has sent that much
 *   carry LOGIN RX TX           has sent and got that much more
 *   refuse ADDRESS LOGIN REASON was not let in
 *   flood PLACE NETWORK NUMBER  so many connections from there were turned away in the last minute
 *   attack NUMBER NUMBER NUMBER the door is flooded: connections, datagrams, networks; without
 *                               numbers: it is over
 *   past LOGIN NUMBER           has so many sessions in the history
 *   job                         a job begins that does not end
 *   internet there|away|portal  this computer reaches it; not at all; a page that wants a sign-in
 *   foreign-rules drop|slow|pass   another program's packet filter drops all packets; datagrams
 *                               alone; none
 *   settle INTERFACE ADDRESS    this computer has nothing but that
 *   reach ADDRESS               somebody there opens the link of the test
 *   name ADDRESS…               name servers say that home.test leads there, or that nobody has it
 *   outside ADDRESS ADDRESS     the router says that it has the first, others see the second
 *   order STEP                  the order of a certificate is at that step, counted from 0
 *   break                       the next start fails, the port is taken
 *   slow MILLISECONDS           starts and stops take that long
 *   end                         ends the process without a word
 */
void sp_fake_server_command (SpServer *server, const char *line);

/* For the fakes among themselves. */
SpUserRegistry *sp_fake_users_new (const char *password_log);
SpSessionRegistry *sp_fake_sessions_new (void);
SpInvitationRegistry *sp_fake_invitations_new (SpUserRegistry *users, SpDeviceRegistry *devices);
/* Whoever has the newest link takes the next step. */
void sp_fake_invitations_visit (SpInvitationRegistry *self);
void sp_fake_devices_add (SpDeviceRegistry *self, SpUser *user, const char *name);
void sp_fake_sessions_open (SpSessionRegistry *self, SpUser *user, const char *client_name);
void sp_fake_sessions_close (SpSessionRegistry *self, SpUser *user, const char *reason);
void sp_fake_sessions_count (SpSessionRegistry *self, SpUser *user, guint64 bytes);

/* The server's part in reachability; `words` of the last four above but one.  FALSE: others. */
gboolean sp_fake_reach (SpReachability *reachability, char **words);

void sp_fake_order (SpServer *self, guint step);
void sp_fake_flood (SpPenaltyBook *penalties, char **words);
void sp_fake_attack (SpPenaltyBook *penalties, char **words);

/* The real registry over a keyholder that is not there: it has the two certificates of our own. */
SpCertificateRegistry *sp_fake_certificates_new (void);

G_END_DECLS
