/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-demo-random.c: splitmix64, and ids and codes made from it.
 */
#include "config.h"

#include "tessera-demo-random.h"
#include "tessera-identifier.h"

#define CODE_ALPHABET "0123456789ABCDEFGHJKMNPQRSTVWXY"

guint64
tessera_demo_random_next (TesseraDemoRandom *self) {
  guint64 z;

  self->state += G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);
  z = self->state;
  z = (z ^ (z >> 30)) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * G_GUINT64_CONSTANT (0x94d049bb133111eb);
  return z ^ (z >> 31);
}

guint
tessera_demo_random_below (TesseraDemoRandom *self, guint limit) {
  return (guint) ((tessera_demo_random_next (self) >> 32) * limit >> 32);
}

int
tessera_demo_random_between (TesseraDemoRandom *self, int least, int most) {
  return least + (int) tessera_demo_random_below (self, (guint) (most - least + 1));
}

gboolean
tessera_demo_random_chance (TesseraDemoRandom *self, guint percent) {
  return tessera_demo_random_below (self, 100) < percent;
}

guint
tessera_demo_random_weighted (TesseraDemoRandom *self, const guint *weights, guint n_weights) {
  guint sum = 0;
  guint drawn;

  for (guint i = 0; i < n_weights; i++)
    sum += weights[i];
  drawn = tessera_demo_random_below (self, sum);
  for (guint i = 0; i + 1 < n_weights; i++) {
    if (drawn < weights[i])
      return i;
    drawn -= weights[i];
  }
  return n_weights - 1;
}

char *
tessera_demo_random_uuid (TesseraDemoRandom *self, gint64 at) {
  guint64 high = tessera_demo_random_next (self);
  guint64 low = tessera_demo_random_next (self);
  guint8 bytes[16];
  char text[37];

  for (guint i = 0; i < 6; i++)
    bytes[i] = (guint8) (at >> (40 - 8 * i));
  bytes[6] = (guint8) (0x70 | (high & 0x0f));
  bytes[7] = (guint8) (high >> 8);
  for (guint i = 0; i < 8; i++)
    bytes[8 + i] = (guint8) (low >> (8 * i));
  bytes[8] = (guint8) (0x80 | (bytes[8] & 0x3f));
  tessera_uuid_format (bytes, text);
  return g_strdup (text);
}

/* The check digit is found by trying, so that its rule stands in one place only. */
char *
tessera_demo_random_code (TesseraDemoRandom *self) {
  char text[] = "T-0000-0000";

  for (guint i = 2; i < 10; i++) {
    if (text[i] != '-')
      text[i] = CODE_ALPHABET[tessera_demo_random_below (self, sizeof CODE_ALPHABET - 1)];
  }
  for (guint i = 0; i < sizeof CODE_ALPHABET - 1; i++) {
    char *code;

    text[10] = CODE_ALPHABET[i];
    code = tessera_client_code_normalize (text);
    if (code != NULL)
      return code;
  }
  g_return_val_if_reached (NULL);
}
