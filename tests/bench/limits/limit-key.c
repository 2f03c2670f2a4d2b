/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "limit-key.h"

#include "base/io.h"

#include <glib.h>
#include <gnutls/abstract.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define ADDRESS       "limit-key" /* in the namespace that has no files */
#define DIGEST_MAX    64
#define SIGNATURE_MAX 512
#define KEY_BITS      256
#define CHAIN_MAX     4

typedef struct
{
  guint32 algorithm;
  guint32 size;
  guint8 digest[DIGEST_MAX];
} Question;

static socklen_t
write_address (struct sockaddr_un *name)
{
  *name = (struct sockaddr_un){ .sun_family = AF_UNIX };
  memcpy (name->sun_path + 1, ADDRESS, strlen (ADDRESS));
  return (socklen_t) (offsetof (struct sockaddr_un, sun_path) + 1 + strlen (ADDRESS));
}

/* --- who has it --- */

static gnutls_privkey_t
load_key (const char *file)
{
  gnutls_privkey_t key = NULL;
  gnutls_datum_t bytes;

  if (gnutls_load_file (file, &bytes) != 0 || gnutls_privkey_init (&key) != 0 ||
      gnutls_privkey_import_x509_raw (key, &bytes, GNUTLS_X509_FMT_PEM, NULL, 0) != 0)
    g_error ("%s: no key", file);
  gnutls_free (bytes.data);
  return key;
}

static void
keep (gnutls_privkey_t key, int fd)
{
  for (;;)
    {
      struct sockaddr_un asker;
      socklen_t length = sizeof asker;
      gnutls_datum_t signature = { 0 };
      Question question;

      if (recvfrom (fd, &question, sizeof question, 0, (struct sockaddr *) &asker, &length) !=
          sizeof question)
        g_error ("no question: %m");
      if (gnutls_privkey_sign_hash2 (
              key, question.algorithm, 0,
              &(gnutls_datum_t){ question.digest, MIN (question.size, DIGEST_MAX) },
              &signature) != 0)
        g_error ("nothing can be signed");
      (void) sendto (fd, signature.data, signature.size, 0, (struct sockaddr *) &asker, length);
      gnutls_free (signature.data);
    }
}

/* --- who asks --- */

static int
sign_cb (gnutls_privkey_t key,
         gnutls_sign_algorithm_t algorithm,
         void *data,
         unsigned int flags,
         const gnutls_datum_t *digest,
         gnutls_datum_t *ret_signature)
{
  sp_autofd int fd = socket (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  Question question = { .algorithm = algorithm, .size = digest->size };
  struct sockaddr_un keeper;
  socklen_t length = write_address (&keeper);
  guint8 signature[SIGNATURE_MAX];
  ssize_t size;

  if (digest->size > DIGEST_MAX)
    return GNUTLS_E_UNSUPPORTED_SIGNATURE_ALGORITHM;
  memcpy (question.digest, digest->data, digest->size);
  /* With nothing but a family the kernel chooses an address for the answer. */
  if (bind (fd, (struct sockaddr *) &(struct sockaddr_un){ .sun_family = AF_UNIX },
            sizeof (sa_family_t)) != 0 ||
      sendto (fd, &question, sizeof question, 0, (struct sockaddr *) &keeper, length) < 0 ||
      (size = recv (fd, signature, sizeof signature, 0)) <= 0)
    return GNUTLS_E_PK_SIGN_FAILED;
  ret_signature->data = gnutls_malloc ((size_t) size);
  ret_signature->size = (unsigned int) size;
  memcpy (ret_signature->data, signature, (size_t) size);
  return 0;
}

static int
info_cb (gnutls_privkey_t key, unsigned int flags, void *data)
{
  if ((flags & GNUTLS_PRIVKEY_INFO_PK_ALGO) != 0)
    return GNUTLS_PK_ECDSA;
  if ((flags & GNUTLS_PRIVKEY_INFO_PK_ALGO_BITS) != 0)
    return KEY_BITS;
  if ((flags & GNUTLS_PRIVKEY_INFO_HAVE_SIGN_ALGO) != 0)
    return GNUTLS_FLAGS_TO_SIGN_ALGO (flags) == GNUTLS_SIGN_ECDSA_SECP256R1_SHA256 ||
           GNUTLS_FLAGS_TO_SIGN_ALGO (flags) == GNUTLS_SIGN_ECDSA_SHA256;
  return -1;
}

void
limit_key_set_apart (gnutls_certificate_credentials_t credentials,
                     const char *certificate,
                     const char *key)
{
  gnutls_pcert_st *chain = g_new0 (gnutls_pcert_st, CHAIN_MAX);
  unsigned int n_chain = CHAIN_MAX;
  gnutls_privkey_t apart = NULL;
  gnutls_datum_t bytes;
  struct sockaddr_un name;
  socklen_t length = write_address (&name);
  int fd = socket (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  pid_t child;

  if (bind (fd, (struct sockaddr *) &name, length) != 0 || (child = fork ()) < 0)
    g_error ("no process for the key: %m");
  if (child == 0)
    keep (load_key (key), fd);
  sp_fd_clear (&fd);
  if (gnutls_load_file (certificate, &bytes) != 0 ||
      gnutls_pcert_list_import_x509_raw (chain, &n_chain, &bytes, GNUTLS_X509_FMT_PEM, 0) != 0 ||
      gnutls_privkey_init (&apart) != 0 ||
      gnutls_privkey_import_ext4 (apart, NULL, NULL, sign_cb, NULL, NULL, info_cb, 0) != 0 ||
      gnutls_certificate_set_key (credentials, NULL, 0, chain, (int) n_chain, apart) < 0)
    g_error ("%s: no certificate for a key that is elsewhere", certificate);
  gnutls_free (bytes.data);
}
