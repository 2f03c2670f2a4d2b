/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/user-import.h"

#include <string.h>

/* What is read of files with people, and what becomes of these people. */

static SpUserFile *
parse (const char *text)
{
  return sp_user_file_parse (text, strlen (text));
}

static const SpFileUser *
user_of (const SpUserFile *file, guint i)
{
  g_assert_nonnull (file);
  g_assert_cmpuint (i, <, file->users->len);
  return file->users->pdata[i];
}

static void
test_tables (void)
{
  static const struct
  {
    const char *text;
    SpUserFileKind kind;
    guint n;
    const char *login;
    const char *full_name;
    const char *password;
    SpFileUserFault fault;
    const char *ignored;
  } cases[] = {
    { "anna,Anna Keller,horse\n", SP_USER_FILE_TABLE, 1, "anna", "Anna Keller", "horse", 0, "" },
    { "anna\r\nbob\r\n\r\n", SP_USER_FILE_TABLE, 2, "anna", "", NULL, 0, "" },
    { "Name;Login\nKeller, Anna;anna", SP_USER_FILE_TABLE, 1, "anna", "Keller, Anna", NULL, 0, "" },
    { "\xef\xbb\xbflogin\tpassword\tphone\nanna\t\"a \"\"b\"\"\tc\"\t1", SP_USER_FILE_TABLE, 1,
      "anna", "", "a \"b\"\tc", 0, "phone" },
    { "login,name\nanna,\"two\nlines\"\n", SP_USER_FILE_TABLE, 1, "anna", "two\nlines", NULL, 0,
      "" },
    { "login,until\nanna,31.3.2027\n", SP_USER_FILE_TABLE, 1, "anna", "", NULL,
      SP_FILE_USER_BAD_DATE, "" },
    { "login,name\n,Anna\n", SP_USER_FILE_TABLE, 1, "", "Anna", NULL, SP_FILE_USER_NO_LOGIN, "" },
    { "anna,\"never ends", SP_USER_FILE_TABLE, 1, "anna", "never ends", NULL, 0, "" },
    { "# people\nanna:*:$6$salt$hash\n", SP_USER_FILE_PASSWORDS, 1, "anna", "", NULL, 0, "" },
    { "anna:staff:!$1$salt$hash\nnonsense\n", SP_USER_FILE_PASSWORDS, 2, "anna", "", NULL, 0, "" },
    { "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Anna\\, K\r\n eller\r\nEND:VCARD\r\n", SP_USER_FILE_CARD, 1,
      "", "Anna, Keller", NULL, 0, "" },
    { "begin:vcard\nFN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:J=C3=B6rg\n", SP_USER_FILE_CARD, 1,
      "", "J\xc3\xb6rg", NULL, 0, "" },
    { "BEGIN:VCARD\nFNORD:x\nN:Keller;Anna\nEND:VCARD\n", SP_USER_FILE_CARD, 1, "", "", NULL, 0,
      "" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (SpUserFile) file = parse (cases[i].text);
      const SpFileUser *user = user_of (file, 0);

      g_test_message ("%s", cases[i].text);
      g_assert_cmpint (file->kind, ==, cases[i].kind);
      g_assert_cmpuint (file->users->len, ==, cases[i].n);
      g_assert_cmpstr (user->login, ==, cases[i].login);
      g_assert_cmpstr (user->full_name, ==, cases[i].full_name);
      g_assert_cmpstr (user->password, ==, cases[i].password);
      g_assert_cmpint (user->fault, ==, cases[i].fault);
      g_assert_cmpstr (file->ignored, ==, cases[i].ignored);
    }
}

static void
test_details (void)
{
  g_autoptr (SpUserFile) locked = parse ("anna:a,b:!$6$s$h\nbob:*:$y$x\nnone\n");
  g_autoptr (SpUserFile) dated = parse ("login,until\n\nanna,2027-03-31\n");
  g_autoptr (SpUserFile) cards = parse ("BEGIN:VCARD\nFN:A\nEND:VCARD\nBEGIN:VCARD\nFN:B\n");
  g_autoptr (GDateTime) end = NULL;

  g_assert_true (user_of (locked, 0)->is_locked);
  g_assert_cmpstr (user_of (locked, 0)->hash, ==, "$6$s$h");
  g_assert_false (user_of (locked, 1)->is_locked);
  g_assert_cmpint (user_of (locked, 2)->fault, ==, SP_FILE_USER_STRANGE);
  g_assert_cmpuint (user_of (locked, 2)->line, ==, 3);
  end = g_date_time_new_from_unix_local (user_of (dated, 0)->ends_at / G_USEC_PER_SEC);
  g_assert_cmpuint (user_of (dated, 0)->line, ==, 3);
  g_assert_cmpint (g_date_time_get_day_of_month (end), ==, 31);
  g_assert_cmpint (g_date_time_get_hour (end), ==, 23);
  g_assert_true (cards->has_more);
  g_assert_cmpstr (user_of (cards, 0)->full_name, ==, "A");
}

static void
test_limits (void)
{
  g_autoptr (GString) many = g_string_new ("login\n");
  g_autoptr (GString) large = g_string_new (NULL);
  g_autoptr (SpUserFile) file = NULL;

  for (guint i = 0; i < SP_USER_FILE_ROWS_MAX + 5; i++)
    g_string_append_printf (many, "u%u\n", i);
  file = parse (many->str);
  g_assert_cmpuint (user_of (file, 0)->line, ==, 2);
  g_assert_cmpuint (file->users->len, ==, SP_USER_FILE_ROWS_MAX);
  g_assert_true (file->has_more);
  while (large->len <= SP_USER_FILE_SIZE_MAX)
    g_string_append (large, "someone,of a name\n");
  g_assert_null (sp_user_file_parse (large->str, large->len));
  g_assert_null (sp_user_file_parse ("a\xff", 2));
  g_assert_null (sp_user_file_parse ("a\0b", 3));
  g_assert_null (sp_user_file_parse ("", 0));
  g_assert_null (parse ("login,name\n"));
}

static void
add_user (GListStore *users, const char *login, const char *full_name, gboolean removed)
{
  g_autoptr (SpBusUser) user = sp_bus_user_skeleton_new ();

  sp_bus_user_set_login (user, login);
  sp_bus_user_set_full_name (user, full_name);
  sp_bus_user_set_removed (user, removed);
  g_list_store_append (users, user);
}

static void
test_plan (void)
{
  static const struct
  {
    const char *line;
    SpImportOutcome outcome;
    SpImportReason reason;
  } cases[] = {
    { "carl,Carl,secret", SP_IMPORT_NEW, SP_IMPORT_FINE },
    { "dora,Dora", SP_IMPORT_NEW, SP_IMPORT_NO_PASSWORD },
    { "carl,Carl again,secret", SP_IMPORT_SKIPPED, SP_IMPORT_TWICE },
    { "anna,Anna Keller", SP_IMPORT_SKIPPED, SP_IMPORT_SAME },
    { "bob,Bob Miller,other", SP_IMPORT_UPDATED, SP_IMPORT_FINE },
    { "gone,Gone", SP_IMPORT_SKIPPED, SP_IMPORT_REMOVED },
    { "two words,x", SP_IMPORT_SKIPPED, SP_IMPORT_BAD_LOGIN },
    { ",Nobody", SP_IMPORT_SKIPPED, SP_IMPORT_NO_LOGIN },
  };
  g_autoptr (GListStore) users = g_list_store_new (SP_BUS_TYPE_USER);
  g_autoptr (GString) text = g_string_new ("login,name,password\n");
  g_autoptr (SpUserFile) file = NULL;
  g_autoptr (SpUserImport) import = NULL;

  add_user (users, "anna", "Anna Keller", FALSE);
  add_user (users, "bob", "Bob", FALSE);
  add_user (users, "gone", "", TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    g_string_append_printf (text, "%s\n", cases[i].line);
  file = parse (text->str);
  import = sp_user_import_plan (file, G_LIST_MODEL (users));
  g_assert_cmpuint (import->people->len, ==, G_N_ELEMENTS (cases));
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const SpImportPerson *person = import->people->pdata[i];

      g_test_message ("%s", cases[i].line);
      g_assert_cmpint (person->outcome, ==, cases[i].outcome);
      g_assert_cmpint (person->reason, ==, cases[i].reason);
      g_assert_cmpint (person->known != NULL, ==, person->outcome == SP_IMPORT_UPDATED);
    }
  g_assert_cmpuint (import->counts[SP_IMPORT_NEW], ==, 2);
  g_assert_cmpuint (import->counts[SP_IMPORT_UPDATED], ==, 1);
  g_assert_cmpuint (import->counts[SP_IMPORT_SKIPPED], ==, 5);
}

static void
test_hashes (void)
{
  g_autoptr (GListStore) users = g_list_store_new (SP_BUS_TYPE_USER);
  g_autoptr (SpUserFile) file = parse ("a:*:$6$s$h\nb:*:$1$s$h\nc:*:!$y$s$h\nd:*:x\n");
  g_autoptr (SpUserImport) import = sp_user_import_plan (file, G_LIST_MODEL (users));
  const SpImportPerson *locked = import->people->pdata[2];
  g_autoptr (GVariant) values = g_variant_ref_sink (sp_import_person_create_values (locked));
  gboolean enabled = TRUE;

  g_assert_cmpuint (import->counts[SP_IMPORT_NEW], ==, 4);
  g_assert_cmpint (((SpImportPerson *) import->people->pdata[0])->reason, ==, SP_IMPORT_FINE);
  g_assert_cmpint (((SpImportPerson *) import->people->pdata[1])->reason, ==, SP_IMPORT_OLD_HASH);
  g_assert_cmpint (((SpImportPerson *) import->people->pdata[3])->reason, ==, SP_IMPORT_OLD_HASH);
  g_assert_true (g_variant_lookup (values, "Enabled", "b", &enabled));
  g_assert_false (enabled);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/user-file/tables", test_tables);
  g_test_add_func ("/user-file/details", test_details);
  g_test_add_func ("/user-file/limits", test_limits);
  g_test_add_func ("/user-file/plan", test_plan);
  g_test_add_func ("/user-file/hashes", test_hashes);
  return g_test_run ();
}
