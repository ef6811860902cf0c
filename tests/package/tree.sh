#!/bin/sh
# SPDX-License-Identifier: MIT
# tree.sh - rules that hold for the source tree as a whole.
# Usage: tree.sh heed-source-directory
set -eu
cd "$1"

# Instruction sets are chosen in one place, and nowhere by the way.
flags=$(grep -rnE -e '(^|[^-])-m(arch|tune|cpu|fpu|sse|avx|fma|f16c|amx)' . \
    --include=CMakeLists.txt --include='*.cmake' --include='*.json' --include='*.sh' --include='*.py' \
    --exclude-dir=.git --exclude-dir='build*' --exclude=HeedIsa.cmake \
    --exclude=flags.sh || true) # which tries what a parent might ask for
# Paths that exist only on the machine of whoever wrote them.
paths=$(grep -rnIE "(^|[^A-Za-z0-9_.}*])(/(home|root|Users|mnt|tmp)/[A-Za-z]|$PWD/)" . \
    --exclude-dir=.git --exclude-dir='build*' --exclude=tree.sh || true)

[ -z "$flags" ] || printf 'instruction-set flags outside cmake/HeedIsa.cmake:\n%s\n' "$flags"
[ -z "$paths" ] || printf 'paths of a machine:\n%s\n' "$paths"
[ -z "$flags$paths" ]
