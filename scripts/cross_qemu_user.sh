# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# cross_qemu_user.sh - the part of cross.sh for Linux on other processors.  Sourced.
case $preset in
armv7-linux) qemu="qemu-arm" ;;
*) qemu="qemu-${preset%-linux}" ;;
esac

need_target() {
    need cmake ninja-build qemu-user "gcc-$triplet" "libc6-dev-$architecture-cross"
    have "$triplet-gcc" "gcc-$triplet"
    have "$qemu" qemu-user
}

# What programs in the emulator see in place of this machine's files: the C library of the
# target, a processor as Linux on a Raspberry Pi 4 (or a VisionFive 2) describes it, and
# its caches.  That it claims NEON and SVE must not matter where the CPU model has none.
make_board() {
    cache=$dir/board/sys/devices/system/cpu/cpu0/cache
    mkdir -p "$dir/board/proc" "$cache/index0" "$cache/index1" "$cache/index2"
    ln -sfn "/usr/$triplet/lib" "$dir/board/lib"
    case $architecture in
    riscv64) printf 'hart\t\t: 1\nisa\t\t: rv64imafdc\nmmu\t\t: sv39\nuarch\t\t: sifive,u74-mc\n' ;;
    *) printf 'Features\t: %s\nCPU implementer\t: 0x41\nCPU variant\t: 0x0\nCPU part\t: 0xd08\n' \
        "half thumb neon vfpv4 fp asimd sve" ;;
    esac >"$dir/board/proc/cpuinfo"
    for entry in "0 1 Data 32K" "1 1 Instruction 48K" "2 2 Unified 1024K"; do
        # shellcheck disable=SC2086 # four words
        set -- $entry
        echo "$2" >"$cache/index$1/level"
        echo "$3" >"$cache/index$1/type"
        echo "$4" >"$cache/index$1/size"
    done
}

# on model program argument...: runs it on that CPU.
on() {
    model=$1 program=$2
    shift 2
    "$qemu" -cpu "$model" -L "$dir/board" "$dir/$program" "$@"
}

# check_model model instruction-set: what is short, on every model.
check_model() {
    on "$1" tests/platform/heed_guards
    if [ -x "$dir/tests/platform/heed_probes" ]; then
        on "$1" tests/platform/heed_probes
    fi
    about=$(on "$1" tools/heed info)
    echo "$about"
    case $about in
    *"implementer 0x41 part 0xd08"*"L1d 32 KiB  L2 1024 KiB"* | *"sifive,u74-mc"*"L1d 32 KiB  L2 1024 KiB"*) ;;
    *) fail "heed info on $1 does not tell the processor and its caches" ;;
    esac
    chosen=$(on "$1" tools/heed info --json |
        sed -n 's/.*"name": *"\([a-z0-9]*\)".*"default": *true.*/\1/p')
    [ "$chosen" = "${2:-$chosen}" ] || fail "the default on $1 is '$chosen', not '$2'"
    # cpu_features would say something first on those without HWCAP2, were it not held to silence.
    first=$(on "$1" tools/heed attend --json | head -c 1)
    [ "$first" = "{" ] || fail "heed attend --json on $1 begins with '$first', not '{'"
}

check_target() {
    make_board
    isa=all
    known=$("$qemu" -cpu help || true)
    for entry in $models; do
        model=${entry%%:*}
        if ! printf '%s\n' "$known" | grep -qw -e "${model%%,*}"; then
            say "skipping $model: this $qemu does not know it"
            continue
        fi
        say "checking on $model"
        check_model "$model" "${entry#*:}"
        case $isa$model in
        all*) on "$model" tools/heed check --isa all ;;
        *=off) on "$model" tools/heed check ;; # says what is lacking
        *) on "$model" tools/heed check --isa "$chosen" ;;
        esac
        isa=
    done
}

# A program built against what the package holds, run with it.
use_package() {
    used=$dir/used
    rm -rf "$used"
    dpkg-deb -x "$1" "$used" &&
        "$triplet-gcc" -O2 "$root/examples/decode.c" -o "$used/decode" \
            -I"$used/usr/include" -L"$used/usr/lib" -lheed &&
        "$qemu" -L "$dir/board" -E LD_LIBRARY_PATH="$used/usr/lib" "$used/decode" &&
        "$qemu" -L "$dir/board" "$used/usr/bin/heed" --version
}

test_packages() {
    test_package deb.sh "$dir"/packages/*.deb "$architecture"
    step "using it" use_package "$dir"/packages/*.deb
}
