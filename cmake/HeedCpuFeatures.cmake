# SPDX-License-Identifier: MIT
# HeedCpuFeatures.cmake - cpu_features as a private part of the library.
#
# Yields the interface target heed_cpu_features.  The libraries link it PRIVATE,
# as $<BUILD_INTERFACE:heed_cpu_features>, and get its headers and
# one object: the whole archive libcpu_features.a, of which only the functions
# below stay visible, renamed to heed_*.  So neither library exports a foreign
# name, the static one is complete by itself, and a program may link another
# cpu_features beside it.
set(HEED_CPU_FEATURES_DIR "" CACHE PATH
    "Where the target's libcpu-features-dev was unpacked (dpkg -x), for cross builds")

if(HEED_CPU_FEATURES_DIR)
    find_package(CpuFeatures QUIET NO_DEFAULT_PATH NO_CMAKE_FIND_ROOT_PATH
        PATHS "${HEED_CPU_FEATURES_DIR}/usr" "${HEED_CPU_FEATURES_DIR}")
else()
    find_package(CpuFeatures QUIET)
endif()
if(NOT CpuFeatures_FOUND)
    message(FATAL_ERROR "heed needs cpu_features: install libcpu-features-dev or set HEED_CPU_FEATURES=OFF (for a cross build "
        "unpack the target's package with dpkg -x and set HEED_CPU_FEATURES_DIR to that directory)")
endif()
get_target_property(heed_imported CpuFeatures::cpu_features IMPORTED)
get_target_property(heed_type CpuFeatures::cpu_features TYPE)
if(NOT heed_imported OR NOT heed_type STREQUAL STATIC_LIBRARY)
    message(FATAL_ERROR "heed can take an installed static cpu_features only, neither a shared one nor one of this build: set "
        "HEED_CPU_FEATURES=OFF")
endif()
if(NOT CMAKE_LINKER OR NOT CMAKE_OBJCOPY)
    message(FATAL_ERROR "heed needs ld and objcopy: install binutils")
endif()

# What cpu_features.c may call.  Names of other processors are absent and do no harm.
set(heed_objcopy_flags "")
foreach(name IN ITEMS GetX86Info GetX86CacheInfo GetAarch64Info GetArmInfo)
    # Whether the filter sees the old or the new name depends on the objcopy.
    list(APPEND heed_objcopy_flags --redefine-sym=${name}=heed_${name}
        --keep-global-symbol=${name} --keep-global-symbol=heed_${name})
endforeach()
# On ARM without HWCAP2, cpu_features 0.7.0 reports on stdout what it parses.
# A library stays silent: these calls go to src/quiet.c.
foreach(name IN ITEMS puts printf __printf_chk putchar fflush)
    list(APPEND heed_objcopy_flags --redefine-sym=${name}=heed_quiet_${name})
endforeach()

# Made now rather than by a build rule: the archive is a file of the system, and
# a rule shared by two libraries would run twice at once under make -j.
get_target_property(heed_cpu_archive CpuFeatures::cpu_features LOCATION)
set(heed_cpu_object "${PROJECT_BINARY_DIR}/cpu_features.o")
execute_process(COMMAND_ERROR_IS_FATAL ANY
    COMMAND "${CMAKE_LINKER}" -r -o "${heed_cpu_object}" --whole-archive "${heed_cpu_archive}")
execute_process(COMMAND_ERROR_IS_FATAL ANY
    COMMAND "${CMAKE_OBJCOPY}" ${heed_objcopy_flags} "${heed_cpu_object}")

add_library(heed_cpu_features INTERFACE)
target_sources(heed_cpu_features INTERFACE "${heed_cpu_object}")
target_include_directories(heed_cpu_features SYSTEM INTERFACE
    $<TARGET_PROPERTY:CpuFeatures::cpu_features,INTERFACE_INCLUDE_DIRECTORIES>)
target_compile_definitions(heed_cpu_features INTERFACE
    GetX86Info=heed_GetX86Info GetX86CacheInfo=heed_GetX86CacheInfo
    GetAarch64Info=heed_GetAarch64Info GetArmInfo=heed_GetArmInfo)
