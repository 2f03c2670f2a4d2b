/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "path-policy.h"

#include <string.h>

static const struct
{
  SpHttpMethod method;
  const char *target;
  SpPathUse use;
} table[] = {
  { SP_HTTP_GET, "/", SP_PATH_FORM },
  { SP_HTTP_GET, "/?x=/y", SP_PATH_FORM },
  { SP_HTTP_GET, "/auth", SP_PATH_FORM },
  { SP_HTTP_GET, "/auth/x.y", SP_PATH_FORM },
  { SP_HTTP_GET, "/VPN?x", SP_PATH_FORM },
  { SP_HTTP_GET, "/family", SP_PATH_FORM },
  { SP_HTTP_GET, "/Our-family_2?a=b", SP_PATH_FORM },
  { SP_HTTP_GET, "/family/x", SP_PATH_NOTHING },
  { SP_HTTP_GET, "/favicon.ico", SP_PATH_NOTHING },
  { SP_HTTP_GET, "//", SP_PATH_NOTHING },
  { SP_HTTP_GET, "/a b", SP_PATH_NOTHING },
  { SP_HTTP_GET, "/../etc/passwd", SP_PATH_NOTHING },
  { SP_HTTP_GET, "", SP_PATH_NOTHING },
  { SP_HTTP_GET, "/VPNManifest.xml", SP_PATH_DOCUMENT },
  { SP_HTTP_GET, "/VPNManifest.xml?x", SP_PATH_DOCUMENT },
  { SP_HTTP_GET, "/VPNManifest.xml/x", SP_PATH_DOCUMENT },
  { SP_HTTP_GET, "/VPNManifest.xmlx", SP_PATH_NOTHING },
  { SP_HTTP_GET, "/1/VPNManifest.xml", SP_PATH_DOCUMENT },
  { SP_HTTP_GET, "/1/Linux", SP_PATH_DOCUMENT },
  { SP_HTTP_GET, "/1/Linux_64", SP_PATH_DOCUMENT },
  { SP_HTTP_GET, "/1/Linux_65", SP_PATH_NOTHING },
  { SP_HTTP_GET, "/1/Linux/x", SP_PATH_DOCUMENT },
  { SP_HTTP_GET, "/1/", SP_PATH_NOTHING },
  { SP_HTTP_GET, "/+CSCOT+/translation-table?a", SP_PATH_DOCUMENT },
  { SP_HTTP_GET, "/+CSCOT+/translation-tables", SP_PATH_NOTHING },
  { SP_HTTP_GET, "/+CSCOT+/trans", SP_PATH_NOTHING },
  { SP_HTTP_GET, "/logout", SP_PATH_DOCUMENT },
  { SP_HTTP_GET, "/svc", SP_PATH_DOCUMENT },
  { SP_HTTP_GET, "/svc2", SP_PATH_FORM },
  { SP_HTTP_GET, "/profiles", SP_PATH_NOTHING },
  { SP_HTTP_GET, "/profiles/home.xml", SP_PATH_NOTHING },
  { SP_HTTP_POST, "/", SP_PATH_SIGN_IN },
  { SP_HTTP_POST, "/?q", SP_PATH_SIGN_IN },
  { SP_HTTP_POST, "/auth", SP_PATH_SIGN_IN },
  { SP_HTTP_POST, "/VPN", SP_PATH_SIGN_IN },
  { SP_HTTP_POST, "/any/thing.at?all", SP_PATH_SIGN_IN },
  { SP_HTTP_POST, "/svc", SP_PATH_PHONE },
  { SP_HTTP_POST, "/svc?x", SP_PATH_PHONE },
  { SP_HTTP_POST, "/svc/x", SP_PATH_SIGN_IN },
  { SP_HTTP_OTHER, "/", SP_PATH_NOTHING },
  { SP_HTTP_OTHER, "*", SP_PATH_NOTHING },
};

static void
test_uses (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_test_message ("%s", table[i].target);
      g_assert_cmpint (
          sp_path_policy_find (table[i].method, table[i].target, strlen (table[i].target))->use, ==,
          table[i].use);
    }
}

static void
test_documents (void)
{
  static const struct
  {
    const char *path;
    const char *type;
    const char *body;
  } documents[] = {
    { "/VPNManifest.xml", "text/xml; charset=utf-8",
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<vpn rev=\"1.0\">\n</vpn>\n" },
    { "/1/binaries/update.txt", "text/plain", "0,0,0000\n" },
    { "/1/binaries/vpndownloader.sh", "application/x-shellscript", "#!/bin/sh\nexit 0\n" },
    { "/1/index.html", "text/html", "<html></html>\n" },
    { "/svc", NULL, "" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (documents); i++)
    {
      const SpPathPolicy *policy =
          sp_path_policy_find (SP_HTTP_GET, documents[i].path, strlen (documents[i].path));

      g_assert_cmpstr (policy->type, ==, documents[i].type);
      g_assert_cmpstr (policy->body, ==, documents[i].body);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/path-policy/uses", test_uses);
  g_test_add_func ("/path-policy/documents", test_documents);
  return g_test_run ();
}
