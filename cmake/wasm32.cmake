# SPDX-License-Identifier: MIT
# wasm32.cmake - toolchain for WebAssembly: Debian's emscripten, whose own file calls it x86.
set(EMSCRIPTEN_SYSTEM_PROCESSOR wasm32)
include(/usr/share/emscripten/cmake/Modules/Platform/Emscripten.cmake)
