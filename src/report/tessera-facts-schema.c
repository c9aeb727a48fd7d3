/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-facts-schema.c: SQL for PostgreSQL's psql: the tables, how to fill them from the files, and questions one
 * would ask them.
 *
 * Everything is in a schema of its own, so that two exports are never mixed. English only: it is read by analysts and
 * by programs.
 */
#include "config.h"

#include "tessera-facts-private.h"

/* The schema is named when psql is called: psql -v facts=harbor_2026 … */
#define CHOOSE_SCHEMA \
  "\\set ON_ERROR_STOP on\n" \
  "\\if :{?facts} \\else \\set facts tessera_facts \\endif\n"
#define USE_SCHEMA "SET search_path TO :\"facts\";\n"
#define WARNING_ROWS \
  "-- Pseudonymized personal data: rows are about persons, and who knows one of them may recognize them.\n" \
  "-- Keep it as such (GDPR, article 4 (5)); do not join it with other data about people.\n"
#define WARNING_COUNTS "-- Counts of people, small ones hidden.\n"

static void
append_codes (GString *sql, const TesseraFactsColumn *column) {
  g_autoptr (GPtrArray) codes = tessera_facts_list_codes (column);

  g_string_append_printf (sql, "text CHECK (%s IN (", column->name);
  for (guint i = 0; i < codes->len; i++)
    g_string_append_printf (sql, "%s'%s'", i ? ", " : "", (const char *) codes->pdata[i]);
  g_string_append (sql, "))");
}

static void
append_type (GString *sql, const TesseraFactsColumn *column) {
  const char *name = column->name;

  switch (column->kind) {
  case TESSERA_COLUMN_PERSON:
    g_string_append (sql, "bigint REFERENCES person");
    break;
  case TESSERA_COLUMN_VISIT:
    g_string_append (sql, "bigint REFERENCES visit");
    break;
  case TESSERA_COLUMN_DAY:
    g_string_append (sql, "date");
    break;
  case TESSERA_COLUMN_WEEK:
    g_string_append_printf (sql, "date CHECK (extract (isodow FROM %s) = 1)", name);
    break;
  case TESSERA_COLUMN_MONTH:
    g_string_append_printf (sql, "date CHECK (extract (day FROM %s) = 1)", name);
    break;
  case TESSERA_COLUMN_CODE:
    append_codes (sql, column);
    break;
  case TESSERA_COLUMN_LANGUAGE:
    g_string_append_printf (sql, "text CHECK (%s ~ '^([a-z]{2,3}|other|unrecorded|suppressed)$')", name);
    break;
  case TESSERA_COLUMN_NUMBER:
    g_string_append_printf (sql, "integer CHECK (%s BETWEEN %d AND %d)", name, column->least, column->most);
    break;
  case TESSERA_COLUMN_FLAG:
    g_string_append (sql, "boolean");
    break;
  case TESSERA_COLUMN_KEY:
  default:
    g_string_append_printf (sql, "bigint CHECK (%s > 0)", name);
  }
}

static void
append_comment (GString *sql, const char *what, const char *table, const char *column, const char *comment) {
  g_auto (GStrv) pieces = g_strsplit (comment, "'", -1);
  g_autofree char *quoted = g_strjoinv ("''", pieces);

  g_string_append_printf (sql, "COMMENT ON %s %s%s%s IS '%s';\n", what, table, column ? "." : "", column ? column : "",
                          quoted);
}

static void
append_table (GString *sql, const TesseraFactsTable *table) {
  g_string_append_printf (sql, "\nCREATE TABLE %s (\n", table->name);
  for (guint i = 0; i < table->n_columns; i++) {
    const TesseraFactsColumn *column = &table->columns[i];

    g_string_append_printf (sql, "  %s ", column->name);
    append_type (sql, column);
    g_string_append (sql, column->is_optional ? ",\n" : " NOT NULL,\n");
  }
  g_string_append_printf (sql, "  PRIMARY KEY (%s)\n);\n",
                          table->primary_key ? table->primary_key : table->columns[0].name);
  for (guint i = 1; i < table->n_columns; i++)
    if (table->columns[i].kind == TESSERA_COLUMN_PERSON)
      g_string_append_printf (sql, "CREATE INDEX ON %s (person);\n", table->name);
  append_comment (sql, "TABLE", table->name, NULL, table->comment);
  for (guint i = 0; i < table->n_columns; i++)
    append_comment (sql, "COLUMN", table->name, table->columns[i].name, table->columns[i].comment);
}

char *
tessera_facts_format_schema (gboolean aggregate) {
  GString *sql = g_string_new (aggregate ? WARNING_COUNTS : WARNING_ROWS);

  g_string_append (sql, "-- To choose another name for the schema: psql -v facts=NAME …\n" CHOOSE_SCHEMA
                        "CREATE SCHEMA :\"facts\";\n" USE_SCHEMA);
  for (TesseraFactsTableId id = 0; id < TESSERA_N_TABLES; id++)
    if (tessera_facts_has_table (id, aggregate))
      append_table (sql, tessera_facts_get_table (id));
  return g_string_free (sql, FALSE);
}

char *
tessera_facts_format_load (gboolean aggregate) {
  GString *sql = g_string_new ("-- After schema.sql, in the folder of the files: psql -f load.sql\n" CHOOSE_SCHEMA
                               USE_SCHEMA "BEGIN;\n");

  for (TesseraFactsTableId id = 0; id < TESSERA_N_TABLES; id++) {
    const char *name = tessera_facts_get_table (id)->name;

    if (tessera_facts_has_table (id, aggregate))
      g_string_append_printf (sql, "\\copy %s FROM '%s.csv' WITH (FORMAT csv, HEADER, ENCODING 'UTF8')\n", name, name);
  }
  g_string_append (sql, "COMMIT;\nANALYZE;\n");
  return g_string_free (sql, FALSE);
}

static const char row_queries[] =
  "\n-- People served, by month and step\n"
  "SELECT date_trunc ('month', v.week)::date AS month, p.step, count (DISTINCT v.person) AS people\n"
  "FROM visit v JOIN person p USING (person) GROUP BY 1, 2 ORDER BY 1, 2;\n"
  "\n-- Visits in which a domain was talked about\n"
  "SELECT d.domain, count (*) AS visits, count (DISTINCT v.person) AS people\n"
  "FROM visit_domain d JOIN visit v USING (visit) GROUP BY 1 ORDER BY 2 DESC, 1;\n"
  "\n-- New people by month, and how many of them came again in a later week\n"
  "SELECT r.month, count (*) AS people, count (*) FILTER (WHERE v.weeks > 1) AS came_again\n"
  "FROM registration r LEFT JOIN (SELECT person, count (DISTINCT week) AS weeks FROM visit GROUP BY 1) v\n"
  "  USING (person)\n"
  "GROUP BY 1 ORDER BY 1;\n"
  "\n-- Months from registration to inclusion\n"
  "SELECT count (*) AS people, percentile_cont (0.5) WITHIN GROUP (ORDER BY months) AS median,\n"
  "  percentile_cont (0.9) WITHIN GROUP (ORDER BY months) AS nine_of_ten\n"
  "FROM (SELECT person, min (months_since_registration) AS months FROM step_change\n"
  "  WHERE to_step = 'inclusion' AND way IN ('first', 'forward') GROUP BY 1) first;\n"
  "\n-- Referrals by outcome, and the median days to the first answer\n"
  "SELECT outcome, count (*) AS referrals,\n"
  "  percentile_cont (0.5) WITHIN GROUP (ORDER BY days_to_answer) AS median_days\n"
  "FROM referral GROUP BY 1 ORDER BY 2 DESC, 1;\n"
  "\n-- Service gaps: what was asked for, not given, and why\n"
  "SELECT theme, count (*) AS referrals, count (*) FILTER (WHERE outcome = 'declined') AS declined,\n"
  "  count (*) FILTER (WHERE outcome = 'unanswered') AS unanswered,\n"
  "  mode () WITHIN GROUP (ORDER BY declined_because) AS most_frequent_reason\n"
  "FROM referral GROUP BY 1 ORDER BY 3 + 4 DESC, 1;\n"
  "\n-- Needs not met at the end of the period\n"
  "SELECT n.domain, count (*) AS needs, count (*) FILTER (WHERE n.urgent) AS urgent,\n"
  "  count (DISTINCT n.person) AS people,\n"
  "  percentile_cont (0.5) WITHIN GROUP (ORDER BY (e.to_day - n.opened) / 30.4) AS median_months_open\n"
  "FROM need n CROSS JOIN export e WHERE n.met IS NULL GROUP BY 1 ORDER BY 2 DESC, 1;\n"
  "\n-- Language and mediator: where one is lacking\n"
  "SELECT p.language, count (*) AS visits,\n"
  "  count (*) FILTER (WHERE v.mediator IN ('present', 'phone')) AS with_mediator,\n"
  "  count (*) FILTER (WHERE v.mediator = 'not-available') AS lacked_one\n"
  "FROM visit v JOIN person p USING (person) GROUP BY 1 ORDER BY 4 DESC, 1;\n"
  "\n-- Change of level from the first to the last month with an assessment, by domain\n"
  "SELECT domain, count (*) AS people, round (avg (last - first), 2) AS change FROM (\n"
  "  SELECT person, domain, (array_agg (worker_level ORDER BY month))[1] AS first,\n"
  "    (array_agg (worker_level ORDER BY month DESC))[1] AS last\n"
  "  FROM assessment WHERE worker_level IS NOT NULL GROUP BY 1, 2 HAVING count (DISTINCT month) > 1) both_ends\n"
  "GROUP BY 1 ORDER BY 3 DESC, 1;\n"
  "\n-- Who did what had to be done: the share done alone is the measure of success\n"
  "SELECT month, count (*) AS tasks, count (*) FILTER (WHERE done_by = 'client') AS alone,\n"
  "  round (100.0 * count (*) FILTER (WHERE done_by = 'client') / count (*)) AS percent_alone\n"
  "FROM task GROUP BY 1 ORDER BY 1;\n";

static const char count_queries[] =
  "\n-- People served, by month and step; a hidden number shows as <smallest or as hidden\n"
  "SELECT c.month, c.code AS step,\n"
  "  CASE c.hidden WHEN 'small' THEN '<' || e.smallest WHEN 'complementary' THEN 'hidden'\n"
  "  ELSE c.people::text END AS people\n"
  "FROM people_count c CROSS JOIN export e WHERE c.topic = 'step' AND c.month IS NOT NULL ORDER BY c.number;\n"
  "\n-- Domains people talked about, with health and safety, in the whole period\n"
  "SELECT code AS domain, people, hidden FROM people_count WHERE topic = 'domain' AND month IS NULL\n"
  "ORDER BY people DESC NULLS LAST, code;\n"
  "\n-- Needs not met at the end of the period\n"
  "SELECT code AS domain, people, hidden FROM people_count WHERE topic = 'need' AND month IS NULL\n"
  "ORDER BY people DESC NULLS LAST, code;\n"
  "\n-- Languages of the people served\n"
  "SELECT language, people, hidden FROM people_count WHERE topic = 'language' AND month IS NULL\n"
  "ORDER BY people DESC NULLS LAST, language;\n"
  "\n-- How much is hidden\n"
  "SELECT topic, count (*) AS numbers, count (hidden) AS hidden FROM people_count GROUP BY 1 ORDER BY 1;\n";

char *
tessera_facts_format_queries (gboolean aggregate) {
  return g_strconcat ("-- Questions one would ask: psql -f queries.sql\n" CHOOSE_SCHEMA USE_SCHEMA,
                      aggregate ? count_queries : row_queries, NULL);
}
