#!/bin/sh
# SPDX-License-Identifier: MIT
# neon_mca.sh - the inner loops of the NEON tiles in models of three ARM cores.
#
# Without a board this is what can be said of their speed: instructions, spills,
# and, by llvm-mca, the share of the rate at which the core multiplies and adds.
# A model, not a measurement: caches always hit in it.  Exit 1 below 90 %, and below 65 %
# on the Cortex-A55, which issues two instructions a cycle and those in order.
# Needs gcc-aarch64-linux-gnu, libsimde-dev and llvm-19 (that of Debian's llvm, 14,
# gives Neoverse N1 one pipe of its two).
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mca=$(command -v llvm-mca-19) || {
    echo "neon_mca.sh: llvm-mca-19 is missing: install llvm-19" >&2
    exit 2
}

cat >"$work/tiles.c" <<'END'
#include "simd/neon.h"
#include "isa.h"
#include "kernels/tile.h"

void scores(const float *const *q, size_t dim, const float *keys, float *s, struct ahead a);
void values(const float *w, size_t keys, const float *v, float *o, struct ahead a);

void scores(const float *const *q, size_t dim, const float *keys, float *s, struct ahead a)
{
    tile_scores(q, dim, HEED_F32, keys, s, HEED_BLOCK, false, a, LINES(TILE_VECS), TILE_ROWS, TILE_VECS);
}

void values(const float *w, size_t keys, const float *v, float *o, struct ahead a)
{
    tile_values(w, HEED_BLOCK, keys, HEED_F32, v, 64, o, 64, true, a, LINES(TILE_VECS), TILE_ROWS, TILE_VECS);
}
END
# As cmake/HeedIsa.cmake builds src/kernels/neon.c; armv8-a is the default of this compiler.
cp -r /usr/include/simde "$work"
aarch64-linux-gnu-gcc -std=c11 -O3 -fno-schedule-insns -ffp-contract=off \
    -I"$root/include" -I"$root/src" -isystem "$work" -S -o "$work/tiles.s" "$work/tiles.c"

# The loop of a function with the most fmla: from its label to the branch back to it.
loop() {
    awk -v name="$1:" '
        $0 == name { inside = 1 }
        inside && /\.size/ { exit }
        inside && /^\.L[0-9]+:/ { label = substr($1, 1, length($1) - 1); body = ""; n = 0 }
        inside && /^\t[a-z]/ {
            body = body $0 "\n"
            if (/fmla/) n++
            if ($1 ~ /^b(ne|\.ne|hi|cc)/ && $2 == label && n > most) { most = n; best = body }
        }
        END { printf "%s", best }' "$work/tiles.s"
}

failed=0
printf '%-8s %-12s %6s %8s %8s %9s\n' tile core fmla other spills "of peak"
for tile in scores values; do
    loop $tile >"$work/loop.s"
    fmla=$(grep -c fmla "$work/loop.s")
    other=$(grep -vc fmla "$work/loop.s")
    spills=$(grep -c '\[sp' "$work/loop.s" || true)
    # Pipes for an fmla of 128 bits, and the least share.
    for core in cortex-a55:1:65 cortex-a72:1:90 neoverse-n1:2:90; do
        name=${core%%:*} least=${core##*:}
        pipes=${core#*:} pipes=${pipes%:*}
        cycles=$($mca --mtriple=aarch64-linux-gnu --mcpu="$name" -iterations=1000 "$work/loop.s" 2>/dev/null |
            awk '/Total Cycles/ { print $3 }')
        share=$(awk -v n="$fmla" -v c="$cycles" -v p="$pipes" \
            'BEGIN { printf "%.1f", 100 * n * 1000 / c / p }')
        printf '%-8s %-12s %6d %8d %8d %7s %%\n' $tile "$name" "$fmla" "$other" "$spills" "$share"
        awk -v s="$share" -v least="$least" 'BEGIN { exit s < least }' || failed=1
    done
done
exit $failed
