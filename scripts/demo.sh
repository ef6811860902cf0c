#!/bin/sh
# SPDX-License-Identifier: MIT
# demo.sh - installs what is missing, builds heed and shows attention on a sentence.
# Arguments go to `heed attend`: sh scripts/demo.sh --query dream
. "$(dirname "$0")/lib.sh"

need_to_build
build "$root/build/demo" -DHEED_BUILD_TESTS=OFF -DHEED_BUILD_BENCH=OFF
exec "$root/build/demo/tools/heed" attend "$@"
