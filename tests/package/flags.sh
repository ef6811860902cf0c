#!/bin/sh
# SPDX-License-Identifier: MIT
# flags.sh - the same bits whatever flags a parent project compiles with.
# Usage: flags.sh quick|all heed-source-directory work-directory
#
# By itself each kind is tried on scalar code, which a compiler may do most with; all of them at
# once on vectors too, with the vocabulary, the example sentence and `heed check`.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
what=$1 heed=$2 work=$3
shift 3

fail() {
    echo "FAILED $*"
    exit 1
}

# compile directory "target..." compiler flags|options "flag..." [cmake-option...]: has a parent
# give these flags; says nothing unless that fails.
compile() {
    directory=$1 targets=$2 compiler=$3 way=$4 flags=$5
    shift 5
    if [ "$way" = flags ]; then
        set -- "-DCMAKE_C_FLAGS=-O1 $flags" "$@"
    else
        set -- -DCMAKE_C_FLAGS=-O1 "-DOPTIONS=$(echo "$flags" | tr ' ' ';')" "$@"
    fi
    # shellcheck disable=SC2086 # a list of targets
    { "$CMAKE" -S "$here/parent" -B "$directory" -G "$GENERATOR" -DHEED="$heed" \
        -DCMAKE_C_COMPILER="$compiler" "$@" &&
        "$CMAKE" --build "$directory" --parallel 2 --target $targets; } >"$directory.log" 2>&1
}

# same program name: does it print the bits of the ordinary build?
same() {
    "$1" >"$1.bits" || fail "$2: does not run"
    grep -q '^scalar' "$1.bits" || fail "$2: no bits"
    grep -vFxf "$work/ordinary.bits" "$1.bits" && fail "$2: other bits"
    return 0
}

# one compiler flags|options "flag..." number: one kind.
one() {
    name="$1 $3" directory="$work/$4"
    compile "$directory" "bits heed" "$1" "$2" "$3" -DHEED_ONLY=scalar ||
        fail "$name: see $directory.log"
    same "$directory/bits" "$name"
    case $3 in
    *-fsanitize*) ;; # whose run-time nothing can load late
    *) "$work/loads" "$directory/heed/libheed.so" || fail "$name: see above" ;;
    esac
    rm -rf "$directory"
    echo "ok     $name"
}

# refused compiler flag: a parent's file that includes heed.h says why not, in one line.
refused() {
    if said=$("$1" "$2" -I"$heed/include" -fsyntax-only "$here/parent/bits.c" 2>&1); then
        fail "$1 $2: another layout was not seen"
    fi
    said=$(echo "$said" | grep 'error:')
    case $said in
    *error:*error:*) fail "$1 $2: $said" ;;
    *'heed: compile without '*"$2"*) ;;
    *) fail "$1 $2: $said" ;;
    esac
    echo "ok     $1 $2: refused"
}

# immune compiler "flag...": heed itself builds under these.
immune() {
    directory="$work/immune"
    compile "$directory" "heed heed_static" "$1" flags "$2" -DHEED_ONLY=scalar || fail "$1 $2: see $directory.log"
    rm -rf "$directory"
    echo "ok     $1 $2: for heed alone"
}

# Without CMake: every file refuses, in one line, what it cannot undo, ...
refused_directly() {
    for file in "$heed"/src/*.c "$heed"/src/kernels/*.c; do
        for flag in -ffast-math -ffinite-math-only; do
            said=$("$1" -E "$flag" -Wfatal-errors -I"$heed/include" -I"$heed/src" "$file" 2>&1 >"$work/preprocessed" |
                grep 'error:' || true)
            case $said in
            *error:*error:*) fail "$1 -c $flag ${file#"$heed/"}: $said" ;;
            *'"heed: compile without -ffast-math'*) ;;
            *) fail "$1 -c $flag ${file#"$heed/"}: $said" ;;
            esac
        done
    done
    echo "ok     $1 -c with -ffast-math: refused by every file"
}

# ... and has the same bits with what it can.
directly() {
    sed 's/1$/0/' "$work/ordinary/heed/heed_with.h" >"$work/heed_with.h"
    # shellcheck disable=SC2046,SC2086 # lists of files and flags
    "$1" -std=gnu11 -O1 $2 -DHEED_BUILDING -DHEED_STATIC -I"$heed/include" -I"$heed/src" -I"$work" \
        $(find "$heed/src" -maxdepth 1 -name '*.c' | grep -vE 'cpu_(apple|features|generic|linux)|quiet|pool') \
        "$heed/src/kernels/scalar.c" "$here/parent/bits.c" -lm -o "$work/direct" || fail "$1 -c $2"
    same "$work/direct" "$1 -c $2"
    echo "ok     $1 -c $2"
}

# kinds compiler: a line for each, "'compiler' way 'flag...'", for xargs.  Some come together, for
# each costs a build.
kinds() {
    way=options
    [ "$1" != "$CC" ] || way=flags
    special='-O0 --coverage -fsingle-precision-constant -mfpmath=387,-Ofast -flto -funroll-all-loops'
    case $("$1" --version) in
    *clang*) special='-O0 --coverage -fapprox-func -fno-honor-nans,-Ofast -funroll-loops' ;;
    esac
    tr ',' '\n' <<-END | sed "s/.*/'$1' $way '&'/"
	-ffast-math
	-funsafe-math-optimizations -freciprocal-math
	-fassociative-math -fno-signed-zeros -fno-trapping-math -ffinite-math-only
	-Os -march=native -ffp-contract=fast -fno-strict-aliasing -funsigned-char
	-O0 -fsanitize=address -fsanitize=undefined
	$special
	END
}

# all_at_once compiler flags|options "flag..."
all_at_once() {
    directory="$work/all" tools="$work/all/heed/tools"
    rm -rf "$directory"
    compile "$directory" "bits heed heed_command heed_vocabulary" "$1" "$2" "$3" \
        "-DHEED_ONLY=sse2;avx2" -DHEED_BUILD_TOOLS=ON || fail "$1 $3: see $directory.log"
    same "$directory/bits" "$1 $3"
    "$work/loads" "$directory/heed/libheed.so" || fail "$1 $3: see above"
    find "$directory/heed/CMakeFiles/heed_objects.dir" -name '*.o' -exec sh "$here/levels.sh" {} + ||
        fail "$1 $3: see above"
    for isa in $(sed 's/ .*//' "$directory/bits.bits" | uniq); do
        "$directory/heed/tests/platform/heed_vocabulary" "$isa" || fail "$1 $3: see above"
        "$tools/heed" check --isa "$isa" >"$directory.log" || fail "$1 $3: $(cat "$directory.log")"
        HEED_ISA=$isa "$tools/heed" attend --json >"$directory.json"
        HEED_ISA=$isa "$work/ordinary/heed/tools/heed" attend --json | diff - "$directory.json" ||
            fail "$1 $3: another sentence on $isa"
    done
    echo "ok     $1, all at once"
}

# The ordinary build, and a program that has seen none of the flags.
prepare() {
    rm -rf "$work"
    mkdir -p "$work"
    compile "$work/ordinary" "bits $1" "$CC" flags "" "-DHEED_ONLY=$2" -DHEED_BUILD_TOOLS=ON ||
        fail "the ordinary build: see $work/ordinary.log"
    "$work/ordinary/bits" >"$work/ordinary.bits"
    "$CC" "$here/parent/loads.c" -ldl -o "$work/loads"
}

worst="-Ofast -ffast-math -funsafe-math-optimizations -fassociative-math -freciprocal-math"
worst="$worst -ffinite-math-only -fno-signed-zeros -fno-trapping-math -ffp-contract=fast -flto"
case $what in
one) one "$@" ;;
quick)
    prepare "" scalar
    one "$CC" flags "$worst" 1
    refused "$CC" -fshort-enums
    refused "$CC" -fpack-struct
    refused_directly "$CC"
    directly "$CC" "-march=native"
    ;;
all)
    prepare heed_command "sse2;avx2"
    {
        kinds gcc
        kinds clang
    } | awk '{print $0, NR}' |
        xargs -P "$(nproc)" -L 1 sh "$0" one "$heed" "$work" || fail "see above"
    for compiler in gcc clang; do
        refused "$compiler" -fshort-enums
        refused "$compiler" -fpack-struct
        immune "$compiler" "-fshort-enums -fpack-struct"
        refused_directly "$compiler"
        directly "$compiler" "-march=native"
    done
    directly gcc "-march=native -ffp-contract=fast"
    directly clang "-march=native -funsafe-math-optimizations -fno-signed-zeros"
    all_at_once gcc flags "$worst -fsingle-precision-constant -funroll-all-loops"
    all_at_once clang options "$worst"
    ;;
esac
