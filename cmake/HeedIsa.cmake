# HeedIsa.cmake - which instruction sets are built, and the only place with -m flags.
#
# heed_add_isa(<name> ARCH <regex> FLAGS <flag>... [EMULATE_ON <regex>] [UNLESS <feature>])
#
# Compiles src/kernels/<name>.c with FLAGS when the target matches ARCH and the
# compiler takes them; elsewhere, with HEED_EMULATE=ON on a target that matches
# EMULATE_ON, without FLAGS, so that SIMDe emulates it for the tests.  UNLESS: with
# HEED_EMULATE=ON emulated at home too, where the CPU that builds lacks the feature.
# HEED_ONLY, if not empty, lists those to build of all these; scalar is always there.
#
# For tests and benchmarks that compile against the vocabulary of an instruction set:
#   global property HEED_ISAS                names of those built
#   global property HEED_ISAS_LEFT_OUT       names of those that could be built elsewhere
#   global property HEED_ISA_FLAGS_<name>    flags, none of instructions if emulated or portable
include(CheckCCompilerFlag)
include(CheckCSourceRuns)

set(HEED_X64 "^(x86_64|AMD64|amd64)$")
set(HEED_X86_32 "^i[3-6]86$") # on what has SSE2
set(HEED_X86 "${HEED_X64}|${HEED_X86_32}")
set(HEED_ARM64 "^(aarch64|arm64)$")
set(HEED_ARM32 "^arm(v7.*)?$")
set(HEED_WASM "^wasm32$")

# Of HeedFlags.cmake: scalar arithmetic not by the x87, which rounds twice; and what gcc 13 wants
# beside -fno-fast-math.
set(HEED_SCALAR_FLAGS "")
set(HEED_LINK_FLAGS "")
if(CMAKE_SYSTEM_PROCESSOR MATCHES "${HEED_X86}")
    set(HEED_SCALAR_FLAGS -mfpmath=sse)
    set(HEED_LINK_FLAGS -mno-daz-ftz)
endif()

# SVE of a fixed length came with gcc 10.  clang 14 to 16 pass its vectors through memory, at
# 4.8 instructions for an FMA; clang 19, the next that was looked at, takes 1.9.
set(HEED_SVE "^$")
if((CMAKE_C_COMPILER_ID STREQUAL GNU AND CMAKE_C_COMPILER_VERSION VERSION_GREATER_EQUAL 10) OR
   (CMAKE_C_COMPILER_ID STREQUAL Clang AND CMAKE_C_COMPILER_VERSION VERSION_GREATER_EQUAL 19))
    set(HEED_SVE ${HEED_ARM64})
endif()

# Tiles are Linux's to give: other systems would have to be asked in other words.
set(HEED_AMX "^$")
if(CMAKE_SYSTEM_NAME STREQUAL Linux)
    set(HEED_AMX ${HEED_X64})
endif()

# The stack of Win64 is aligned to 16 bytes, and gcc may take the slots of its vectors
# for better ones (gcc bug 54412): the assembler writes every aligned move as an
# unaligned one, which costs nothing where the address is aligned after all.  (The gcc
# of Debian is patched to write them so itself; that of others is not.)
set(HEED_AVX_FLAGS "")
if(MINGW AND CMAKE_C_COMPILER_ID STREQUAL GNU)
    set(HEED_AVX_FLAGS -Wa,-muse-unaligned-vector-move)
endif()

function(heed_add_isa name)
    cmake_parse_arguments(arg "" "ARCH;EMULATE_ON;UNLESS" "FLAGS" ${ARGN})
    string(TOUPPER ${name} upper)
    set(how no)
    set(flags "")

    set_property(GLOBAL APPEND PROPERTY HEED_ISAS_KNOWN ${name})
    if(HEED_ONLY AND NOT name IN_LIST HEED_ONLY)
        set(arg_ARCH "^$")
        set(arg_EMULATE_ON "^$")
        set(arg_UNLESS "")
    endif()
    if(HEED_EMULATE AND arg_UNLESS AND NOT CMAKE_CROSSCOMPILING)
        check_c_source_runs("int main(void) { return !__builtin_cpu_supports(\"${arg_UNLESS}\"); }"
                            HEED_CPU_HAS_${upper})
        if(NOT HEED_CPU_HAS_${upper})
            set(how emulated)
        endif()
    endif()
    if(how STREQUAL emulated)
        # as found out above
    elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "${arg_ARCH}")
        string(REPLACE ";" " " joined "${arg_FLAGS}")
        check_c_compiler_flag("${joined}" HEED_CC_TAKES_${upper})
        if(HEED_CC_TAKES_${upper})
            set(how native)
            set(flags ${arg_FLAGS})
        endif()
    elseif(HEED_EMULATE AND arg_EMULATE_ON AND CMAKE_SYSTEM_PROCESSOR MATCHES "${arg_EMULATE_ON}")
        set(how emulated)
    endif()

    if(how STREQUAL no)
        file(APPEND ${PROJECT_BINARY_DIR}/heed_with.h.in "#define HEED_WITH_${upper} 0\n")
        set_property(GLOBAL APPEND PROPERTY HEED_ISAS_LEFT_OUT ${name})
        return()
    endif()
    if(how STREQUAL emulated)
        set(flags -Wno-psabi) # vectors wider than this target's never leave the file
        if(CMAKE_SYSTEM_PROCESSOR MATCHES "${HEED_WASM}")
            list(APPEND flags -msimd128) # or SIMDe would have nothing to do it with
        endif()
    endif()
    heed_use_isa(${name} "${flags}")
    set_property(GLOBAL APPEND_STRING PROPERTY HEED_ISA_SUMMARY " ${name} (${how})")
endfunction()

# Adds kernels/<name>.c to the library and tells everybody else.
function(heed_use_isa name flags)
    string(TOUPPER ${name} upper)
    target_sources(heed_objects PRIVATE src/kernels/${name}.c)
    set_source_files_properties(src/kernels/${name}.c PROPERTIES COMPILE_OPTIONS "${flags}")
    set_property(GLOBAL APPEND PROPERTY HEED_ISAS ${name})
    set_property(GLOBAL PROPERTY HEED_ISA_FLAGS_${name} "${flags}")
    file(APPEND ${PROJECT_BINARY_DIR}/heed_with.h.in "#define HEED_WITH_${upper} 1\n")
endfunction()

function(heed_add_isas)
    file(WRITE ${PROJECT_BINARY_DIR}/heed_with.h.in "")
    set_property(GLOBAL PROPERTY HEED_ISAS "")
    set_property(GLOBAL PROPERTY HEED_ISAS_LEFT_OUT "")
    set_property(GLOBAL PROPERTY HEED_ISAS_KNOWN scalar)
    set_property(GLOBAL PROPERTY HEED_ISA_SUMMARY "scalar")
    # The x87 unit rounds when it stores, not when it computes: no bit would be what it should be.
    if(CMAKE_SYSTEM_PROCESSOR MATCHES "${HEED_X86_32}")
        target_compile_options(heed_objects PRIVATE -msse2 -mfpmath=sse)
    endif()
    # Where scalar is what runs there is nothing to vectorise for; elsewhere it is the yardstick.
    heed_use_isa(scalar "-fno-tree-vectorize;-fno-tree-slp-vectorize")
    heed_add_isa(sse2 ARCH ${HEED_X86} FLAGS -msse2 EMULATE_ON "${HEED_ARM64}|${HEED_WASM}")
    heed_add_isa(avx2 ARCH ${HEED_X86} FLAGS -mavx2 -mfma -mf16c ${HEED_AVX_FLAGS} EMULATE_ON ${HEED_ARM64})
    set(avx512 -mavx512f -mavx512bw -mavx512dq -mavx512vl -mavx2 -mfma -mf16c ${HEED_AVX_FLAGS})
    heed_add_isa(avx512 ARCH ${HEED_X86} FLAGS ${avx512} UNLESS avx512vl)
    heed_add_isa(avx512bf16 ARCH ${HEED_X86} FLAGS ${avx512} -mavx512bf16 UNLESS avx512bf16)
    heed_add_isa(amx ARCH ${HEED_AMX} FLAGS ${avx512} -mamx-tile -mamx-bf16 UNLESS amx-bf16)
    heed_add_isa(neon ARCH ${HEED_ARM64} FLAGS -march=armv8-a EMULATE_ON ${HEED_X86})
    heed_add_isa(neonbf16 ARCH ${HEED_ARM64} FLAGS -march=armv8.2-a+bf16 EMULATE_ON ${HEED_X86})
    heed_add_isa(sve256 ARCH ${HEED_SVE} FLAGS -march=armv8-a+sve -msve-vector-bits=256)
    heed_add_isa(sve512 ARCH ${HEED_SVE} FLAGS -march=armv8-a+sve -msve-vector-bits=512)
    heed_add_isa(sve256bf16 ARCH ${HEED_SVE} FLAGS -march=armv8.2-a+sve+bf16 -msve-vector-bits=256)
    heed_add_isa(sve512bf16 ARCH ${HEED_SVE} FLAGS -march=armv8.2-a+sve+bf16 -msve-vector-bits=512)
    heed_add_isa(neon32 ARCH ${HEED_ARM32} FLAGS -mfpu=neon EMULATE_ON ${HEED_X86})
    get_property(known GLOBAL PROPERTY HEED_ISAS_KNOWN)
    foreach(name IN LISTS HEED_ONLY)
        if(NOT name IN_LIST known)
            message(FATAL_ERROR "HEED_ONLY names \"${name}\", which is none of ${known}")
        endif()
    endforeach()
    # gcc 12 spills a 6 x 4 tile of NEON registers, and 16 keys of SVE on their way to be
    # transposed, unless told to leave the order alone.
    if(CMAKE_C_COMPILER_ID STREQUAL GNU)
        set_property(SOURCE src/kernels/neon.c src/kernels/neonbf16.c src/kernels/sve256.c src/kernels/sve512.c
                     src/kernels/sve256bf16.c src/kernels/sve512bf16.c
                     APPEND PROPERTY COMPILE_OPTIONS -fno-schedule-insns)
    endif()
    configure_file(${PROJECT_BINARY_DIR}/heed_with.h.in ${PROJECT_BINARY_DIR}/heed_with.h COPYONLY)
endfunction()
