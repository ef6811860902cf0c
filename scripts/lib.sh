# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# lib.sh - what the scripts of this directory share.  Sourced; plain POSIX sh.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
jobs=$(nproc 2>/dev/null || echo 2)

say() {
    printf 'heed: %s\n' "$*" >&2
}

fail() {
    say "$*"
    exit 1
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        fail "run as root, or install sudo, for: $*"
    fi
}

# step "what happens" command...: says so; shows the command's output only if it fails.
step() {
    say "$1"
    shift
    log=$(mktemp)
    if ! "$@" >"$log" 2>&1 </dev/null; then
        tail -n 60 "$log" >&2
        fail "failed: $* (the whole output: $log)"
    fi
    rm -f "$log"
}

installed() {
    dpkg-query -W -f '${Status}\n' "$1" 2>/dev/null | grep -q ' installed$'
}

apt() {
    # Waits for another apt; asks nothing.
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 "$@"
}

# need package...: installs what is missing, with apt-get.  Elsewhere the build says what it lacks.
need() {
    if ! command -v apt-get >/dev/null; then
        say "no apt-get here; going on with what is installed"
        return
    fi
    missing=
    for package; do
        installed "$package" || missing="$missing $package"
    done
    if [ -n "$missing" ]; then
        step "updating the package lists" apt update
        # shellcheck disable=SC2086 # a list of names
        step "installing$missing" apt install -y --no-install-recommends $missing
    fi
}

# build directory [cmake option...]: configures (with Ninja, if present) and builds.
build() {
    dir=$1
    shift
    if [ ! -f "$dir/CMakeCache.txt" ] && command -v ninja >/dev/null; then
        set -- -G Ninja "$@"
    fi
    step "configuring $dir" cmake -S "$root" -B "$dir" "$@"
    step "building $dir" cmake --build "$dir" --parallel "$jobs"
}

# need_to_build [package...]: what the libraries and the command are built from, and more.
need_to_build() {
    need gcc libc6-dev cmake ninja-build libcpu-features-dev libsimde-dev "$@"
}
