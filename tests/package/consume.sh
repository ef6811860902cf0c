#!/bin/sh
# SPDX-License-Identifier: MIT
# consume.sh - builds programs against an installed heed and runs them.
# Usage: consume.sh find_package|pkg_config|plain prefix README.md work-directory
set -eu
here=$(cd "$(dirname "$0")" && pwd)
way=$1 prefix=$2 readme=$3 work=$4
libdir=$(dirname "$(find "$prefix" -name libheed.a)")
rm -rf "$work"
mkdir -p "$work"

# The first C block of the README is a whole program.
awk '/^```c$/ && !seen {on = seen = 1; next} /^```$/ {on = 0} on' "$readme" >"$work/example.c"
grep -q 'int main' "$work/example.c" || { echo "no C program in $readme"; exit 1; }

# both shared|static flags...: compiles the C and the C++ program with these.
both() {
    name=$1
    shift
    "$CC" "$work/example.c" -o "$work/example_$name" "$@"
    "$CXX" "$here/consumer/use.cpp" -o "$work/use_$name" "$@"
}

case $way in
find_package)
    "$CMAKE" -S "$here/consumer" -B "$work/build" -G "$GENERATOR" -DCMAKE_PREFIX_PATH="$prefix" \
        -DCMAKE_C_COMPILER="$CC" -DCMAKE_CXX_COMPILER="$CXX" \
        -DCMAKE_RUNTIME_OUTPUT_DIRECTORY="$work" -DEXAMPLE="$work/example.c"
    "$CMAKE" --build "$work/build"
    ;;
pkg_config)
    export PKG_CONFIG_PATH="$libdir/pkgconfig"
    # shellcheck disable=SC2046 # a list of flags
    both shared $(pkg-config --cflags --libs heed) -Wl,-rpath,"$libdir"
    # shellcheck disable=SC2046
    both static -static $(pkg-config --static --cflags --libs heed)
    ;;
plain)
    both shared -I"$prefix/include" -L"$libdir" -lheed -Wl,-rpath,"$libdir"
    both static -I"$prefix/include" "$libdir/libheed.a" -lm
    ;;
esac

for library in shared static; do
    "$work/use_$library"
    # The README quotes the numbers.
    numbers=$("$work/example_$library" | sed 's/.*: //')
    grep -qF "$numbers" "$readme" || { echo "not in $readme: $numbers"; exit 1; }
done
if [ -x "$work/use_pool" ]; then
    "$work/use_pool"
fi
