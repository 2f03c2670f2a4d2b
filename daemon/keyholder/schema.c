/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "schema.h"

/* Times are microseconds since the epoch, ids and addresses bytes as the walls have them. */
static const char version_1[] =
    /* name: 'authority' or 'server'; private_key: PKCS #8, certificate: X.509, both DER */
    "CREATE TABLE keys ("
    "  name TEXT PRIMARY KEY CHECK (name IN ('authority', 'server')),"
    "  private_key BLOB NOT NULL,"
    "  certificate BLOB NOT NULL"
    ") STRICT, WITHOUT ROWID;"
    /* login: compared byte by byte, so Anna and anna are two users; verifier: as crypt(3) has it,
     * NULL until a password is set */
    "CREATE TABLE users ("
    "  id BLOB PRIMARY KEY CHECK (length (id) = 16),"
    "  login BLOB NOT NULL UNIQUE CHECK (length (login) BETWEEN 1 AND 64),"
    "  enabled INTEGER NOT NULL,"
    "  verifier BLOB"
    ") STRICT, WITHOUT ROWID;"
    /* hash: SHA-256 of the cookie; expires: NULL while a tunnel uses it */
    "CREATE TABLE cookies ("
    "  hash BLOB PRIMARY KEY CHECK (length (hash) = 32),"
    "  session BLOB NOT NULL UNIQUE CHECK (length (session) = 16),"
    "  user BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,"
    "  expires INTEGER,"
    "  blocked INTEGER NOT NULL DEFAULT 0"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX cookies_by_user ON cookies (user);"
    "CREATE INDEX cookies_by_expiry ON cookies (expires) WHERE expires IS NOT NULL;"
    /* where a user signed in from, so that strangers' failures do not lock them out; place: the
     * address's narrow prefix, a number of 64 bits */
    "CREATE TABLE places ("
    "  user BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,"
    "  place INTEGER NOT NULL,"
    "  seen INTEGER NOT NULL,"
    "  PRIMARY KEY (user, place)"
    ") STRICT, WITHOUT ROWID;";

/* signed_in, address: when the cookie was made, and for which address; 0 and all zero: not known */
static const char version_2[] =
    "ALTER TABLE cookies ADD COLUMN signed_in INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE cookies ADD COLUMN address BLOB NOT NULL DEFAULT (zeroblob (16))"
    "  CHECK (length (address) = 16);";

/* bar: what keeps the user out (SpBar), `enabled` being whether nothing does; expires_at: 0: never;
 * expires_after: seconds from first_login on, 0: for ever; first_login: 0: not yet; ends: what
 * follows from these */
static const char version_3[] =
    "ALTER TABLE users ADD COLUMN bar INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE users ADD COLUMN expires_at INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE users ADD COLUMN expires_after INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE users ADD COLUMN first_login INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE users ADD COLUMN ends INTEGER NOT NULL GENERATED ALWAYS AS (min ("
    "  CASE expires_at WHEN 0 THEN 9223372036854775807 ELSE expires_at END,"
    "  CASE WHEN expires_after = 0 OR first_login = 0 THEN 9223372036854775807"
    "    ELSE first_login + expires_after * 1000000 END)) VIRTUAL;"
    "UPDATE users SET bar = 1 WHERE NOT enabled;"
    "CREATE INDEX users_by_end ON users (ends);";

/* The key of backups that are made by themselves: derived from a passphrase by Argon2id with this
 * salt and cost, so that the passphrase opens them and is not kept. */
static const char version_4[] = "CREATE TABLE backup_key ("
                                "  only INTEGER PRIMARY KEY CHECK (only = 1),"
                                "  key BLOB NOT NULL CHECK (length (key) = 32),"
                                "  salt BLOB NOT NULL CHECK (length (salt) = 16),"
                                "  passes INTEGER NOT NULL,"
                                "  memory INTEGER NOT NULL"
                                ") STRICT;";

/* devices: what a user signs in with, beside the password; revoked: nobody may any more, as long as
 * that is so.  certificates: fingerprint: SHA-256 of the DER; a device that was given a new one has
 * two until the new one is used.  cookies.device: what it was earned with; all zero: none */
static const char version_5[] =
    "CREATE TABLE devices ("
    "  id BLOB PRIMARY KEY CHECK (length (id) = 16),"
    "  user BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,"
    "  revoked INTEGER NOT NULL DEFAULT 0"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX devices_by_user ON devices (user);"
    "CREATE TABLE certificates ("
    "  fingerprint BLOB PRIMARY KEY CHECK (length (fingerprint) = 32),"
    "  device BLOB NOT NULL REFERENCES devices (id) ON DELETE CASCADE,"
    "  issued INTEGER NOT NULL"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX certificates_by_device ON certificates (device);"
    "ALTER TABLE cookies ADD COLUMN device BLOB NOT NULL DEFAULT (zeroblob (16))"
    "  CHECK (length (device) = 16);"
    "CREATE INDEX cookies_by_device ON cookies (device);";

/* secret: what the codes of a second step are made of, NULL until confirmed; step: the last one
 * whose code was taken, in units of its period since the epoch; pending: a secret to be confirmed;
 * hash: SHA-256 of the user's id and a recovery code */
static const char version_6[] = "CREATE TABLE two_step ("
                                "  user BLOB PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,"
                                "  secret BLOB CHECK (length (secret) = 20),"
                                "  step INTEGER NOT NULL DEFAULT 0,"
                                "  pending BLOB CHECK (length (pending) = 20)"
                                ") STRICT, WITHOUT ROWID;"
                                "CREATE TABLE recovery_codes ("
                                "  user BLOB NOT NULL REFERENCES two_step (user) ON DELETE CASCADE,"
                                "  hash BLOB NOT NULL CHECK (length (hash) = 32),"
                                "  PRIMARY KEY (user, hash)"
                                ") STRICT, WITHOUT ROWID;";

/* two_step_required: the password alone is not enough */
static const char version_7[] =
    "ALTER TABLE users ADD COLUMN two_step_required INTEGER NOT NULL DEFAULT 0;";

/* server certificates that were imported; pin: SHA-256 of the public key, private_key: PKCS #8,
 * chain: X.509 one after the other, all DER.  active_certificate: without a row the server's own */
static const char version_8[] = "CREATE TABLE server_certificates ("
                                "  id BLOB PRIMARY KEY CHECK (length (id) = 16),"
                                "  pin BLOB NOT NULL CHECK (length (pin) = 32),"
                                "  private_key BLOB NOT NULL,"
                                "  chain BLOB NOT NULL,"
                                "  added INTEGER NOT NULL"
                                ") STRICT, WITHOUT ROWID;"
                                "CREATE TABLE active_certificate ("
                                "  only INTEGER PRIMARY KEY CHECK (only = 1),"
                                "  id BLOB NOT NULL REFERENCES server_certificates (id)"
                                ") STRICT;";

/* selector: the public part of the password; hash: SHA-256 of the user's id and the whole */
static const char version_9[] =
    "CREATE TABLE app_passwords ("
    "  selector BLOB PRIMARY KEY CHECK (length (selector) = 5),"
    "  device BLOB NOT NULL UNIQUE REFERENCES devices (id) ON DELETE CASCADE,"
    "  hash BLOB NOT NULL CHECK (length (hash) = 32)"
    ") STRICT, WITHOUT ROWID;";

/* requests for server certificates; request: PKCS #10, names: as the wall has them */
static const char version_10[] = "CREATE TABLE certificate_requests ("
                                 "  id BLOB PRIMARY KEY CHECK (length (id) = 16),"
                                 "  pin BLOB NOT NULL CHECK (length (pin) = 32),"
                                 "  private_key BLOB NOT NULL,"
                                 "  request BLOB NOT NULL,"
                                 "  names BLOB NOT NULL,"
                                 "  added INTEGER NOT NULL"
                                 ") STRICT, WITHOUT ROWID;";

/* sign_in: what the user signs in with (SpSignInMethod) */
static const char version_11[] = "ALTER TABLE users ADD COLUMN sign_in INTEGER NOT NULL DEFAULT 0;";

/* token, claim: SHA-256 of what the link and its files are found by; claim and file (key and
 * certificate, under a passphrase that is not kept) only while files can be fetched; state: as on
 * wall C; times 0: not yet; address: where the last step was taken from */
static const char version_12[] =
    "CREATE TABLE invitations ("
    "  id BLOB PRIMARY KEY CHECK (length (id) = 16),"
    "  user BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,"
    "  token BLOB NOT NULL UNIQUE CHECK (length (token) = 32),"
    "  claim BLOB UNIQUE CHECK (length (claim) = 32),"
    "  device BLOB NOT NULL DEFAULT (zeroblob (16)) CHECK (length (device) = 16),"
    "  name BLOB NOT NULL,"
    "  url BLOB NOT NULL,"
    "  state INTEGER NOT NULL DEFAULT 0,"
    "  created INTEGER NOT NULL,"
    "  expires INTEGER NOT NULL,"
    "  opened INTEGER NOT NULL DEFAULT 0,"
    "  downloaded INTEGER NOT NULL DEFAULT 0,"
    "  connected INTEGER NOT NULL DEFAULT 0,"
    "  ended INTEGER NOT NULL DEFAULT 0,"
    "  not_after INTEGER NOT NULL DEFAULT 0,"
    "  address BLOB NOT NULL DEFAULT (zeroblob (16)) CHECK (length (address) = 16),"
    "  file BLOB"
    ") STRICT;"
    "CREATE INDEX invitations_by_user ON invitations (user);"
    "CREATE INDEX invitations_by_device ON invitations (device);";

/* paused_until, blocked_until: nobody signs in before; 0: not so */
static const char version_13[] =
    "ALTER TABLE users ADD COLUMN paused_until INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE devices ADD COLUMN blocked_until INTEGER NOT NULL DEFAULT 0;";

/* keys of server certificates that are in tokens: uri: RFC 7512; pin: empty when it was wrong.
 * private_key of such a certificate is empty */
static const char version_14[] =
    "CREATE TABLE token_keys ("
    "  id BLOB PRIMARY KEY REFERENCES server_certificates (id) ON DELETE CASCADE,"
    "  uri BLOB NOT NULL,"
    "  pin BLOB NOT NULL"
    ") STRICT, WITHOUT ROWID;";

/* groups: that the user may choose, each name ended by a line feed; group_name: chosen at the
 * sign-in, empty: none */
static const char version_15[] =
    "ALTER TABLE users ADD COLUMN groups BLOB NOT NULL DEFAULT x'';"
    "ALTER TABLE cookies ADD COLUMN group_name BLOB NOT NULL DEFAULT x'';";

/* label: of the device, all zero: none */
static const char version_16[] =
    "ALTER TABLE invitations ADD COLUMN label BLOB NOT NULL DEFAULT (zeroblob (16))"
    "  CHECK (length (label) = 16);";

/* password: of the account at a provider of dynamic DNS, as it has to be sent */
static const char version_17[] = "CREATE TABLE dns_password ("
                                 "  only INTEGER PRIMARY KEY CHECK (only = 1),"
                                 "  password BLOB NOT NULL"
                                 ") STRICT;";

/* private_key: of the account at the authority of that directory (RFC 8555 7.1.1) */
static const char version_18[] = "CREATE TABLE acme_accounts ("
                                 "  directory BLOB PRIMARY KEY,"
                                 "  private_key BLOB NOT NULL"
                                 ") STRICT, WITHOUT ROWID;";

/* secret: of the key at a name server (RFC 8945), in base64 */
static const char version_19[] = "CREATE TABLE dns_key ("
                                 "  only INTEGER PRIMARY KEY CHECK (only = 1),"
                                 "  secret BLOB NOT NULL"
                                 ") STRICT;";

/* Written at each of a session's beginnings and ends, and read when something expires: a few
 * thousand rows are looked through faster than an index of them is kept. */
static const char version_20[] = "DROP INDEX cookies_by_expiry;";

const char *const sp_schema_migrations[] = { version_1,  version_2,  version_3,  version_4,
                                             version_5,  version_6,  version_7,  version_8,
                                             version_9,  version_10, version_11, version_12,
                                             version_13, version_14, version_15, version_16,
                                             version_17, version_18, version_19, version_20 };
const guint sp_schema_version = G_N_ELEMENTS (sp_schema_migrations);
