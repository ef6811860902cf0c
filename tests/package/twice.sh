#!/bin/sh
# SPDX-License-Identifier: MIT
# twice.sh - two plug-ins with a static heed each, the shared one beside them, and
# a program whose own functions are called like those of cpu_features.
# Usage: twice.sh prefix work-directory
set -eu
here=$(cd "$(dirname "$0")" && pwd)/twice
prefix=$1 work=$2
libdir=$(dirname "$(find "$prefix" -name libheed.a)")
rm -rf "$work"
mkdir -p "$work"

for name in first second; do
    "$CC" -shared -fPIC -I"$prefix/include" -DPLUGIN="$name" "$here/plugin.c" \
        "$libdir/libheed.a" -lm -o "$work/lib$name.so"
done
"$CC" -I"$prefix/include" "$here/main.c" "$libdir/libheed.a" -lm -o "$work/static" \
    -L"$work" -lfirst -lsecond -Wl,-rpath,"$work"
"$CC" -I"$prefix/include" "$here/main.c" -L"$libdir" -lheed -o "$work/shared" \
    -L"$work" -lfirst -lsecond -Wl,-rpath,"$work:$libdir" -rdynamic
"$work/static"
"$work/shared"
