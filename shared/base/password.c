/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/password.h"

#include "base/io.h"
#include "base/secret.h"

/* Without characters that look alike; a power of two, so that every one is as likely. */
#define ALPHABET        "abcdefghijkmnpqrstuvwxyz23456789"
#define GENERATED_SIZE  20 /* characters of 5 bits: 100 bits */
#define GENERATED_GROUP 5
G_STATIC_ASSERT (sizeof ALPHABET - 1 == 32);

char *
sp_password_generate (void)
{
  guint8 random[GENERATED_SIZE];
  char *password = g_malloc0 (GENERATED_SIZE + GENERATED_SIZE / GENERATED_GROUP);
  char *next = password;

  sp_random_bytes (random, sizeof random);
  for (guint i = 0; i < GENERATED_SIZE; i++)
    {
      if (i > 0 && i % GENERATED_GROUP == 0)
        *next++ = '-';
      *next++ = ALPHABET[random[i] % (sizeof ALPHABET - 1)];
    }
  sp_secret_wipe (random, sizeof random);
  return password;
}
