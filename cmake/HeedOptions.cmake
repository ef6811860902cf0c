# SPDX-License-Identifier: MIT
# HeedOptions.cmake - what can be asked of a build, and how heed fits into one of others.

# Two parts of one build may bring heed each: the first serves both, if it is the same.
get_property(heed_first GLOBAL PROPERTY HEED_VERSION)
if(NOT TARGET heed_objects)
    set_property(GLOBAL PROPERTY HEED_VERSION ${PROJECT_VERSION})
elseif(heed_first VERSION_EQUAL PROJECT_VERSION)
    get_target_property(heed_first heed_objects SOURCE_DIR)
    message(STATUS "heed: ${heed_first} serves for ${PROJECT_SOURCE_DIR} too")
    return()
else()
    message(FATAL_ERROR "heed ${heed_first} and ${PROJECT_VERSION} in one build: only one of them can be")
endif()

if(PROJECT_IS_TOP_LEVEL AND NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
    set(CMAKE_BUILD_TYPE Release CACHE STRING "Debug, Release, RelWithDebInfo or MinSizeRel" FORCE)
endif()
option(HEED_BUILD_TOOLS "Build the heed command" ${PROJECT_IS_TOP_LEVEL})
option(HEED_BUILD_TESTS "Build the tests (Criterion)" ${PROJECT_IS_TOP_LEVEL})
option(HEED_BUILD_BENCH "Build heed-bench (Google Benchmark, C++)" ${PROJECT_IS_TOP_LEVEL})
option(HEED_BUILD_EXAMPLES "Build the examples" ${PROJECT_IS_TOP_LEVEL})
option(HEED_INSTALL "Install headers, libraries and what is built beside them" ${PROJECT_IS_TOP_LEVEL})
option(HEED_EMULATE "Also build foreign instruction sets through SIMDe, for tests" OFF)
set(HEED_ONLY "" CACHE STRING "Instruction sets to build besides scalar, of those that can be (empty: all)")
option(HEED_WERROR "Treat warnings as errors" OFF)

# A parent's choices for all its targets.
set(CMAKE_UNITY_BUILD OFF)
set(CMAKE_INTERPROCEDURAL_OPTIMIZATION OFF)
if(NOT PROJECT_IS_TOP_LEVEL)
    foreach(tool IN ITEMS CLANG_TIDY CPPCHECK CPPLINT INCLUDE_WHAT_YOU_USE)
        set(CMAKE_C_${tool} "")
    endforeach()
endif()

# A program that is linked with -static cannot take the shared library, nor can that be linked so.
get_property(heed_shared GLOBAL PROPERTY TARGET_SUPPORTS_SHARED_LIBS)
get_directory_property(heed_link LINK_OPTIONS)
if((DEFINED BUILD_SHARED_LIBS AND NOT BUILD_SHARED_LIBS) OR "${CMAKE_C_FLAGS} ${CMAKE_EXE_LINKER_FLAGS} \
${CMAKE_SHARED_LINKER_FLAGS} ${heed_link}" MATCHES "(^|[ ;])-static(-pie)?($|[ ;])")
    set(heed_shared OFF)
endif()
option(HEED_SHARED "Build the shared library beside the static one; OFF: heed::heed is the static one"
    ${heed_shared})
if(HEED_SHARED)
    set(HEED_KIND SHARED)
    set(HEED_LIBRARIES heed heed_static)
else()
    set(HEED_KIND STATIC)
    set(HEED_LIBRARIES heed_static)
endif()
set(heed_map "${PROJECT_SOURCE_DIR}/src/heed.map")

# What all shared libraries of heed have in common.
function(heed_link_as_shared library)
    set_target_properties(${library} PROPERTIES VERSION ${PROJECT_VERSION} SOVERSION 0
        C_VISIBILITY_PRESET hidden LINK_DEPENDS ${heed_map})
    # Names are resolved when it is loaded, not on the stack of whoever makes the first call.
    target_link_options(${library} PRIVATE
        $<$<PLATFORM_ID:Linux>:-Wl,--version-script=${heed_map},-z,now>)
    target_link_libraries(${library} PRIVATE $<BUILD_INTERFACE:heed_link_flags>)
endfunction()
