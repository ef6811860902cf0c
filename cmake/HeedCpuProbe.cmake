# SPDX-License-Identifier: MIT
# HeedCpuProbe.cmake - who is asked what the CPU can do.
#
# Sets HEED_CPU_PROBE, the sources that answer (src/cpu_probe.h), and the target
# heed_cpu_features, which is empty unless that library is asked.
# An x86 answers for itself, by its features, whoever made it: cpu_features knows those of some
# vendors only.  There it is no more than a witness in tests (tests/platform).
set(heed_packaged OFF)
if(CMAKE_SYSTEM_NAME STREQUAL Linux AND CMAKE_SYSTEM_PROCESSOR MATCHES "${HEED_ARM64}|${HEED_ARM32}")
    set(heed_packaged ON)
endif()
option(HEED_CPU_FEATURES "On ARM ask the library cpu_features; OFF: a probe of our own" ${heed_packaged})

if(CMAKE_SYSTEM_PROCESSOR MATCHES "${HEED_X86}")
    add_library(heed_cpu_features INTERFACE)
    set(HEED_CPU_PROBE src/cpu_x86.c)
elseif(HEED_CPU_FEATURES)
    include(cmake/HeedCpuFeatures.cmake)
    set(HEED_CPU_PROBE src/cpu_features.c src/quiet.c)
else()
    add_library(heed_cpu_features INTERFACE)
    if(CMAKE_SYSTEM_NAME STREQUAL Linux)
        set(HEED_CPU_PROBE src/cpu_linux.c)
    elseif(CMAKE_SYSTEM_NAME STREQUAL Darwin AND CMAKE_SYSTEM_PROCESSOR MATCHES "${HEED_ARM64}")
        set(HEED_CPU_PROBE src/cpu_apple.c)
    else()
        set(HEED_CPU_PROBE src/cpu_generic.c)
    endif()
endif()
list(APPEND HEED_CPU_PROBE src/cpu_choice.c)
if(CMAKE_SYSTEM_NAME STREQUAL Linux)
    list(APPEND HEED_CPU_PROBE src/cpu_midr.c src/cpu_sve.c src/cpu_sysfs.c)
endif()
