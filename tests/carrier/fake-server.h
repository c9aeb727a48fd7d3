/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * fake-server.h: a small WebDAV server in threads of the test, which can do everything wrong that servers and lines do.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _FakeServer FakeServer;

/**
 * FakeFaultKind:
 * @FAKE_ANSWER: answers with @status, @headers and @body instead of doing it
 * @FAKE_HANG: reads the request and never answers
 * @FAKE_CUT_REQUEST: closes after @size bytes of the request's body
 * @FAKE_CUT_ANSWER: does it, and closes after @size bytes of the answer's body
 * @FAKE_WHOLE: does it, but knows no ranges
 * @FAKE_DRIP: as @FAKE_ANSWER, one byte of the body every @size milliseconds, without end
 */
typedef enum {
  FAKE_ANSWER,
  FAKE_HANG,
  FAKE_CUT_REQUEST,
  FAKE_CUT_ANSWER,
  FAKE_WHOLE,
  FAKE_DRIP,
} FakeFaultKind;

/** FakeFault: what happens to the next @times requests with @method (%NULL: any). */
typedef struct {
  const char *method;
  FakeFaultKind kind;
  guint times;
  guint status;
  const char *headers; /* lines, each ended with CR and LF; a Content-Length here is not the true one */
  const char *body;
  gsize size;
} FakeFault;

/** fake_server_start: on loopback; the folder `/dav/` is there. @certificate: (nullable): PEM with key, for TLS. */
FakeServer *fake_server_start (const char *certificate);
void fake_server_stop (FakeServer *self);

/** fake_server_get_uri: of the folder `/dav/`. */
const char *fake_server_get_uri (FakeServer *self);

/** fake_server_want_password: from now on only alice may come in, with @password. */
void fake_server_want_password (FakeServer *self, const char *password);

/** fake_server_remove_folder: the mailbox, say; others made it go. */
void fake_server_remove_folder (FakeServer *self, const char *path);

void fake_server_fail (FakeServer *self, const FakeFault *fault);
/** fake_server_fail_also: besides; looked at when the first does not apply. */
void fake_server_fail_also (FakeServer *self, const FakeFault *fault);

/** fake_server_set_file: @path as in the request; %NULL removes it. */
void fake_server_set_file (FakeServer *self, const char *path, GBytes *content);
/** fake_server_get_file: (transfer full) (nullable) */
GBytes *fake_server_get_file (FakeServer *self, const char *path);
guint fake_server_count_files (FakeServer *self);

/** fake_server_take_log: (transfer full): the requests since the last call, as "METHOD path (depth/range/destination)",
 * one in a line; "talkative" behind it if it says more of us than it must. */
char *fake_server_take_log (FakeServer *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FakeServer, fake_server_stop)

G_END_DECLS
