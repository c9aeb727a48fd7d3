/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-arguments.c: reading usage lines as grammars, and command lines by them.
 */
#include "config.h"
#include <glib/gi18n-lib.h>

#include <string.h>

#include "tessera-arguments.h"

G_DEFINE_QUARK (tessera - cli - error - quark, tessera_cli_error)

/* What a usage line says. Option names map to whether they take a value; @required are those outside
 * brackets. */
typedef struct {
  GHashTable *options;
  GPtrArray *required;
  guint least;
  guint most;
} Grammar;

struct _TesseraArguments {
  const TesseraCommand *command;
  char *noun;
  char *half_verb;
  GHashTable *own;
  GHashTable *general;
  GPtrArray *arguments;
};

static void
grammar_free (Grammar *self) {
  g_hash_table_unref (self->options);
  g_ptr_array_unref (self->required);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Grammar, grammar_free)

static void
grammar_add_option (Grammar *self, const char *name, gboolean takes_value, gboolean optional) {
  g_hash_table_insert (self->options, g_strdup (name), GINT_TO_POINTER (takes_value));
  if (!optional)
    g_ptr_array_add (self->required, g_strdup (name));
}

static void
grammar_add_argument (Grammar *self, const char *word, gboolean optional) {
  if (!optional)
    self->least++;
  if (g_str_has_suffix (word, "…"))
    self->most = G_MAXUINT;
  else if (self->most != G_MAXUINT)
    self->most++;
}

/* Takes the brackets around a word off: adds opening ones to @depth and gives the number of closing ones.
 * Brackets inside, as in "DOMAIN=WORKER[/CLIENT]…", are part of the word. */
static guint
strip_brackets (char *word, guint *depth) {
  gsize length;
  guint closing = 0;

  while (*word == '[') {
    memmove (word, word + 1, strlen (word));
    (*depth)++;
  }
  for (length = strlen (word); length > 0 && word[length - 1] == ']' && strchr (word, '[') == NULL;
       length--) {
    word[length - 1] = '\0';
    closing++;
  }
  return closing;
}

/* Words are parted by blanks and bars. After an option without a bar, closing bracket or end behind it comes
 * its value; "a|b|c" is one value. */
static Grammar *
grammar_new (const char *usage) {
  Grammar *self = g_new0 (Grammar, 1);
  guint depth = 0;
  gboolean value_follows = FALSE;

  self->options = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->required = g_ptr_array_new_with_free_func (g_free);
  for (const char *at = usage; *at != '\0'; at += *at != '\0') {
    gsize length = strcspn (at, " |");
    g_autofree char *word = g_strndup (at, length);
    guint closing = strip_brackets (word, &depth);

    at += length;
    if (g_str_has_prefix (word, "--")) {
      value_follows = closing == 0 && at[0] == ' ' && strchr ("[-|", at[1]) == NULL;
      grammar_add_option (self, word + 2, value_follows, depth > 0);
    } else if (*word != '\0' && value_follows) {
      value_follows = *at == '|';
    } else if (*word != '\0') {
      grammar_add_argument (self, word, depth > 0);
    }
    depth -= closing;
  }
  return self;
}

static TesseraArguments *
tessera_arguments_new (void) {
  TesseraArguments *self = g_new0 (TesseraArguments, 1);

  self->own = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->general = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->arguments = g_ptr_array_new_with_free_func (g_free);
  return self;
}

void
tessera_arguments_free (TesseraArguments *self) {
  g_free (self->noun);
  g_free (self->half_verb);
  g_hash_table_unref (self->own);
  g_hash_table_unref (self->general);
  g_ptr_array_unref (self->arguments);
  g_free (self);
}

static const TesseraCommand *
find_noun (const TesseraCommand *const *commands, const char *noun) {
  for (guint i = 0; commands[i] != NULL; i++) {
    for (const TesseraCommand *command = commands[i]; command->noun != NULL; command++) {
      if (g_str_equal (command->noun, noun))
        return command;
    }
  }
  return NULL;
}

/* Verbs of one noun stand together, beginning at @first. */
static const TesseraCommand *
find_verb (const TesseraCommand *first, const char *verb) {
  for (const TesseraCommand *command = first; command->noun != NULL; command++) {
    if (g_str_equal (command->noun, first->noun) && g_strcmp0 (command->verb, verb) == 0)
      return command;
  }
  return NULL;
}

/* Whether a verb of two words begins with @word. */
static gboolean
begins_verb (const TesseraCommand *first, const char *word) {
  g_autofree char *prefix = g_strconcat (word, " ", NULL);

  for (const TesseraCommand *command = first; command->noun != NULL; command++) {
    if (g_str_equal (command->noun, first->noun) && command->verb != NULL && g_str_has_prefix (command->verb, prefix))
      return TRUE;
  }
  return FALSE;
}

/* Takes one option, with its value from behind "=" or from the next word. */
static gboolean
take_option (GHashTable *options, const Grammar *grammar, const char *name, const char *value,
             const char *const **words, GError **error) {
  gboolean takes_value = GPOINTER_TO_INT (g_hash_table_lookup (grammar->options, name));

  if (g_hash_table_contains (options, name)) {
    g_set_error (error, TESSERA_CLI_ERROR, TESSERA_CLI_ERROR_USAGE, _("The option --%s is given twice."),
                 name);
    return FALSE;
  }
  if (!takes_value && value != NULL) {
    g_set_error (error, TESSERA_CLI_ERROR, TESSERA_CLI_ERROR_USAGE, _("The option --%s takes no value."),
                 name);
    return FALSE;
  }
  if (takes_value && value == NULL) {
    value = (*words)[1];
    if (value == NULL || g_str_has_prefix (value, "--")) {
      g_set_error (error, TESSERA_CLI_ERROR, TESSERA_CLI_ERROR_USAGE,
                   _("The option --%s needs a value; one that begins with dashes is written --%s=VALUE."),
                   name, name);
      return FALSE;
    }
    (*words)++;
  }
  g_hash_table_insert (options, g_strdup (name), g_strdup (value != NULL ? value : ""));
  return TRUE;
}

static gboolean
take_dashed (TesseraArguments *self, const Grammar *general, const Grammar *own, const char *const **words,
             GError **error) {
  const char *word = **words;
  const char *equals = strchr (word, '=');
  g_autofree char *name = NULL;

  if (g_str_equal (word, "-h"))
    word = "--help";
  if (!g_str_has_prefix (word, "--")) {
    g_set_error (error, TESSERA_CLI_ERROR, TESSERA_CLI_ERROR_USAGE,
                 _("There is no option %s; put “--” before arguments that begin with a dash."), word);
    return FALSE;
  }
  name = equals != NULL ? g_strndup (word + 2, equals - word - 2) : g_strdup (word + 2);
  if (own != NULL && g_hash_table_contains (own->options, name))
    return take_option (self->own, own, name, equals != NULL ? equals + 1 : NULL, words, error);
  if (g_hash_table_contains (general->options, name))
    return take_option (self->general, general, name, equals != NULL ? equals + 1 : NULL, words, error);
  g_set_error (error, TESSERA_CLI_ERROR, TESSERA_CLI_ERROR_USAGE, _("There is no option --%s here."), name);
  return FALSE;
}

static gboolean
check_complete (TesseraArguments *self, const Grammar *grammar, GError **error) {
  for (guint i = 0; i < grammar->required->len; i++) {
    const char *name = g_ptr_array_index (grammar->required, i);

    if (!g_hash_table_contains (self->own, name) && !g_hash_table_contains (self->general, name)) {
      g_set_error (error, TESSERA_CLI_ERROR, TESSERA_CLI_ERROR_USAGE, _("The option --%s is missing."),
                   name);
      return FALSE;
    }
  }
  if (self->arguments->len < grammar->least) {
    g_set_error_literal (error, TESSERA_CLI_ERROR, TESSERA_CLI_ERROR_USAGE, _("An argument is missing."));
    return FALSE;
  }
  if (self->arguments->len > grammar->most) {
    g_set_error (error, TESSERA_CLI_ERROR, TESSERA_CLI_ERROR_USAGE, _("There is one argument too many: %s"),
                 (char *) g_ptr_array_index (self->arguments, grammar->most));
    return FALSE;
  }
  return TRUE;
}

/* A verb is one word, or two that stand together in the table ("circle add"). */
static gboolean
take_verb (TesseraArguments *self, const TesseraCommand *first, const char *word, GError **error) {
  g_autofree char *verb = self->half_verb != NULL ? g_strdup_printf ("%s %s", self->half_verb, word) : g_strdup (word);

  self->command = find_verb (first, verb);
  if (self->command != NULL)
    return TRUE;
  if (self->half_verb == NULL && begins_verb (first, word)) {
    self->half_verb = g_strdup (word);
    return TRUE;
  }
  g_set_error (error, TESSERA_CLI_ERROR, TESSERA_CLI_ERROR_USAGE, _("There is no command “%s %s”."), self->noun, verb);
  return FALSE;
}

/* The first word that is no option is the noun, the second the verb, the others are arguments. */
static gboolean
take_word (TesseraArguments *self, const TesseraCommand *const *commands, const TesseraCommand **first,
           const char *word, GError **error) {
  if (*first == NULL) {
    *first = find_noun (commands, word);
    if (*first == NULL) {
      g_set_error (error, TESSERA_CLI_ERROR, TESSERA_CLI_ERROR_USAGE, _("There is no command “%s”."), word);
      return FALSE;
    }
    self->noun = g_strdup (word);
    self->command = find_verb (*first, NULL);
    return TRUE;
  }
  if (self->command == NULL)
    return take_verb (self, *first, word, error);
  g_ptr_array_add (self->arguments, g_strdup (word));
  return TRUE;
}

TesseraArguments *
tessera_arguments_parse (const TesseraCommand *const *commands, const char *const *words,
                         const TesseraCommand **ret_command, GError **error) {
  g_autoptr (TesseraArguments) self = tessera_arguments_new ();
  g_autoptr (Grammar) general = grammar_new (TESSERA_GENERAL_USAGE);
  g_autoptr (Grammar) own = NULL;
  const TesseraCommand *first = NULL;
  gboolean dashes_end = FALSE;

  if (ret_command != NULL)
    *ret_command = NULL;
  for (; *words != NULL; words++) {
    if (!dashes_end && g_str_equal (*words, "--")) {
      dashes_end = TRUE;
    } else if (!dashes_end && **words == '-' && (*words)[1] != '\0') {
      if (!take_dashed (self, general, own, &words, error))
        return NULL;
    } else if (!take_word (self, commands, &first, *words, error)) {
      return NULL;
    }
    if (own == NULL && self->command != NULL) {
      own = grammar_new (self->command->usage);
      if (ret_command != NULL)
        *ret_command = self->command;
    }
  }
  if (tessera_arguments_has (self, "help") || tessera_arguments_has (self, "version"))
    return g_steal_pointer (&self);
  if (self->command == NULL) {
    g_set_error_literal (error, TESSERA_CLI_ERROR, TESSERA_CLI_ERROR_USAGE,
                         first == NULL ? _("What shall be done is missing.")
                                       : _("The second word is missing."));
    return NULL;
  }
  if (!check_complete (self, own, error))
    return NULL;
  return g_steal_pointer (&self);
}

const TesseraCommand *
tessera_arguments_get_command (TesseraArguments *self) {
  return self->command;
}

const char *
tessera_arguments_get_noun (TesseraArguments *self) {
  return self->noun;
}

const char *
tessera_arguments_get_option (TesseraArguments *self, const char *name) {
  return g_hash_table_lookup (self->own, name);
}

const char *
tessera_arguments_get_general (TesseraArguments *self, const char *name) {
  return g_hash_table_lookup (self->general, name);
}

gboolean
tessera_arguments_has (TesseraArguments *self, const char *name) {
  return g_hash_table_contains (self->own, name) || g_hash_table_contains (self->general, name);
}

const char *
tessera_arguments_get (TesseraArguments *self, guint place) {
  return place < self->arguments->len ? g_ptr_array_index (self->arguments, place) : NULL;
}

guint
tessera_arguments_count (TesseraArguments *self) {
  return self->arguments->len;
}

char *
tessera_command_format_usage (const TesseraCommand *command) {
  GString *line = g_string_new ("tessera-cli ");

  g_string_append (line, command->noun);
  if (command->verb != NULL)
    g_string_append_printf (line, " %s", command->verb);
  if (*command->usage != '\0')
    g_string_append_printf (line, " %s", command->usage);
  return g_string_free (line, FALSE);
}
