#!/bin/sh
# SPDX-License-Identifier: MIT
# windows.sh - a DLL that exports the functions of the header and no more, asks for
# nothing that Windows lacks, and trusts no stack to be aligned for AVX.
# Usage: windows.sh libheed.dll heed.h
set -eu
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
fail() {
    echo "$dll: $1"
    exit 1
}
dll=$1

sed -n 's/^HEED_API.*[ *]\(heed_[a-z0-9_]*\)(.*/\1/p' "$2" | sort >"$scratch/declared"
"$OBJDUMP" -p "$dll" >"$scratch/headers"
awk '/Ordinal\/Name Pointer/ {on = 1; next} !NF {on = 0} on {print $NF}' "$scratch/headers" |
    sort >"$scratch/exported"
[ -s "$scratch/declared" ] || fail "no HEED_API in $2"
diff "$scratch/declared" "$scratch/exported" || fail "exports other names than $2"

foreign=$(sed -n 's/.*DLL Name: //p' "$scratch/headers" | grep -viE '^(kernel32|msvcrt)\.dll$' || true)
[ -z "$foreign" ] || fail "depends on $foreign"

# Those of SSE are right: 16 bytes are promised.
"$OBJDUMP" -d "$dll" >"$scratch/code"
grep -q 'vmovups.*%ymm.*(%rsp)' "$scratch/code" || fail "no vector was ever spilled: what is tested here?"
if grep -E 'vmov(ap[sd]|dqa(32|64)?|ntp[sd]|ntdqa?) .*\(.*%[yz]mm|vmov(ap[sd]|dqa(32|64)?|ntp[sd]|ntdqa?) .*%[yz]mm.*\(' \
    "$scratch/code"; then
    fail "moves 32 or 64 bytes as if they were aligned"
fi
