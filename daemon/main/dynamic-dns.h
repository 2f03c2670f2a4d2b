/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "server.h"

G_BEGIN_DECLS

/* Has a provider of dynamic DNS told the public address of this computer, while the server is on
 * and the settings say so: by couriers, as dynamic-dns-plan.h says.  What became of it is
 * remembered in the store, so that a restart asks nobody anew. */
typedef struct _SpDynamicDns SpDynamicDns;

typedef enum
{
  SP_DYNAMIC_DNS_OFF,     /* the settings do not want it, or the server is not on */
  SP_DYNAMIC_DNS_WAITING, /* there is no address to tell yet, or it is told in a while */
  SP_DYNAMIC_DNS_ASKING,  /* a courier is on its way */
  SP_DYNAMIC_DNS_CURRENT, /* the provider knows the address */
  SP_DYNAMIC_DNS_FAILED,  /* it does not, and the owner should see to it */
  SP_DYNAMIC_DNS_LAST = SP_DYNAMIC_DNS_FAILED
} SpDynamicDnsState;

/* For people and programs; texts are constant, addresses empty if there are none. */
typedef struct
{
  SpDynamicDnsState state;
  char ipv4[SP_ENDPOINT_TEXT_MAX]; /* that was told last */
  char ipv6[SP_ENDPOINT_TEXT_MAX];
  guint8
      seen[SP_ADDRESS_SIZE]; /* IPv4, that others say we have; unset: nobody was asked, or knew */
  gint64 seen_at;            /* when they were asked, µs since the epoch */
  gint64 told_at;            /* µs since the epoch, 0: never */
  const char *reason;        /* a word for why it failed last, empty: it did not */
  const char *advice;        /* likewise a sentence with what mends it */
  char word[SP_PROVIDER_WORD_MAX + 1]; /* what the provider said, or empty */
  gboolean has_password;               /* there is one to show a provider */
  gboolean has_key;                    /* and a secret to sign updates with */
} SpDynamicDnsStatus;

/* `changed` is called when the status may be another.  The server is the owner, and opens its
 * parts before. */
typedef void (*SpDynamicDnsChanged) (SpServer *server);
SpDynamicDns *sp_dynamic_dns_new (SpServer *server,
                                  const char *libexec_folder,
                                  SpDynamicDnsChanged changed);
void sp_dynamic_dns_free (SpDynamicDns *self);

/* To be called when the settings or the state of the server changed, or the keyholder came back. */
void sp_dynamic_dns_look (SpDynamicDns *self);
/* Likewise, when the networks of this computer changed. */
void sp_dynamic_dns_look_around (SpDynamicDns *self);
/* Tells the provider now, whatever was before.  Errors: SP_ERROR_NOT_SUPPORTED (it is off; then it
 * is told as soon as it is not). */
gboolean sp_dynamic_dns_update (SpDynamicDns *self, GError **error);

void sp_dynamic_dns_get_status (SpDynamicDns *self, SpDynamicDnsStatus *ret);

/* server-dynamic-dns.c: the same of the server's, whose property dynamic-dns changes with it. */
void sp_server_get_dynamic_dns (SpServer *self, SpDynamicDnsStatus *ret);
gboolean sp_server_update_dynamic_dns (SpServer *self, GError **error);
/* `password`: a sealed memory file, taken; -1: forget it. */
void sp_server_set_dns_password_async (SpServer *self,
                                       SpDnsPasswordKind which,
                                       int password,
                                       GAsyncReadyCallback callback,
                                       gpointer user_data);
gboolean sp_server_set_dns_password_finish (SpServer *self, GAsyncResult *result, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpDynamicDns, sp_dynamic_dns_free)

G_END_DECLS
