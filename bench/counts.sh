#!/bin/sh
# SPDX-License-Identifier: MIT
# counts.sh - does any call take more instructions than it did?  Counts those of bench/instructions/
# counted.c, on x86-64 by callgrind, elsewhere in QEMU, and holds them against the baseline beside it.
#
#   sh bench/counts.sh [target...]           x86_64, aarch64, arm; default: all
#   sh bench/counts.sh --renew [target...]   makes the baseline anew, for a change that is meant
#
# Exit status 1: more than 1 % more, or other calls than the baseline has; 77: nothing could be
# compared.  Counts depend on the compiler, so a target is left out where it is not that of the baseline.
. "$(dirname "$0")/../scripts/lib.sh"
. "$root/bench/instructions/targets.sh"

baseline=$root/bench/instructions/baseline.txt
measured=$work/measured.txt
known="x86_64-linux-gnu:x86_64:avx2,sse2,scalar
    aarch64-linux-gnu:aarch64:neon,neonbf16,sve256,sve512 arm-linux-gnueabihf:arm:neon32"

# Caches as programs in the emulator see them, instead of those of this machine: the L2 sets how
# many rows a task has.  Valgrind shows one of 256 KiB, whatever there is.
make_caches() {
    cache=$work/board/sys/devices/system/cpu/cpu0/cache
    for entry in "0 1 Data 32K" "1 2 Unified 512K"; do
        # shellcheck disable=SC2086 # four words
        set -- $entry
        mkdir -p "$cache/index$1"
        echo "$2" >"$cache/index$1/level"
        echo "$3" >"$cache/index$1/type"
        echo "$4" >"$cache/index$1/size"
    done
}

# The vendor and version, without that of the package: "Debian 12.2.0".
compiler_of() {
    "$1" --version | sed -n '1s/^[^(]*(\([A-Za-z]*\).*) \([0-9.]*\).*/\1 \2/p'
}

# on isa argument...: the program, in the emulator, which may be asked to count.  No variables of
# the environment: they would move the stack.
on() {
    isa=$1
    shift
    env -i PATH="$PATH" "qemu-$qemu" -L "$work/board" -cpu "$(model_of "$isa")" "$@"
}

# Lines of their names.
list_calls() {
    case $qemu in
    x86_64) "$dir/heed-counted" "$1" names ;;
    *) on "$1" "$dir/heed-counted" "$1" names ;;
    esac
}

# by_callgrind isa: a count on a line for each call.
by_callgrind() {
    rm -f "$work"/callgrind.*
    env -i PATH="$PATH" valgrind --quiet --tool=callgrind --toggle-collect=counted \
        --dump-after=counted --callgrind-out-file="$work/callgrind" \
        "$dir/heed-counted" "$1" calls >&2 || return
    for file in $(find "$work" -name 'callgrind.*' | sort -t. -k2n); do
        sed -n 's/^summary: //p' "$file"
    done
}

by_qemu() {
    on "$1" -plugin "$work/count.so" -d plugin "$dir/heed-counted" "$1" marks 2>"$work/marks" || {
        status=$?
        cat "$work/marks" >&2
        return "$status"
    }
    sed -n 's/^between [0-9]* //p' "$work/marks"
}

# count_isa isa: lines of "target isa call count".
count_isa() {
    list_calls "$1" >"$work/names"
    case $qemu in
    x86_64) by_callgrind "$1" ;;
    *) by_qemu "$1" ;;
    esac >"$work/counts" || {
        [ $? = 3 ] && say "skipping $1: it does not run here" && return
        fail "counting $1 on $qemu failed"
    }
    [ "$(wc -l <"$work/names")" = "$(wc -l <"$work/counts")" ] ||
        fail "$1 on $qemu: not a count for each call"
    paste -d ' ' "$work/names" "$work/counts" | sed "s/^/$qemu $1 /" >>"$measured"
}

# May the target be compared, or was a new baseline asked for?
is_comparable() {
    if [ "$qemu" = x86_64 ] && [ "$(uname -m)" != x86_64 ]; then
        say "skipping x86_64: callgrind counts what this machine runs"
        return 1
    fi
    compiler=$(compiler_of "$triplet-gcc")
    [ -z "$renew" ] || return 0
    before=$(sed -n "s/^compiler $qemu //p" "$baseline")
    [ "$compiler" = "$before" ] && return 0
    say "skipping $qemu: the baseline is of gcc '$before', and this is '$compiler'"
    return 1
}

count_target() {
    need_targets "$qemu"
    is_comparable || return 0
    build_target
    step "building heed-counted for $qemu" compile_program heed-counted \
        "$root/bench/instructions/counted.c" "$root/bench/calls.c" "$root/bench/primitives.c"
    echo "compiler $qemu $compiler" >>"$measured"
    for isa in $(echo "$isas" | tr , ' '); do
        say "counting $isa on $qemu"
        count_isa "$isa"
    done
}

renew=
[ "${1:-}" != --renew ] || { renew=--renew && shift; }
chosen=" ${*:-x86_64 aarch64 arm} "
need valgrind python3
build_counter
make_caches
: >"$measured"
for target in $known; do
    select_target "$target"
    isas=${target##*:}
    case $chosen in *" $qemu "*) count_target ;; esac
done
exec python3 -B "$root/bench/instructions/counts.py" $renew "$baseline" "$measured"
