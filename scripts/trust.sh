#!/bin/sh
# SPDX-License-Identifier: MIT
# trust.sh - the evidence of docs/trust.md, which takes too long for every change.
# Usage: trust.sh coverage|valgrind|integer|mutants [count]|fuzz [seconds]|soak [seconds]
#
# Builds in build/trust/NAME.  What is counted goes into docs/results/, from which tests/trust/page.py
# draws the tables of the page.
. "$(dirname "$0")/lib.sh"

trust=$root/build/trust
need_to_build libcriterion-dev pkg-config python3

# tests name cmake-option...: builds, and runs the tests of compiled code.
tests() {
    dir=$trust/$1
    shift
    build "$dir" -DHEED_BUILD_BENCH=OFF -DHEED_BUILD_EXAMPLES=OFF "$@"
    ctest --test-dir "$dir" --output-on-failure --parallel "$jobs" --exclude-regex '^(package|report|conformance|cli)'
}

# Branches of the library that the tests take: of portable code and of kernels that run here, and by
# `heed check` and some of the tests of emulated ones.  Nothing is inlined, or a branch would count as often as it is
# copied, less what constants decide there.
coverage() {
    need python3-venv
    venv=$trust/venv
    [ -x "$venv/bin/gcovr" ] || {
        step "making $venv" python3 -m venv "$venv"
        step "installing gcovr there" "$venv/bin/python" -m pip install gcovr
    }
    counted="-O1 -fno-inline -U__OPTIMIZE__ -DHEED_SANITIZED=1 --coverage -fprofile-update=atomic"
    set -- -DCMAKE_BUILD_TYPE=Debug -DCMAKE_SHARED_LINKER_FLAGS=--coverage -DCMAKE_EXE_LINKER_FLAGS=--coverage
    tests coverage "$@" "-DCMAKE_C_FLAGS=$counted" "-DHEED_ONLY=sse2;avx2"
    emulated=$trust/coverage_emulated
    build "$emulated" "$@" "-DCMAKE_C_FLAGS=$counted" "-DHEED_ONLY=avx512;avx512bf16;amx;neonbf16" -DHEED_EMULATE=ON \
        -DHEED_BUILD_BENCH=OFF -DHEED_BUILD_EXAMPLES=OFF
    ctest --test-dir "$emulated" --output-on-failure --parallel "$jobs" \
        --tests-regex '^(bf16|far|kv|kv_bytes|library|masks|packed|packed_bytes|parts|parts_range|small|unseen|vocabulary)$'
    for isa in avx512 avx512bf16 amx neonbf16; do
        echo "$isa"
    done | xargs -P "$jobs" -I{} "$emulated/tools/heed" check --isa {}
    "$venv/bin/gcovr" --root "$root" --filter "$root/src/" --exclude-unreachable-branches --exclude-throw-branches \
        --merge-mode-functions=merge-use-line-0 --gcov-suspicious-hits-threshold=0 \
        --json-summary "$trust/coverage.json" --html-details "$trust/coverage/branches.html" "$trust/coverage" "$emulated"
    python3 -B "$root/tests/trust/page.py" coverage "$trust/coverage.json"
}

# Reads of memory that nobody wrote, or that is not there, and leaks.
valgrind() {
    need valgrind
    build "$trust/valgrind" -DCMAKE_BUILD_TYPE=RelWithDebInfo -DHEED_BUILD_BENCH=OFF -DHEED_BUILD_EXAMPLES=OFF
    for isa in scalar sse2 avx2; do
        command valgrind -q --error-exitcode=1 --leak-check=full --show-leak-kinds=all \
            "$trust/valgrind/tools/heed" check --isa "$isa"
    done
    command valgrind -q --error-exitcode=1 --leak-check=full "$trust/valgrind/tests/heed_race_kv"
    command valgrind -q --error-exitcode=1 --leak-check=full "$trust/valgrind/tests/heed_soak" 10
}

# Unsigned numbers that wrap, and values that a narrower type cannot hold.
integer() {
    need clang
    flags="-fsanitize=integer -fno-sanitize=unsigned-shift-base -fno-sanitize-recover=all \
-fsanitize-ignorelist=$root/tests/integer.ignorelist"
    tests integer -DCMAKE_C_COMPILER=clang -DCMAKE_CXX_COMPILER=clang++ -DCMAKE_BUILD_TYPE=RelWithDebInfo "-DHEED_ONLY=sse2;avx2" \
        "-DCMAKE_C_FLAGS=$flags" "-DCMAKE_CXX_FLAGS=$flags"
}

mutants() {
    "$root/tests/mutation/mutate.py" --count "${1:-300}" --report "$trust/mutants.json"
    python3 -B "$root/tests/trust/page.py" mutants "$trust/mutants.json"
}

# All fuzzers side by side, so long; each goes on from the inputs that it has found so far.
fuzz() {
    need clang
    step "configuring build/fuzz" cmake -S "$root" -B "$root/build/fuzz" --preset fuzz
    step "building the fuzzers" cmake --build "$root/build/fuzz" --parallel "$jobs" --target fuzzers
    python3 -B "$root/tests/trust/fuzz.py" "$root/build/fuzz" "$trust/fuzz" "${1:-3600}" "$jobs"
}

soak() {
    build "$trust/soak" -DCMAKE_BUILD_TYPE=Release -DHEED_BUILD_BENCH=OFF -DHEED_BUILD_EXAMPLES=OFF
    "$trust/soak/tests/heed_soak" "${1:-3600}" | tee "$trust/soak.log"
    python3 -B "$root/tests/trust/page.py" soak "$trust/soak.log"
}

case ${1:-} in
coverage | valgrind | integer | mutants | fuzz | soak) mkdir -p "$trust" && "$@" ;;
*) fail "trust.sh coverage|valgrind|integer|mutants [count]|fuzz [seconds]|soak [seconds]" ;;
esac
