/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-demo-texts.h: what might have been said at the desk: invented sentences by domain, in English,
 * French and Arabic.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * TesseraDemoTopic: sentences about one domain. Every list ends with %NULL.
 * @said: what the person told
 * @told: what we told them
 * @next: what happens next
 * @needs: what is needed
 * @goals: in the client's words
 * @services: names of services asked for, when there is no directory
 * @said_fr, @said_ar: as @said, as a worker writing French or Arabic would put it
 * @goal_fr, @goal_ar: one goal each
 */
typedef struct {
  const char *domain;
  const char *const *said;
  const char *const *told;
  const char *const *next;
  const char *const *needs;
  const char *const *goals;
  const char *const *services;
  const char *const *said_fr;
  const char *const *said_ar;
  const char *goal_fr;
  const char *goal_ar;
} TesseraDemoTopic;

/** tessera_demo_topics: twelve, in step order. */
extern const TesseraDemoTopic tessera_demo_topics[12];

/** Sentences that fit any topic; %NULL at the end. */
extern const char *const tessera_demo_openings[];
extern const char *const tessera_demo_closings[];
extern const char *const tessera_demo_notes[];
extern const char *const tessera_demo_health[];
extern const char *const tessera_demo_expectations[];

G_END_DECLS
