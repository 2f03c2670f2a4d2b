/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/acme-limits.h"
#include "base/limits.h"

/* Every setting of sallyport.conf, once.  The struct, the parser, the checks, the default file and
 * the man page come from this list.  Each applies to a running server, and disconnects nobody.
 *
 * SETTING (KIND, member, group, key, words, default, minimum, maximum, unit, text)
 *   KIND      BOOLEAN, NUMBER, CHOICE, HOST_NAME, LINE, ADDRESSES, ENDPOINTS, NETWORKS,
 *             NETWORK_IPV4, NETWORK_IPV6, DOMAINS
 *   words     what may stand there instead of a value (CHOICE: the choices), or 0
 *   default   as it would be written in the file
 *   minimum, maximum   of a NUMBER; bytes of a text; entries of a list
 */

/* Two more routes, to the server itself, are added. */
#define SP_SETTING_ROUTES_MAX (SP_ROUTES_MAX - 2)

/* clang-format off */
#define SP_SETTINGS(SETTING)                                                                       \
  /* where the server is reached */                                                                \
  SETTING (NUMBER, port, "server", "port", 0,                                                      \
           "443", 1, 65535, "",                                                                    \
           "TCP port that clients connect to. Devices that were set up before need the new port; " \
           "who is connected by the one of before stays.")                                         \
  SETTING (NUMBER, udp_port, "server", "udp-port", SP_WORD (SAME) | SP_WORD (OFF),                 \
           "same", 1, 65535, "",                                                                   \
           "UDP port of the fast channel (DTLS). same: the number of the TCP port. off: everything " \
           "goes over TLS, which is slower.")                                                      \
  SETTING (ADDRESSES, listen_addresses, "server", "listen-addresses", SP_WORD (ALL),               \
           "all", 1, 8, "",                                                                        \
           "Addresses of this computer that the server answers on.")                               \
  SETTING (ENDPOINTS, also_listen, "server", "also-listen", SP_WORD (NONE),                        \
           "none", 1, SP_ALSO_LISTEN_MAX, "",                                                      \
           "More places where the server answers, each an address of this computer and a port, or " \
           "*: and a port for all its addresses. The fast channel has the same port there, unless " \
           "udp-port is off.")                                                                     \
  SETTING (LINE, listen_device, "server", "listen-device", 0,                                      \
           "", 0, SP_INTERFACE_NAME_MAX, "",                                                       \
           "Network device that clients come by, such as eth0. Whoever comes by another does not " \
           "reach the server, whichever address they call. Empty: any.")                           \
  SETTING (NETWORKS, proxies, "server", "proxies", SP_WORD (NONE),                                 \
           "none", 1, SP_PROXIES_MAX, "",                                                          \
           "Networks of proxies in front of this server, such as HAProxy. What comes from there has " \
           "to begin with the header of the PROXY protocol, version 2, and counts as from the "    \
           "address that this names; who can send from there can name any. Clients of a proxy "    \
           "have no fast channel, since proxies of this kind pass on TCP alone.")                  \
  SETTING (HOST_NAME, name, "server", "name", 0,                                                   \
           "", 0, SP_DOMAIN_MAX, "",                                                               \
           "Public name (or address) of this server, as clients write it. It goes into the "       \
           "certificate that the server makes for itself and into the hints for new devices. "     \
           "Devices that were set up before need the new one. Empty: the addresses of this "       \
           "computer.")                                               \
  SETTING (BOOLEAN, keep_awake, "server", "keep-awake", 0,                                         \
           "no", 0, 0, "",                                                                         \
           "Whether this computer stays awake while the server is on: neither a desktop nor a "    \
           "person sends it to sleep then, but for an administrator who insists. Closing the lid " \
           "of a laptop still does. Where there is no logind it has no effect.")                   \
  SETTING (BOOLEAN, port_mapping, "server", "port-mapping", 0,                                     \
           "no", 0, 0, "",                                                                         \
           "Whether the router of this network is asked (by PCP, NAT-PMP or UPnP) to forward the ports " \
           "of the server to this computer while the server is on, and told when it is off; by PCP " \
           "also to let them in over IPv6, where its firewall may keep people out. Such a router " \
           "does so for whatever computer asks; where it was set up by hand, this is not needed.") \
  /* a name that follows the address */                                                            \
  SETTING (CHOICE, dynamic_dns_mode, "dynamic-dns", "mode",                                        \
           SP_WORD (OFF) | SP_WORD (DYNDNS2) | SP_WORD (URL) | SP_WORD (RFC2136),                  \
           "off", 0, 0, "",                                                                        \
           "How a provider of dynamic DNS is told the public address of this computer, so that a " \
           "name leads here, while the server is on: when the address changes, and every 25 days. " \
           "dyndns2: by the protocol of that name, which most providers and routers know. url: by " \
           "fetching url. rfc2136: by an update of the zone, at the name server of [dns-update]. " \
           "The password is set with sallyportctl dynamic-dns password.")                          \
  SETTING (LINE, dynamic_dns_url, "dynamic-dns", "url", 0,                                         \
           "", 0, SP_ERRAND_URL_MAX, "",                                                           \
           "Where the provider is told. dyndns2: its address, as in https://members.example.net; " \
           "what follows it is /nic/update unless another path is written. url: all of it, as "    \
           "in https://example.net/?name={name}&ip={ip}&token={password}, where {name}, {ip}, "    \
           "{ip6} and {password} stand for what they say; an answer that is a success is enough.") \
  SETTING (HOST_NAME, dynamic_dns_host, "dynamic-dns", "host", 0,                                  \
           "", 0, SP_DOMAIN_MAX, "",                                                               \
           "The name that is to lead here. Empty: name of [server].")                              \
  SETTING (LINE, dynamic_dns_user, "dynamic-dns", "user", 0,                                       \
           "", 0, SP_ERRAND_USER_MAX, "",                                                          \
           "The account at the provider. Empty: none is named, and with url the password is sent " \
           "nowhere but at {password}.")                                                           \
  SETTING (LINE, address_check_url, "dynamic-dns", "address-check-url", 0,                         \
           "", 0, SP_ERRAND_URL_MAX, "",                                                           \
           "Where the public address is asked for every ten minutes when this computer has none "  \
           "itself, being behind a router: a place that answers with the address and nothing "     \
           "else, as in https://checkip.example.net/. Empty: nowhere.")                            \
  /* who takes updates of a zone */                                                                \
  SETTING (LINE, dns_update_server, "dns-update", "server", 0,                                     \
           "", 0, SP_DOMAIN_MAX, "",                                                               \
           "Name server that takes updates of a zone (RFC 2136), by TCP: its name or address, and " \
           "its port if that is not 53, as in ns1.example.net, 192.0.2.53:5353 or "                \
           "[2001:db8::53]:5353.")                                                                 \
  SETTING (HOST_NAME, dns_update_zone, "dns-update", "zone", 0,                                    \
           "", 0, SP_DOMAIN_MAX, "",                                                               \
           "The zone there, as in example.net. With mode = rfc2136 of [dynamic-dns], A and AAAA of " \
           "the name are replaced there, to live for a minute; of a kind of address that this "    \
           "computer does not have, what is there stays.")                                         \
  SETTING (LINE, dns_update_key, "dns-update", "key", 0,                                           \
           "", 0, SP_ERRAND_USER_MAX, "",                                                          \
           "Name of the key that updates are signed with (TSIG, RFC 8945), as that server calls "  \
           "it. Its secret is set with sallyportctl dynamic-dns key.")                             \
  SETTING (CHOICE, dns_update_algorithm, "dns-update", "algorithm",                                \
           SP_WORD (HMAC_SHA256) | SP_WORD (HMAC_SHA384) | SP_WORD (HMAC_SHA512),                  \
           "hmac-sha256", 0, 0, "",                                                                \
           "How that key signs.")                                                                  \
  /* a certificate that everybody trusts */                                                        \
  SETTING (LINE, acme_directory, "acme", "directory", 0,                                           \
           "", 0, SP_ERRAND_URL_MAX, "",                                                           \
           "Where an authority that speaks ACME (RFC 8555) says what it has, as in "               \
           "https://acme.example.net/directory: while the server is on it is asked for a "         \
           "certificate of the server's names, again when it says so (ARI, RFC 9773) or at two "   \
           "thirds of its life, and the server serves with what comes. Empty: none is asked.")     \
  SETTING (BOOLEAN, acme_agree, "acme", "agree", 0,                                                \
           "no", 0, 0, "",                                                                         \
           "Whether you agree to the terms of that authority. One that has terms gives nothing "   \
           "without.")                                                                             \
  SETTING (LINE, acme_contact, "acme", "contact", 0,                                               \
           "", 0, SP_ACME_CONTACT_MAX, "",                                                         \
           "Address of mail that the authority is told, to write to when something is wrong. "     \
           "Empty: none.")                                                                         \
  SETTING (DOMAINS, acme_names, "acme", "names", SP_WORD (NONE),                                   \
           "none", 1, (SP_ACME_NAMES_MAX - 1), "",                                                 \
           "Names that the certificate is for, too, besides name of [server].")                    \
  SETTING (CHOICE, acme_proof, "acme", "proof",                                                    \
           SP_WORD (AUTO) | SP_WORD (TLS_ALPN_01) | SP_WORD (HTTP_01) | SP_WORD (DNS_01) | SP_WORD (HOOK), \
           "auto", 0, 0, "",                                                                       \
           "How the authority sees that a name leads to this server. tls-alpn-01: it looks at TCP " \
           "port 443 of each name. http-01: it looks at port 80, which the server opens for as "   \
           "long as that takes, and no other program may have. dns-01: it looks for a record "      \
           "before each name, which is put into the zone of [dns-update] and taken out again. "    \
           "hook: likewise, and the program that hook names puts it where it has to be. "          \
           "auto: in whichever way the authority and this server know, first at port 443, and "    \
           "when one fails, in another the next time.")                                            \
  SETTING (LINE, acme_hook, "acme", "hook", 0,                                                     \
           "", 0, SP_PATH_MAX, "",                                                                 \
           "Program that puts a TXT record before a name, where only it knows how, and takes it "  \
           "out: an absolute path of a file of root's that nobody else may change. It is run as "  \
           "the account sallyport-hook, without a shell, as PROGRAM present "                      \
           "_acme-challenge.vpn.example.net. TEXT, and afterwards with cleanup in the place of "   \
           "present. It has a minute, and ends with a status other than 0 when it failed; the end " \
           "of what it says goes to the log. Empty: none.")                                        \
  SETTING (NUMBER, acme_dns_wait, "acme", "dns-wait", 0,                                           \
           "10", 0, 120, "seconds",                                                                \
           "How long a record is there before the authority is told to look for it, so that all "  \
           "name servers of the zone have it. As for dns-01, for hook.")                           \
  SETTING (LINE, acme_authorities, "acme", "authorities", 0,                                       \
           "", 0, SP_PATH_MAX, "",                                                                 \
           "File of certificates (PEM) that may have signed that of the authority's own web "      \
           "server, besides those that this computer trusts, as an absolute path: for one in your " \
           "own house. Empty: none.")                                                              \
  /* what devices get and reach */                                                                 \
  SETTING (NETWORK_IPV4, ipv4_range, "network", "ipv4-range", SP_WORD (AUTO),                      \
           "auto", 1, 1, "",                                                                       \
           "IPv4 network that devices get their addresses from when they sign in; until then they " \
           "keep those that they have. auto: a private one that does not overlap with a network of " \
           "this computer.")                                                                       \
  SETTING (CHOICE, ipv6, "network", "ipv6", SP_WORD (NAT) | SP_WORD (ROUTED) | SP_WORD (REFUSED) | SP_WORD (OFF), \
           "nat", 0, 0, "",                                                                        \
           "How devices use IPv6, from their next sign-in on. nat: private addresses, translated " \
           "to the one of this computer. routed: addresses of ipv6-range, or of a prefix that is "  \
           "delegated to this computer. "                                                          \
           "refused: it ends here, so that with routes = all nothing goes past the tunnel. "       \
           "off: none; devices use what they have themselves.")                                    \
  SETTING (NETWORK_IPV6, ipv6_range, "network", "ipv6-range", SP_WORD (AUTO),                      \
           "auto", 1, 1, "",                                                                       \
           "IPv6 network that devices get their addresses from, likewise. auto: a private one, "   \
           "made at the first start, or with ipv6 = routed the first free one of a delegated prefix.") \
  SETTING (NETWORKS, routes, "network", "routes", SP_WORD (HOME) | SP_WORD (ALL),                  \
           "home", 1, SP_SETTING_ROUTES_MAX, "",                                                   \
           "What devices send through the tunnel. home: what is for the networks of this "         \
           "computer. all: everything. Or a list of networks.")                                    \
  SETTING (NETWORKS, excluded_routes, "network", "excluded-routes", SP_WORD (NONE),                \
           "none", 1, SP_ROUTES_MAX, "",                                                           \
           "Networks that devices reach without the tunnel, whatever routes says.")                \
  SETTING (ADDRESSES, dns, "network", "dns", SP_WORD (AUTO) | SP_WORD (NONE),                      \
           "auto", 1, SP_DNS_SERVERS_MAX, "",                                                      \
           "Name servers that devices ask. auto: those of this computer. none: devices keep "      \
           "their own.")                                                                           \
  SETTING (DOMAINS, domains, "network", "domains", SP_WORD (AUTO) | SP_WORD (NONE),                \
           "auto", 1, 16, "",                                                                      \
           "Domains in which devices look up short names. auto: those of this computer.")          \
  SETTING (DOMAINS, split_dns, "network", "split-dns", SP_WORD (NONE),                             \
           "none", 1, SP_SPLIT_DNS_DOMAINS, "",                                                    \
           "Domains that devices ask the name servers of dns for, and of everything else the ones " \
           "that they have themselves, where their system can. none: they ask those of dns for "   \
           "everything.")                                                                          \
  SETTING (BOOLEAN, masquerade, "network", "masquerade", 0,                                        \
           "yes", 0, 0, "",                                                                        \
           "Whether other computers see the devices under the IPv4 address of this computer. no: " \
           "the router must know the way to ipv4-range.")                                          \
  SETTING (BOOLEAN, clients_see_each_other, "network", "clients-see-each-other", 0,                \
           "no", 0, 0, "",                                                                         \
           "Whether devices may reach one another through the server.")                            \
  /* the tunnel's times and sizes */                                                               \
  SETTING (NUMBER, mtu, "tunnel", "mtu", SP_WORD (AUTO),                                           \
           "auto", SP_MTU_LINK_MIN_IPV4, SP_MTU_LINK_MAX, "bytes",                                 \
           "Largest packet of the network between devices and server. auto: found out.")           \
  SETTING (NUMBER, dpd, "tunnel", "dpd", SP_WORD (OFF),                                            \
           "90", 10, 86400, "seconds",                                                             \
           "Silence after which a device is asked whether it is still there.")                     \
  SETTING (NUMBER, mobile_dpd, "tunnel", "mobile-dpd", SP_WORD (SAME) | SP_WORD (OFF),             \
           "1800", 10, 86400, "seconds",                                                           \
           "The same for phones and tablets, whose batteries pay for each question. same: as dpd.") \
  SETTING (NUMBER, keepalive, "tunnel", "keepalive", SP_WORD (OFF),                                \
           "32400", 10, 604800, "seconds",                                                         \
           "Silence after which a device sends a small packet, so that routers keep the way open.") \
  SETTING (NUMBER, rekey, "tunnel", "rekey", SP_WORD (OFF),                                        \
           "172800", 5, 604800, "seconds",                                                         \
           "Age at which the keys of a tunnel are renewed. Some clients do not work with off. "    \
           "Each time costs both ends some work; less than minutes is for tests.")                 \
  SETTING (CHOICE, rekey_method, "tunnel", "rekey-method", SP_WORD (SSL) | SP_WORD (NEW_TUNNEL),   \
           "ssl", 0, 0, "",                                                                        \
           "How keys are renewed. ssl: within the connection, which nobody notices; a client that " \
           "cannot do it makes a new one. new-tunnel: by a new connection each time.")             \
  SETTING (NUMBER, idle_timeout, "tunnel", "idle-timeout", SP_WORD (NEVER),                        \
           "never", 60, 2592000, "seconds",                                                        \
           "A device that moves no data for this long is disconnected, however often it "          \
           "reconnects. Pings do not count as data.")                                              \
  SETTING (NUMBER, mobile_idle_timeout, "tunnel", "mobile-idle-timeout", SP_WORD (SAME) | SP_WORD (NEVER), \
           "same", 60, 2592000, "seconds",                                                         \
           "The same for phones and tablets. same: as idle-timeout.")                              \
  SETTING (NUMBER, session_timeout, "tunnel", "session-timeout", SP_WORD (NEVER),                  \
           "never", 60, 31536000, "seconds",                                                       \
           "A session ends this long after its person signed in, and the person signs in anew.")   \
  SETTING (NUMBER, cookie_timeout, "tunnel", "cookie-timeout", 0,                                  \
           "300", 15, 604800, "seconds",                                                           \
           "How long a device that lost its connection may come back without signing in.")         \
  SETTING (BOOLEAN, roaming, "tunnel", "roaming", 0,                                               \
           "yes", 0, 0, "",                                                                        \
           "Whether a device may come back from another address than the one that it signed in "   \
           "from, as phones do. no: it has to sign in again, and is not followed to another "      \
           "address without a new connection either.")                                             \
  SETTING (NUMBER, sessions_per_user, "tunnel", "sessions-per-user", SP_WORD (OFF),                \
           "10", 1, SP_SESSIONS_MAX, "",                                                           \
           "Devices of one person that may have a session at one time. The next one takes the "    \
           "place of the one that is away longest, or else of the one that signed in first. off: " \
           "no limit.")                                                                            \
  SETTING (CHOICE, compression, "tunnel", "compression",                                           \
           SP_WORD (OFF) | SP_WORD (LZ4) | SP_WORD (LZS) | SP_WORD (ANY),                          \
           "off", 0, 0, "",                                                                        \
           "How packets are made smaller, with devices that offer it. lz4: costs little. lzs: "    \
           "costs more; older clients know no other. any: what the device likes best. What is "    \
           "encrypted already does not become smaller, and from the length of a compressed "       \
           "packet others can guess what is in it: write off unless the line is slow.")            \
  SETTING (CHOICE, legacy_dtls, "tunnel", "legacy-dtls", SP_WORD (DTLS12) | SP_WORD (ALL) | SP_WORD (OFF), \
           "dtls12", 0, 0, "",                                                                     \
           "Fast channel of clients that do not make its keys from the tunnel's: AnyConnect and "  \
           "very old openconnect. dtls12: with DTLS 1.2. all: also as it was before the standard, " \
           "with SHA-1, for devices that know nothing else. off: they stay on TLS, which is slower.") \
  SETTING (BOOLEAN, legacy_dtls_challenge, "tunnel", "legacy-dtls-challenge", 0,                   \
           "no", 0, 0, "",                                                                         \
           "Whether such clients, where they speak DTLS 1.2, have to show that they receive at "   \
           "their address before the fast channel costs anything. Cisco's are not known to follow.") \
  SETTING (LINE, banner, "tunnel", "banner", 0,                                                    \
           "", 0, SP_BANNER_MAX, "",                                                               \
           "A line that clients show when the tunnel is up. Empty: none.")                         \
  /* what strangers may cost */                                                                    \
  SETTING (NUMBER, half_open_connections, "security", "half-open-connections", 0,                  \
           "256", 8, 4096, "",                                                                     \
           "Connections that have not said hello yet; beyond them new ones are turned away.")      \
  SETTING (NUMBER, hello_timeout, "security", "hello-timeout", 0,                                  \
           "5", 1, 60, "seconds",                                                                  \
           "How long a connection may take to say hello.")                                         \
  SETTING (NUMBER, unknown_clients, "security", "unknown-clients", 0,                              \
           "24", 2, 1024, "",                                                                      \
           "Clients that are served at one time without having signed in.")                        \
  SETTING (CHOICE, name_gate, "security", "name-gate",                                             \
           SP_WORD (OFF) | SP_WORD (NAME) | SP_WORD (LABEL),                                       \
           "off", 0, 0, "",                                                                        \
           "What a stranger's device has to call the server for the connection to get further "    \
           "than its first packet; the rest is closed before it costs anything. off: whatever "    \
           "it likes. name: by name of [server], or another name in the certificate; devices "     \
           "that were set up with an address cannot connect then. label: by a name of its own "    \
           "before that, as in k3v9q7.home.example.net, which every device has and an invitation " \
           "brings; the domain needs an entry for all names below it (a wildcard), and so does "   \
           "the certificate; the server sees to the one that it makes itself. Where somebody "     \
           "signed in within a day, no name is needed, but a label that was revoked is refused.")  \
  SETTING (LINE, login_banner, "security", "login-banner", 0,                                      \
           "", 0, SP_BANNER_MAX, "",                                                               \
           "A line above the sign-in form, for everybody who looks at it. Clients that ask in the " \
           "oldest way do not show it. Empty: none.")                                              \
  SETTING (LINE, default_group, "security", "default-group", 0,                                    \
           "Default", 1, SP_GROUP_LABEL_MAX, "",                                                   \
           "What the list of groups at the sign-in calls connecting without one. It is what people " \
           "get who choose nothing, and without a list at the address https://server/default. Where "  \
           "there are no groups there is no list.")                             \
  SETTING (LINE, stranger_answer, "security", "stranger-answer", 0,                                \
           "", 0, SP_STRANGER_ANSWER_MAX, "",                                                      \
           "A line for browsers, and for everybody else who shows no mark of a VPN client. Empty: " \
           "404, as if there was nothing.")                                                        \
  SETTING (NUMBER, ban_tries, "security", "ban-tries", SP_WORD (OFF),                              \
           "5", 1, 100, "",                                                                        \
           "Wrong passwords from one address within ten minutes after which it is not let in for " \
           "a while. Who signed in from there lately still is, and the home network always. off: " \
           "wrong passwords only make people wait.")                                               \
  SETTING (NUMBER, ban_time, "security", "ban-time", 0,                                            \
           "1200", 10, 2592000, "seconds",                                                         \
           "How long that is.")                                                                    \
  SETTING (CHOICE, sign_in, "security", "sign-in",                                                 \
           SP_WORD (PASSWORD) | SP_WORD (CERTIFICATE) | SP_WORD (CERTIFICATE_AND_PASSWORD) |       \
               SP_WORD (PASSWORD_OR_CERTIFICATE) | SP_WORD (PAM),                                  \
           "password-or-certificate", 0, 0, "",                                                    \
           "What people sign in with of whom nothing else is set. certificate: one that was made " \
           "for a device of theirs, as invitations do; who has it needs no password. "             \
           "certificate-and-password: both of the same person. Clients are asked for a certificate " \
           "only when there are some. A second step is asked for after a password only. "          \
           "pam: what the rules of this computer ask for, in the file sallyport of /etc/pam.d, of " \
           "an account of the same name.")                                                         \
  SETTING (CHOICE, second_step, "security", "second-step", SP_WORD (OFF) | SP_WORD (REQUIRED),     \
           "off", 0, 0, "",                                                                        \
           "Whether everybody needs a second step. required: who has none set up cannot sign in "  \
           "with a password, and is told why; what people have open goes on. A certificate that "  \
           "is enough by itself, and the password of a single program, need none. off: each "      \
           "person decides, or the owner for that person.")                                        \
  SETTING (CHOICE, tls, "security", "tls", SP_WORD (TLS_1_3) | SP_WORD (TLS_1_2),                  \
           "1.3", 0, 0, "",                                                                        \
           "Newest version of TLS that is offered; 1.2 is always there, older ones never are. "    \
           "1.2: for AnyConnect 4, of which some releases ask for 1.3 and fail with it.")          \
  SETTING (NUMBER, history_days, "log", "history-days", SP_WORD (NONE),                            \
           "90", 1, 3650, "days",                                                                  \
           "How long the history remembers a session that is over: who, from where, when, how "    \
           "much. none: nothing is kept. More than a million sessions never are.")                 \
  SETTING (ENDPOINTS, metrics, "log", "metrics", SP_WORD (OFF),                                    \
           "off", 1, SP_METRICS_LISTENERS_MAX, "",                                                 \
           "Where Prometheus, or another program of this computer, fetches figures while the server " \
           "is on: http://ADDRESS:PORT/metrics. Every account of this computer can read them; they " \
           "name nobody. Addresses of this computer to itself alone, such as 127.0.0.1:9464.")     \
  SETTING (CHOICE, log_level, "log", "level",                                                      \
           SP_WORD (ERROR) | SP_WORD (WARNING) | SP_WORD (NOTICE) | SP_WORD (DEBUG),               \
           "notice", 0, 0, "",                                                                     \
           "The least important lines that are written to the log.")                               \
  SETTING (LINE, backup_folder, "backup", "folder", 0,                                             \
           "", 0, SP_PATH_MAX, "",                                                                 \
           "Folder that gets an encrypted backup each week while the service runs, as an absolute " \
           "path. It is sealed with the passphrase that sallyportctl backup passphrase sets. "     \
           "Empty: none.")                                                                         \
  SETTING (NUMBER, backup_keep, "backup", "keep", 0,                                               \
           "8", 1, 520, "",                                                                        \
           "How many of these backups are kept; older ones are removed.")
/* clang-format on */
