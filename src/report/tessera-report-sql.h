/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-report-sql.h: what a person, a visit and a referral are to everything that counts, as pieces of SQL.
 *
 * For the queries of this folder alone; in all of them ?1 is the first instant of the period and ?2 the first after
 * it.
 */
#pragma once

/* Who a client is today: records that were merged stand for one person. */
#define PERSONS \
  "WITH RECURSIVE person (id, person) AS (SELECT id, id FROM client WHERE merged_into IS NULL" \
  " UNION ALL SELECT c.id, p.person FROM client c JOIN person p ON c.merged_into = p.id)"
#define IN_PERIOD(field) field " >= ?1 AND " field " < ?2"
#define STEP_RANK(field) " CASE " field " WHEN 'autonomy' THEN 3 WHEN 'inclusion' THEN 2 ELSE 1 END"
#define STEP_WAY \
  "CASE WHEN from_step IS NULL THEN 'first'" \
  " WHEN" STEP_RANK ("to_step") " >" STEP_RANK ("from_step") " THEN 'forward'" \
  " WHEN" STEP_RANK ("to_step") " <" STEP_RANK ("from_step") " THEN 'back' ELSE 'same' END"
/* When a referral was first sent, and first answered by the other side; what became of it. */
#define FIRST_EVENT(side, kinds) \
  "(SELECT min (e.at) FROM referral_event e WHERE e.referral = r.id AND e.side = '" side "'" \
  " AND e.kind IN (" kinds "))"
#define ANSWERS "'accepted', 'declined', 'info_needed', 'waitlisted', 'scheduled', 'in_progress', 'completed'"
#define TAKEN_IN "'accepted', 'waitlisted', 'scheduled', 'in_progress', 'completed', 'failed'"
#define OUTCOME \
  "CASE WHEN status IN (" TAKEN_IN ") THEN 'accepted'" \
  " WHEN status IN ('declined', 'withdrawn') THEN status ELSE 'unanswered' END"
