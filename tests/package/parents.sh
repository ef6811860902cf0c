#!/bin/sh
# SPDX-License-Identifier: MIT
# parents.sh - heed as a part of projects that build in unusual ways.
# Usage: parents.sh heed-source-directory work-directory [case...]
#
# Without cases all of them.  Scalar kernels alone are built, but for `plain` and `sanitized`.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
heed=$1 work=$2
shift 2

fail() {
    echo "FAILED $name: $*"
    exit 1
}

show() {
    cat "$log"
    fail "see above"
}

run() {
    { "$directory/parent_heed" && "$directory/parent_static"; } || fail "does not run"
}

# configure [cmake-option...]
configure() {
    "$CMAKE" -S "$here/parent" -B "$directory" -G "$GENERATOR" -DHEED="$heed" -DCMAKE_C_COMPILER="$CC" \
        -DCMAKE_CXX_COMPILER="$CXX" "$@" >"$log" 2>&1
}

# builds [cmake-option...]: the parent builds, and its programs run.
builds() {
    rm -rf "$directory"
    configure -DHEED_ONLY=scalar "$@" || show
    "$CMAKE" --build "$directory" --parallel 2 >"$log" 2>&1 || show
    run
}

# refuses word [cmake-option...]: one error, that names the way out.
refuses() {
    word=$1
    shift
    rm -rf "$directory"
    if configure -DHEED_ONLY=scalar "$@"; then
        fail "configures"
    fi
    { [ "$(grep -c 'CMake Error' "$log")" = 1 ] && grep -q "$word" "$log"; } || show
}

# is_linked yes|no: to the shared library?
is_linked() {
    case $(readelf -d "$directory/parent_heed" | grep -c 'libheed\.so') in
    0) [ "$1" = no ] || fail "heed::heed is the static library" ;;
    *) [ "$1" = yes ] || fail "heed::heed is the shared library" ;;
    esac
}

case_plain() {
    configure || show
    "$CMAKE" --build "$directory" --parallel 2 >"$log" 2>&1 || show
    run
    is_linked yes
}

case_unity() {
    builds -DCMAKE_UNITY_BUILD=ON
}

case_shared_libs() {
    builds -DBUILD_SHARED_LIBS=ON
    is_linked yes
    builds -DBUILD_SHARED_LIBS=OFF
    is_linked no
    builds -DHEED_SHARED=OFF
    is_linked no
    [ -z "$(find "$directory" -name 'libheed*.so*')" ] || fail "a shared library was built"
}

case_static() {
    builds -DCMAKE_C_FLAGS=-static
    builds -DCMAKE_EXE_LINKER_FLAGS=-static
    builds -DOPTIONS=-static
}

case_position() {
    builds -DCMAKE_POSITION_INDEPENDENT_CODE=OFF "-DCMAKE_C_FLAGS=-fno-pic -no-pie"
    builds -DCMAKE_POSITION_INDEPENDENT_CODE=OFF -DOPTIONS=-fno-pie\;-no-pie
}

case_optimised() {
    builds -DCMAKE_INTERPROCEDURAL_OPTIMIZATION=ON -DCMAKE_BUILD_TYPE=Release
    builds -DCMAKE_INTERPROCEDURAL_OPTIMIZATION_RELEASE=ON -DCMAKE_BUILD_TYPE=Release
}

# With HEED_WERROR its own warnings are errors, and those that the parent adds.
case_warnings() {
    builds '-DHEED_ONLY=sse2;avx2' -DHEED_WERROR=ON '-DOPTIONS=-Wsign-conversion;-Wconversion;-Werror'
    builds '-DOPTIONS=-Wfloat-equal;-Wswitch-enum;-Wunused-macros;-Werror'
}

case_languages() {
    builds -DLANGUAGE=CXX
}

case_old() {
    builds -DMINIMUM=3.5
}

case_fetched() {
    builds -DFETCH=ON
}

case_spaces() {
    plain_directory=$directory plain_heed=$heed
    directory="$work/with a space" heed="$work/heed of spaces"
    mkdir "$heed"
    cp -r "$plain_heed/CMakeLists.txt" "$plain_heed/LICENSE" "$plain_heed/cmake" "$plain_heed/include" \
        "$plain_heed/src" "$heed"
    builds -DEXPORT=ON -DHEED_INSTALL=ON
    heed=$plain_heed directory=$plain_directory
}

# A second copy is the first, or another version is refused.
case_twice() {
    copy="$work/copy"
    mkdir "$copy"
    cp -r "$heed/CMakeLists.txt" "$heed/cmake" "$heed/include" "$heed/src" "$copy"
    builds -DSIBLING="$copy"
    sed -i 's/project(heed VERSION 0\.[0-9]*/project(heed VERSION 0.99/' "$copy/CMakeLists.txt"
    refuses 'only one' -DSIBLING="$copy"
}

case_cpu_features() {
    sibling="$work/others"
    mkdir "$sibling"
    echo 'int nothing;' >"$sibling/nothing.c"
    cat >"$sibling/CMakeLists.txt" <<-END
	add_library(cpu_features STATIC nothing.c)
	add_library(CpuFeatures::cpu_features ALIAS cpu_features)
	END
    cat >"$sibling/CpuFeaturesConfig.cmake" <<-END
	add_library(CpuFeatures::cpu_features SHARED IMPORTED)
	set_target_properties(CpuFeatures::cpu_features PROPERTIES IMPORTED_LOCATION $sibling/libcpu_features.so)
	END
    # Asked on ARM alone, for which nothing more than configuring is needed.
    set -- -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=aarch64
    refuses HEED_CPU_FEATURES=OFF -DSIBLING="$sibling" "$@"
    refuses HEED_CPU_FEATURES=OFF -DCpuFeatures_DIR="$sibling" "$@"
    builds -DSIBLING="$sibling" -DHEED_CPU_FEATURES=OFF
}

# A parent's static library that needs heed::static, installed, and found by a project of its own.
case_installed() {
    prefix="$work/prefix"
    builds
    "$CMAKE" --install "$directory" --prefix "$prefix" >"$log" 2>&1 || show
    [ ! -e "$prefix" ] || fail "installs heed unasked"
    builds -DEXPORT=ON -DHEED_INSTALL=ON
    "$CMAKE" --install "$directory" --prefix "$prefix" >"$log" 2>&1 || show
    mkdir "$work/user"
    cat >"$work/user/CMakeLists.txt" <<-END
	cmake_minimum_required(VERSION 3.21)
	project(user LANGUAGES C)
	find_package(heed 0.1 REQUIRED)
	find_package(upon_heed REQUIRED)
	file(WRITE main.c "")
	add_executable(user main.c)
	target_link_libraries(user PRIVATE upon_heed)
	END
    "$CMAKE" -S "$work/user" -B "$work/user/build" -G "$GENERATOR" -DCMAKE_C_COMPILER="$CC" \
        -DCMAKE_PREFIX_PATH="$prefix" >"$log" 2>&1 || show
    "$CMAKE" --build "$work/user/build" >"$log" 2>&1 || show
    "$work/user/build/user" || fail "does not run"
    rm -rf "$prefix"
    builds -DHEED_SHARED=OFF -DHEED_INSTALL=ON
    "$CMAKE" --install "$directory" --prefix "$prefix" >"$log" 2>&1 || show
    rm -rf "$work/user/build"
    sed -i -e '/upon_heed REQ/d' -e 's/PRIVATE upon_heed/PRIVATE heed::heed/' "$work/user/CMakeLists.txt"
    "$CMAKE" -S "$work/user" -B "$work/user/build" -G "$GENERATOR" -DCMAKE_C_COMPILER="$CC" \
        -DCMAKE_PREFIX_PATH="$prefix" >"$log" 2>&1 || show
}

# Checked kernels in seconds: with all functions inlined gcc took 150 for the file that takes 21.
case_sanitized() (
    # shellcheck disable=SC3045
    ulimit -t 60 # of a processor, for each process
    builds '-DHEED_ONLY=sse2;avx2' -DCMAKE_BUILD_TYPE=RelWithDebInfo \
        '-DCMAKE_C_FLAGS=-fsanitize=address,undefined -fno-sanitize-recover=all'
    builds '-DHEED_ONLY=sse2;avx2' -DCMAKE_BUILD_TYPE=Release -DOPTIONS=-fsanitize=undefined
)

[ $# -gt 0 ] || set -- plain unity shared_libs static position optimised warnings languages old fetched spaces \
    twice cpu_features installed sanitized
rm -rf "$work"
mkdir -p "$work"
for name; do
    directory="$work/$name" log="$work/$name.log"
    rm -rf "$directory"
    "case_$name"
    echo "ok     $name"
    rm -rf "$directory"
done
