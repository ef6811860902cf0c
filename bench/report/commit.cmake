# SPDX-License-Identifier: MIT
# commit.cmake - writes HEADER with the commit that SOURCE stands at, "" where git does not know.
execute_process(COMMAND git -C ${SOURCE} describe --always --dirty --exclude=* --abbrev=12
    OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
file(CONFIGURE OUTPUT ${HEADER} CONTENT "#define HEED_BENCH_COMMIT \"${commit}\"\n")
