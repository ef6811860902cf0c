#!/bin/sh
# SPDX-License-Identifier: MIT
# subproject.sh - builds a project that adds heed as a subdirectory, and runs it.
# Usage: subproject.sh heed-source-directory work-directory
set -eu
here=$(cd "$(dirname "$0")" && pwd)
rm -rf "$2"
"$CMAKE" -S "$here/subproject" -B "$2" -G "$GENERATOR" -DCMAKE_C_COMPILER="$CC" -DHEED="$1"
"$CMAKE" --build "$2"
"$2/parent"
"$2/parent_static"
