#!/bin/sh
# SPDX-License-Identifier: MIT
# test.sh - installs what is missing, builds everything and runs every test.
# Arguments go to ctest: sh scripts/test.sh -R package
. "$(dirname "$0")/lib.sh"

need_to_build g++ pkg-config python3 libcriterion-dev libbenchmark-dev \
    libcjson-dev python3-jinja2 python3-jsonschema python3-matplotlib python3-scipy
build "$root/build/test" -DHEED_WERROR="${HEED_WERROR:-OFF}"
exec ctest --test-dir "$root/build/test" --output-on-failure --parallel "$jobs" "$@"
