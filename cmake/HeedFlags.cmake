# SPDX-License-Identifier: MIT
# HeedFlags.cmake - flags that stand behind those of a parent: whatever it asks for, heed's numbers
# and its ABI are the same.
#
# Yields heed_flags, an interface target for all that heed compiles, and heed_link_flags for the
# libraries and programs that it links.  The options of a target follow CMAKE_C_FLAGS and add_compile_options(),
# and those of what it links follow its own.  Each group is one SHELL: item, or CMake would drop
# what stands further forward already.  src/arithmetic.h is for those who compile without CMake.
include(CheckCCompilerFlag)

# Contraction off: a b + c is fused where the code says so and nowhere else, or the bits would
# depend on the compiler's mood.
set(heed_own -fno-fast-math -fno-unsafe-math-optimizations -fno-associative-math
    -fno-reciprocal-math -fno-finite-math-only -fsigned-zeros -fno-rounding-math -ffp-contract=off
    -fno-short-enums -fno-pack-struct)
if(CMAKE_C_COMPILER_ID STREQUAL GNU)
    list(APPEND heed_own -ftrapping-math -fno-signaling-nans -fno-single-precision-constant)
    set(heed_perhaps -fno-allow-store-data-races) # of gcc 10 and later; -Ofast allows them
else()
    # The last two: clang warns where -ffp-contract=off takes back what -ffast-math brought.
    set(heed_perhaps -fno-approx-func -Wno-overriding-option -Wno-overriding-t-option)
endif()
foreach(flag IN LISTS heed_perhaps HEED_SCALAR_FLAGS)
    string(MAKE_C_IDENTIFIER "HEED_CC_TAKES${flag}" taken)
    check_c_compiler_flag(${flag} ${taken})
    if(${taken})
        list(APPEND heed_own ${flag})
    endif()
endforeach()

# No link-time optimisation: it would mix the code of kernels for some processors with that for all.
list(APPEND heed_own -fno-lto)
list(JOIN heed_own " " heed_own)
add_library(heed_flags INTERFACE)
target_compile_options(heed_flags INTERFACE "$<$<COMPILE_LANGUAGE:C,CXX>:SHELL:${heed_own}>"
    $<$<COMPILE_LANGUAGE:C>:${CMAKE_C11_STANDARD_COMPILE_OPTION}>)

# For src/kernels/compiler.h, since gcc has no macro for most sanitizers.
string(TOUPPER "${CMAKE_BUILD_TYPE}" heed_type)
get_directory_property(heed_given COMPILE_OPTIONS)
if("${CMAKE_C_FLAGS} ${CMAKE_C_FLAGS_${heed_type}} ${heed_given}" MATCHES "-fsanitize=")
    target_compile_definitions(heed_flags INTERFACE HEED_SANITIZED=1)
endif()

# Linked with -Ofast or -ffast-math, a library gets crtfastmath.o, which flushes denormals in
# every program that loads it.
set(heed_own -O2 -fno-fast-math -fno-unsafe-math-optimizations -fno-lto)
check_c_compiler_flag("${HEED_LINK_FLAGS}" HEED_CC_TAKES_LINK_FLAGS)
if(HEED_CC_TAKES_LINK_FLAGS)
    list(APPEND heed_own ${HEED_LINK_FLAGS})
endif()
list(JOIN heed_own " " heed_own)
add_library(heed_link_flags INTERFACE)
target_link_options(heed_link_flags INTERFACE "SHELL:${heed_own}")
