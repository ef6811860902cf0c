#!/bin/sh
# SPDX-License-Identifier: MIT
# deb.sh - a .deb for a board: right architecture, all in its usual place, and no
# C library asked for that is newer than the one it depends on.
# Usage: deb.sh package.deb architecture
set -eu
fail() {
    echo "$package: $1"
    exit 1
}
field() {
    dpkg-deb -f "$package" "$1"
}
package=$1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

[ "$(field Architecture)" = "$2" ] || fail "is for $(field Architecture), not for $2"
dpkg-deb -x "$package" "$scratch"
for file in bin/heed include/heed/heed.h share/man/man1/heed.1 lib/libheed.a lib/libheed.so \
    lib/libheed.so.0 lib/pkgconfig/heed.pc lib/cmake/heed/heedConfig.cmake \
    lib/cmake/heed/heedConfigVersion.cmake lib/cmake/heed/heedTargets.cmake \
    share/doc/heed/copyright; do
    [ -e "$scratch/usr/$file" ] || fail "lacks /usr/$file"
done

allowed=$(field Depends | grep -o "libc6 (>= [0-9.]*" | sed "s,.* ,," | sort -V | tail -n 1)
[ -n "$allowed" ] || fail "does not say which libc6 it needs"
for file in bin/heed lib/libheed.so; do
    # The static command of a cross build needs none, and has no such table.
    needed=$("$READELF" -VW "$scratch/usr/$file" | grep -o 'GLIBC_[0-9.]*' | sed 's/GLIBC_//' |
        sort -uV | tail -n 1)
    newest=$(printf '%s\n' "$allowed" "$needed" | sort -V | tail -n 1)
    [ "$newest" = "$allowed" ] || fail "$file needs libc6 $needed, the package only $allowed"
done
