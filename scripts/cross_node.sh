# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# cross_node.sh - the part of cross.sh for WebAssembly, in Node.js.  Sourced.
NODE_PATH=/usr/share/nodejs # where Debian has what emscripten needs, whoever brought node
export NODE_PATH

need_target() {
    need cmake ninja-build emscripten
    have emcc emscripten
    have node nodejs
}

# emscripten 3.1.6 takes a fetch() for that of a browser, which Node.js 18 has too.
on_node() {
    program=$1
    shift
    node --no-experimental-fetch "$dir/$program.js" "$@"
}

check_target() {
    on_node tools/heed info
    on_node tools/heed check --isa all
    on_node tools/heed attend
}

test_packages() {
    wasm=$(find "$dir/tools" -name heed.wasm)
    [ -n "$wasm" ] || fail "no heed.wasm was built"
}
