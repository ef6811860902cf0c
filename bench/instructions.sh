#!/bin/sh
# SPDX-License-Identifier: MIT
# instructions.sh - how many instructions a call takes, counted in an emulator: what can be
# said of speed without the processor.  Usage: sh bench/instructions.sh [workload...]
#
# Beside the count of one call, per FMA of whole vectors that its work comes to:
#   least  a tile that does nothing but load its operands once and multiply and add
#   over   how much more than that the call takes: softmax, packing, prefetches, loops
. "$(dirname "$0")/../scripts/lib.sh"
. "$root/bench/instructions/targets.sh"

workloads=${*:-512x128 512x64 small minilm verify-2 decode-4k}
# Debian names of a processor, with the emulator's and the instruction sets that it knows.
targets="aarch64-linux-gnu:aarch64:neon,sve256,sve512,scalar
    arm-linux-gnueabihf:arm:neon32,scalar x86_64-linux-gnu:x86_64:avx2,sse2,scalar"

# count workload isa calls: instructions of a run; the work of a call goes to $work/flop.
count() {
    "qemu-$qemu" -cpu "$model" -plugin "$work/count.so" -d plugin "$dir/heed-call" "$@" \
        2>"$work/count" >"$work/flop" || fail "qemu-$qemu: $(cat "$work/count")"
    sed -n 's/^instructions //p' "$work/count"
}

# define NAME isa: a number of its vocabulary.
define() {
    family=$2
    case $2$1 in sve*TILE*) family=sve ;; esac
    sed -n "s/^#define $1 //p" "$root/src/simd/$family.h"
}

row() {
    model=$(model_of "$2")
    once=$(count "$1" "$2" 1)
    awk -v workload="$1" -v isa="$2" -v target="$qemu" -v once="$once" \
        -v thrice="$(count "$1" "$2" 3)" -v flop="$(sed -n 's/^flop //p' "$work/flop")" \
        -v lanes="$(define VF_LANES "$2")" -v rows="$(define TILE_ROWS "$2")" \
        -v vecs="$(define TILE_VECS "$2")" '
        BEGIN {
            count = (thrice - once) / 2
            per = count / (flop / 2 / lanes)
            # A product and a sum; ARMv7 has both in one, which rounds twice.
            fma = (isa == "scalar" && target != "arm") || isa == "sse2" ? 2 : 1
            least = fma + (rows + vecs) / (rows * vecs)
            printf "%-9s %-8s %-10s %12.0f %8.2f %6.2f %6.0f %%\n",
                   workload, target, isa, count, per, least, 100 * (per / least - 1)
        }'
}

need_targets aarch64 arm x86_64
need qemu-user
build_counter
printf '%-9s %-8s %-10s %12s %8s %6s %8s\n' workload target set instructions "per FMA" least over
for target in $targets; do
    select_target "$target"
    build_target
    step "building heed-call for $qemu" compile_program heed-call "$root/bench/instructions/call.c"
    for workload in $workloads; do
        for isa in $(echo "${target##*:}" | tr , ' '); do
            row "$workload" "$isa"
        done
    done
done
