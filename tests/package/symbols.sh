#!/bin/sh
# SPDX-License-Identifier: MIT
# symbols.sh - the names that the libraries show to a linker.
# Usage: symbols.sh shared library header
#        symbols.sh static library
set -eu
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# Exactly the functions of the header, each with its version.
shared() {
    sed -n 's/^HEED_API.*[ *]\(heed_[a-z0-9_]*\)(.*/\1@@HEED_1/p' "$2" | sort >"$scratch/declared"
    "$NM" -D --defined-only "$1" | awk '$2 != "A" {print $3}' | sort >"$scratch/exported"
    [ -s "$scratch/declared" ] || { echo "no HEED_API in $2"; exit 1; }
    diff "$scratch/declared" "$scratch/exported"
}

# Only heed_*, so that it clashes with nothing, beside a word that compilers put into every object
# that an exception passes through, for linkers to merge; and nothing that prints or ends the process.
static() {
    "$NM" -g --defined-only "$1" | awk 'NF == 3 {print $3}' >"$scratch/defined"
    grep -q '^heed_attention$' "$scratch/defined" || { echo "no heed_attention in $1"; exit 1; }
    if grep -v -e '^heed_' -e '^DW\.ref\.__gcc_personality_v0$' "$scratch/defined"; then
        echo "foreign names in $1"
        exit 1
    fi
    if "$NM" -u "$1" | grep -wE 'puts|putchar|(f|v|vf)?printf|__v?f?printf_chk|fputs|fwrite|perror|_?exit|abort'; then
        echo "$1 prints or ends the process"
        exit 1
    fi
}

"$@"
