#!/bin/sh
# SPDX-License-Identifier: MIT
# elf.sh - what a shared library asks of the loader.
# Usage: elf.sh library soname allowed-dependency-pattern
set -eu
fail() {
    echo "$1: $2"
    exit 1
}

dynamic=$("$READELF" -dW "$1")
needed=$(printf '%s\n' "$dynamic" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p')
foreign=$(printf '%s\n' "$needed" | grep -vE "^(libc\.so.*|libm\.so.*|ld-linux.*|$3)$" || true)
[ -z "$foreign" ] || fail "$1" "depends on $foreign"

printf '%s\n' "$dynamic" | grep -q "(SONAME).*\[$2\]" || fail "$1" "its soname is not $2"
! printf '%s\n' "$dynamic" | grep -E '\((TEXTREL|RPATH|RUNPATH)\)' || fail "$1" "see above"

stack=$("$READELF" -lW "$1" | grep GNU_STACK) || fail "$1" "says nothing about the stack"
case $stack in
*RWE*) fail "$1" "wants an executable stack" ;;
esac
