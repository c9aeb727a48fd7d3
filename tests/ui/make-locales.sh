#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# make-locales.sh FOLDER LOCALE...: C library locales of our own, so that tests need none installed. Prints nothing.
set -eu
folder=$1
shift
mkdir -p "$folder"
for locale in "$@"; do
  # localedef warns with status 1 and still writes.
  [ -d "$folder/$locale.UTF-8" ] || localedef --no-archive -i "$locale" -f UTF-8 "$folder/$locale.UTF-8" || true
done
touch "$folder/made"
