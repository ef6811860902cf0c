# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# targets.sh - builds for processors whose instructions are counted.  Sourced, after lib.sh.
work=${root:?}/build/instructions

# select_target triplet:qemu:...: sets triplet (Debian's name of a processor), qemu and dir.
select_target() {
    triplet=${1%%:*} qemu=${1#*:} qemu=${qemu%%:*}
    dir=$work/$qemu
}

# compile_program name source...: a static one, of the library and of what makes workloads.
compile_program() {
    name=$1
    shift
    "$triplet-gcc" -std=c11 -O2 -static -I"$root/include" -I"$root/bench" -I"$root/tests/checks" \
        "$@" "$root/bench/problem.c" "$root/bench/buffers.c" "$root/bench/masks.c" \
        "$root/bench/workloads.c" "$root/tests/checks/half.c" "$dir/libheed.a" -lm -o "$dir/$name"
}

# Instruction sets beside scalar of which something is counted: the others would only take time.
counted_isas() {
    case $qemu in
    aarch64) echo "neon;neonbf16;sve256;sve512" ;;
    arm) echo "neon32" ;;
    x86_64) echo "sse2;avx2" ;;
    esac
}

build_target() {
    mkdir -p "$dir/include"
    ln -sfn /usr/include/simde "$dir/include/simde"
    build "$dir" -DCMAKE_C_COMPILER="$triplet-gcc" -DCMAKE_SYSTEM_NAME=Linux \
        -DCMAKE_SYSTEM_PROCESSOR="$qemu" -DCMAKE_BUILD_TYPE=Release -DHEED_CPU_FEATURES=OFF \
        -DHEED_SIMDE_INCLUDE="$dir/include" -DHEED_BUILD_TOOLS=OFF -DHEED_BUILD_TESTS=OFF \
        -DHEED_BUILD_BENCH=OFF -DHEED_BUILD_EXAMPLES=OFF -DHEED_ONLY="$(counted_isas)"
}

build_counter() {
    mkdir -p "$work"
    step "building the counter" gcc -O2 -shared -fPIC "$root/bench/instructions/count.c" -o "$work/count.so"
}

# model_of isa: what the emulator has to be, for SVE with registers of that length and no longer.
model_of() {
    case $1 in
    sve*) bits=${1#sve} bits=${bits%bf16} && echo "max,sve$bits=on" ;;
    *) echo max ;;
    esac
}

# need_targets qemu...: what these are built and run with.
need_targets() {
    need cmake ninja-build gcc libc6-dev libsimde-dev
    for target; do
        case $target in
        aarch64) need qemu-user gcc-aarch64-linux-gnu libc6-dev-arm64-cross ;;
        arm) need qemu-user gcc-arm-linux-gnueabihf libc6-dev-armhf-cross ;;
        esac
    done
}
