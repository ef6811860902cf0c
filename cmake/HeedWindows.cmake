# SPDX-License-Identifier: MIT
# HeedWindows.cmake - what Windows wants otherwise; nothing elsewhere.
if(NOT WIN32)
    return()
endif()

# The printf of msvcrt has no %zu and its attribute in gcc no way to say so.  The
# one of mingw-w64 has; the formats are checked by every other build.
add_compile_definitions($<$<BOOL:${MINGW}>:__USE_MINGW_ANSI_STDIO=1>)
add_compile_options($<$<BOOL:${MINGW}>:-Wno-format>)
# A DLL that a stranger copies must not ask for gcc's.
add_link_options($<$<BOOL:${MINGW}>:-static-libgcc>)
