# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# cross_wine.sh - the part of cross.sh for Windows, in Wine.  Sourced.
wine=/usr/lib/wine/wine64 # the program itself: the script in front of it wants 32 bits too

need_target() {
    need cmake ninja-build gcc-mingw-w64-x86-64 wine64
    have "$triplet-gcc" gcc-mingw-w64-x86-64
    have "$wine" wine64
}

# A Windows of its own, 700 MB, for as long as this takes.
begin_wine() {
    WINEPREFIX=$(mktemp -d)
    trap 'end_wine' EXIT
    # Without the parts that Wine would offer to download.
    WINEDEBUG=-all WINEDLLOVERRIDES="mscoree,mshtml=" WINEPATH=$dir
    export WINEPREFIX WINEDEBUG WINEDLLOVERRIDES WINEPATH
    step "starting Wine" "$wine" wineboot --init
}

end_wine() {
    /usr/lib/wine/wineserver64 -k || true
    rm -rf "$WINEPREFIX"
}

check_target() {
    begin_wine
    for test in guards depths; do
        "$wine" "$dir/tests/platform/heed_$test.exe"
    done
    "$wine" "$dir/tools/heed.exe" info
    "$wine" "$dir/tools/heed.exe" check --isa all
    # The same numbers as on Linux are the business of heed check; here it has to come out whole.
    "$wine" "$dir/tools/heed.exe" attend
    "$wine" "$dir/tools/heed.exe" attend --html "$dir/page.html" --json >"$dir/attend.json"
    case $(head -c 1 "$dir/attend.json")$(tail -c 8 "$dir/page.html") in
    "{"*"</html>") ;;
    *) fail "heed attend left a page or an object that is not whole" ;;
    esac
    "$wine" "$dir/examples/decode.exe" # by way of the DLL
}

test_packages() {
    test_package windows.sh "$dir/libheed.dll" "$root/include/heed/heed.h"
}
