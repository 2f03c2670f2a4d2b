/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trust-file.h"

#include <fcntl.h>
#include <glib.h>
#include <unistd.h>

static const char *const places[] = {
  "/etc/ssl/certs/ca-certificates.crt", /* Debian, Arch, Gentoo */
  "/etc/pki/tls/certs/ca-bundle.crt",   /* Fedora */
  "/etc/ssl/ca-bundle.pem",             /* openSUSE */
  "/etc/ssl/cert.pem",                  /* Alpine, BSD */
};

int
sp_trust_file_open (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      int fd = open (places[i], O_RDONLY | O_CLOEXEC);

      if (fd >= 0)
        return fd;
    }
  return -1;
}
