#!/bin/sh
# SPDX-License-Identifier: MIT
# levels.sh - no x86-64 object holds an instruction above the level of its name.
# Usage: levels.sh object...
#
# Read from the encodings, which lists of mnemonics would trail behind: EVEX
# begins with 62 and is AVX-512; VEX begins with c4 or c5 and is AVX or later; the
# opcode maps 0f 38 and 0f 3a hold SSSE3 and SSE4.  SSE3 and popcnt stand in the
# first map and are named.
set -eu

scan() {
    level=$1
    shift
    # A line is "address: bytes<tab>instruction", whether GNU or LLVM wrote it.
    "$OBJDUMP" -d "$@" | awk -v level="$level" '
        /file format/ {object = $1}
        !match($0, /^ *[0-9a-f]+:[ \t]+/) {next}
        {
            bytes = substr($0, RLENGTH + 1)
            if (!match(bytes, /\t/)) next # more bytes of the line before
            text = substr(bytes, RSTART + 1)
            instructions++
            above = ""
        }
        bytes ~ /^62/ || text ~ /%zmm|%k[0-7]/ {above = "AVX-512"}
        level == "sse2" && bytes ~ /^(c4|c5)/ {above = "AVX"}
        level == "sse2" && bytes ~ /^((66|f2|f3) )?(4[0-9a-f] )?0f (38|3a)/ {above = "SSSE3 or SSE4"}
        level == "sse2" && text ~ /^(haddp|hsubp|addsubp|movddup|movs[hl]dup|lddqu|popcnt)/ {above = "SSE3"}
        above {print object " " above ": " text; found = 1; exit}
        END {
            if (!instructions) print "nothing disassembled at level " level
            exit found || !instructions
        }'
}

avx2='' sse2=''
for object; do
    case $(basename "$object") in
    avx512* | amx*) ;;
    avx2*) avx2="$avx2 $object" ;;
    *) sse2="$sse2 $object" ;;
    esac
done
# shellcheck disable=SC2086 # lists of names
scan sse2 $sse2
# shellcheck disable=SC2086
scan avx2 $avx2
