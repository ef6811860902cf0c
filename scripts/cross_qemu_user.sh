# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# cross_qemu_user.sh - the part of cross.sh for Linux on other processors.  Sourced.
case $preset in
armv7-linux) qemu="qemu-arm" ;;
i686-linux) qemu="qemu-i386" ;;
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

# isas model words: those of which heed info says so.
isas() {
    on "$1" tools/heed info --json | sed -n "s/.*\"name\": \"\([a-z0-9]*\)\", \"compiled\": true.*$2.*/\1/p"
}

# check_refusal model instruction-set: what the CPU lacks is refused in words.
check_refusal() {
    status=0
    on "$1" tools/heed check --isa "$2" || status=$?
    [ $status = 2 ] || fail "heed check --isa $2 on $1 ends with $status, not 2"
}

# check_model model instruction-set: what is short, on every model.
check_model() {
    on "$1" tests/platform/heed_guards
    on "$1" tests/platform/heed_caches
    if [ -x "$dir/tests/platform/heed_probes" ]; then
        on "$1" tests/platform/heed_probes
    fi
    about=$(on "$1" tools/heed info)
    echo "$about"
    case $architecture:$about in
    s390x:* | i386:*) ;; # says nothing that make_board could write
    *"implementer 0x41 part 0xd08"*"L1d 32 KiB  L2 1024 KiB"* | *"sifive,u74-mc"*"L1d 32 KiB  L2 1024 KiB"*) ;;
    *) fail "heed info on $1 does not tell the processor and its caches" ;;
    esac
    for isa in $(isas "$1" '"supported": false'); do
        check_refusal "$1" "$isa"
    done
    chosen=$(isas "$1" '"default": true')
    [ "$chosen" = "$2" ] || fail "the default on $1 is '$chosen', not '$2'"
    # cpu_features would say something first on those without HWCAP2, were it not held to silence.
    first=$(on "$1" tools/heed attend --json | head -c 1)
    [ "$first" = "{" ] || fail "heed attend --json on $1 begins with '$first', not '{'"
}

# list_checks model default instruction-set,...: what takes long, in lines of "model program
# argument...".  Words of the default only: the others are foreign, or plain C, or a part of it.
list_checks() {
    for isa in $(echo "$3" | tr , ' '); do
        echo "$1 tools/heed check --isa $isa"
    done
    [ -z "$3" ] || echo "$1 tests/platform/heed_vocabulary $2"
}

# As many at a time as there are processors.
run_checks() {
    # shellcheck disable=SC2016 # for the inner shell
    xargs -r -P "$jobs" -L 1 sh -c \
        'dir=$0 qemu=$1 model=$2 program=$3; shift 3; "$qemu" -cpu "$model" -L "$dir/board" "$dir/$program" "$@"' \
        "$dir" "$qemu" ||
        fail "something is wrong on one of the models"
}

# An instruction set that no model stands for would go out unchecked.
need_all_checked() {
    for isa in $(isas "$1" ''); do
        case ",$2," in
        *",$isa,"*) ;;
        *) fail "no model checks $isa" ;;
        esac
    done
}

check_target() {
    make_board
    checks='' listed='' known_model=''
    known=$("$qemu" -cpu help || true)
    for entry in $models; do
        model=${entry%%:*} checked=${entry#*:}
        default=${checked%%:*} checked=${checked#"$default"} checked=${checked#:}
        listed=$listed,$checked
        if ! printf '%s\n' "$known" | grep -qw -e "${model%%,*}"; then
            say "skipping $model: this $qemu does not know it"
            continue
        fi
        known_model=$model
        say "looking at $model"
        check_model "$model" "$default"
        checks="$checks$(list_checks "$model" "$default" "$checked")
"
    done
    [ "$known_model" ] || fail "this $qemu knows none of the models"
    need_all_checked "$known_model" "$listed"
    say "checking every operation of$(echo "$listed" | sed 's/,\{1,\}/ /g')"
    printf '%s' "$checks" | run_checks
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
