/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "spare-device.h"

#include "base/log.h"

struct _SpSpareDevice
{
  guint seconds;
  SpTun *tun; /* or NULL */
  gint64 expected_at;
  guint making; /* source; 0: none */
  guint timer;  /* runs while there is a device */
};

SpSpareDevice *
sp_spare_device_new (guint seconds)
{
  SpSpareDevice *self = g_new0 (SpSpareDevice, 1);

  self->seconds = seconds;
  return self;
}

void
sp_spare_device_free (SpSpareDevice *self)
{
  g_clear_handle_id (&self->making, g_source_remove);
  sp_tun_close (sp_spare_device_take (self));
  g_free (self);
}

static gboolean
timer_cb (gpointer user_data)
{
  SpSpareDevice *self = user_data;

  if (g_get_monotonic_time () - self->expected_at < self->seconds * G_USEC_PER_SEC)
    return G_SOURCE_CONTINUE;
  self->timer = 0;
  sp_tun_close (g_steal_pointer (&self->tun));
  return G_SOURCE_REMOVE;
}

/* Whoever needs one then makes it, and says why it cannot be made. */
static gboolean
make_cb (gpointer user_data)
{
  SpSpareDevice *self = user_data;
  g_autoptr (GError) error = NULL;

  self->making = 0;
  self->tun = sp_tun_prepare (&error);
  if (self->tun != NULL)
    self->timer = g_timeout_add_seconds (self->seconds, timer_cb, self);
  else
    sp_log (SP_LOG_DEBUG, "network", "a device ahead of time: %s", error->message);
  return G_SOURCE_REMOVE;
}

void
sp_spare_device_expect (SpSpareDevice *self)
{
  self->expected_at = g_get_monotonic_time ();
  if (self->tun == NULL && self->making == 0)
    self->making = g_idle_add (make_cb, self);
}

SpTun *
sp_spare_device_take (SpSpareDevice *self)
{
  g_clear_handle_id (&self->timer, g_source_remove);
  return g_steal_pointer (&self->tun);
}
