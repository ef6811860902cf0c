#!/bin/sh
# SPDX-License-Identifier: MIT
# cross.sh - builds heed for another machine, checks it in an emulator, and packs it.
# Usage: sh scripts/cross.sh aarch64|armv7|riscv64|s390x|i686|windows|wasm
#
# Where the package mirror lacks the board's architecture (Ubuntu), unpack its
# libcpu-features-dev and libsimde-dev into build/<name>-packages beforehand.
. "$(dirname "$0")/lib.sh"

# model:default[:checked]: an emulated CPU, the instruction set that runs there by default, and
# those of which it checks every operation: each one once, on the least CPU that has it, so that an
# instruction beyond it is found.  Another model would run the same instructions.
models='' features=
case ${1-} in
aarch64)
    architecture=arm64 triplet=aarch64-linux-gnu preset=aarch64-linux
    models="cortex-a53:neon:scalar,sse2,avx2,neon cortex-a72:neon cortex-a76:neon neoverse-n1:neon
        a64fx,sve512=off:sve256:sve256 a64fx:sve512:sve512 max,sve128=on:neonbf16:neonbf16
        max,sve256=on:sve256bf16:sve256bf16 max,sve512=on:sve512bf16:sve512bf16"
    ;;
armv7)
    architecture=armhf triplet=arm-linux-gnueabihf preset=armv7-linux
    models="cortex-a7:neon32:neon32 cortex-a15:neon32 cortex-a9,neon=off:scalar:scalar"
    ;;
riscv64)
    architecture=riscv64 triplet=riscv64-linux-gnu preset=riscv64-linux features=none
    models="rv64:scalar:scalar"
    ;;
s390x) # big-endian
    architecture=s390x triplet=s390x-linux-gnu preset=s390x-linux features=none
    models="max:scalar:scalar"
    ;;
i686) # of 32 bits
    architecture=i386 triplet=i686-linux-gnu preset=i686-linux features=none
    models="Nehalem:sse2:scalar,sse2 max:avx2:avx2"
    ;;
windows)
    triplet=x86_64-w64-mingw32 preset=windows-x64 features=none
    ;;
wasm)
    triplet=wasm32 preset=wasm32 features=none
    ;;
*) fail "usage: sh scripts/cross.sh aarch64|armv7|riscv64|s390x|i686|windows|wasm" ;;
esac
dir=$root/build/$preset
unpacked=$root/build/$1-packages
READELF=$triplet-readelf OBJDUMP=$triplet-objdump
export READELF OBJDUMP

# Runs apt-get for the target with lists of its own: the system's stay as they are.
target_apt() {
    apt-get -qq -o APT::Architectures::="$architecture" -o APT::Sandbox::User=root \
        -o Dir::State::lists="$unpacked/lists" -o Dir::Cache="$unpacked/cache" "$@"
}

# Unpacks the target's cpu_features, and SIMDe's headers, below $unpacked.
fetch() {
    mkdir -p "$unpacked/lists/partial" "$unpacked/cache/archives/partial"
    cd "$unpacked" || return
    # An index out of step with its mirror does not matter if the download works.
    target_apt update || true
    target_apt download "libcpu-features-dev:$architecture" libsimde-dev || return
    for package in *.deb; do
        dpkg -x "$package" "$unpacked" || return
    done
    rm -rf lists cache ./*.deb
}

# command package: what apt-get could not install, somebody has to.
have() {
    command -v "$1" >/dev/null || fail "$1 is missing: install $2"
}

# Where cpu_features is not packaged for the target: SIMDe alone, which is headers.
gather_libraries() {
    if [ -z "$features" ]; then
        [ -d "$unpacked/usr/include/simde" ] || (step "fetching libraries for $architecture" fetch)
        return
    fi
    need libsimde-dev
    mkdir -p "$unpacked/usr/include"
    ln -sfn /usr/include/simde "$unpacked/usr/include/simde"
}

# test_package script argument...: what is packed is what was meant.
test_package() {
    step "testing ${2#"$root"/}" sh "$root/tests/package/$1" "$2" "$3"
}

pack() {
    rm -rf "$dir/packages"
    (cd "$dir" && step "packing" cpack)
}

case $1 in
windows) . "$(dirname "$0")/cross_wine.sh" ;;
wasm) . "$(dirname "$0")/cross_node.sh" ;;
*) . "$(dirname "$0")/cross_qemu_user.sh" ;;
esac

need_target
gather_libraries
build "$dir" --preset "$preset" -DHEED_CPU_FEATURES_DIR="$unpacked" \
    -DHEED_SIMDE_INCLUDE="$unpacked/usr/include"
step "building the tests of the platform" cmake --build "$dir" --parallel "$jobs" --target platform_tests
check_target
pack
test_packages
say "copy one of these to where it shall run, and see docs/boards.md:"
for package in "$dir"/packages/heed*; do
    [ -d "$package" ] || say "  ${package#"$root"/}"
done
