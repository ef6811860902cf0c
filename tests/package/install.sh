#!/bin/sh
# SPDX-License-Identifier: MIT
# install.sh - installs a build, then moves the result: the tests that use it
# prove that nothing in it remembers where it was installed first.
# Usage: install.sh build-directory prefix
set -eu
rm -rf "$2" "$2.staged"
"$CMAKE" --install "$1" --prefix "$2.staged" >/dev/null
mv "$2.staged" "$2"
