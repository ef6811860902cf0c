#!/bin/sh
# SPDX-License-Identifier: MIT
# frames.sh - no call takes more than 12 KiB of stack on any instruction set that gcc compiles
# here, whether a processor has it or not.
# Usage: frames.sh heed-source-directory work-directory x86_64|aarch64...
set -eu
heed=$1 work=$2
shift 2
export CCACHE_DISABLE=1 # it keeps objects, but no call graphs

frames() {
    name=$1
    shift
    cmake -S "$heed" -B "$work/$name" -DCMAKE_BUILD_TYPE=Release -DCMAKE_C_FLAGS="-fcallgraph-info=su" \
        -DHEED_BUILD_TOOLS=OFF -DHEED_BUILD_TESTS=OFF -DHEED_BUILD_BENCH=OFF -DHEED_BUILD_EXAMPLES=OFF \
        -DHEED_CPU_FEATURES=OFF "$@" >/dev/null
    cmake --build "$work/$name" --parallel --target heed_objects >/dev/null
    python3 -B "$heed/tests/stack/frames.py" "$heed" "$work/$name/CMakeFiles/heed_objects.dir" 12288
}

rm -rf "$work"
mkdir -p "$work/include"
ln -s /usr/include/simde "$work/include" # headers alone, for any processor
for processor; do
    case $processor in
    x86_64) frames x86_64 -DCMAKE_C_COMPILER=gcc ;;
    *) frames "$processor" -DCMAKE_TOOLCHAIN_FILE="$heed/cmake/$processor-linux.cmake" \
        -DHEED_SIMDE_INCLUDE="$work/include" ;;
    esac
done
