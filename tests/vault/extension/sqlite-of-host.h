/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * sqlite-of-host.h: makes the page layer use the SQLite of the program that loads it.
 *
 * Included before everything else when the sources of the page layer are compiled into the loadable
 * extension. A program may have SQLite's source inside (testfixture, speedtest1) and export none of it, or
 * link the library; a module that called sqlite3_*() by name would bring a second SQLite along in the one
 * case. Through the table that SQLite hands to every extension both work, and nobody has to be linked in a
 * special way.
 */
#pragma once

#include <sqlite3ext.h>

SQLITE_EXTENSION_INIT3

/* Not in the table; whoever loads an extension has done it. */
#define sqlite3_initialize() SQLITE_OK
