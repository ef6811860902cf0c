#!/bin/sh
# SPDX-License-Identifier: MIT
# cpack.sh - packs a build and looks into the .deb.
# Usage: cpack.sh build-directory architecture work-directory
set -eu
here=$(cd "$(dirname "$0")" && pwd)
rm -rf "$3"
cpack=$(dirname "$CMAKE")/cpack
"$cpack" --config "$1/CPackConfig.cmake" -G DEB -B "$3" >/dev/null
sh "$here/deb.sh" "$3"/heed*.deb "$2"
