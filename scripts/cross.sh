#!/bin/sh
# SPDX-License-Identifier: MIT
# cross.sh - builds heed for an ARM board and checks it in an emulator.
# Usage: sh scripts/cross.sh aarch64|armv7
#
# Where the package mirror lacks the board's architecture (Ubuntu), unpack its
# libcpu-features-dev and libsimde-dev into build/<name>-packages beforehand.
. "$(dirname "$0")/lib.sh"

# The first CPU model checks every instruction set; the others those it chooses from.
case ${1-} in
aarch64)
    architecture=arm64 triplet=aarch64-linux-gnu qemu=qemu-aarch64
    models="cortex-a53 cortex-a72 neoverse-n1 max,sve128=on max,sve256=on max,sve512=on"
    ;;
armv7)
    architecture=armhf triplet=arm-linux-gnueabihf qemu=qemu-arm
    models="cortex-a7 cortex-a15 max"
    ;;
*) fail "usage: sh scripts/cross.sh aarch64|armv7" ;;
esac
preset=$1-linux
dir=$root/build/$preset
unpacked=$root/build/$1-packages

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

# on model argument...: runs the command on that CPU.
on() {
    model=$1
    shift
    "$qemu" -cpu "$model" -L "/usr/$triplet" "$dir/tools/heed" "$@"
}

need cmake ninja-build qemu-user "gcc-$triplet" "libc6-dev-$architecture-cross"
[ -d "$unpacked/usr/include/simde" ] || (step "fetching libraries for $architecture" fetch)

build "$dir" --preset "$preset" -DHEED_CPU_FEATURES_DIR="$unpacked"

isas=--isa\ all
for model in $models; do
    say "checking on $model"
    # shellcheck disable=SC2086 # an option and its value, or nothing
    on "$model" check $isas
    isas=
    # cpu_features would say something first on those without HWCAP2, were it not held to silence.
    first=$(on "$model" attend --json | head -c 1)
    [ "$first" = "{" ] || fail "heed attend --json on $model begins with '$first', not '{'"
done
