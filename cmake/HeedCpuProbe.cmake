# SPDX-License-Identifier: MIT
# HeedCpuProbe.cmake - who is asked what the CPU can do.
#
# Sets HEED_CPU_PROBE, the sources that answer (src/cpu_probe.h), and the target
# heed_cpu_features, which is empty unless that library is asked.
set(heed_packaged OFF)
if(CMAKE_SYSTEM_NAME STREQUAL Linux
        AND CMAKE_SYSTEM_PROCESSOR MATCHES "${HEED_X86}|${HEED_ARM64}|${HEED_ARM32}")
    set(heed_packaged ON)
endif()
option(HEED_CPU_FEATURES "Ask the library cpu_features; OFF: a probe of our own" ${heed_packaged})

if(HEED_CPU_FEATURES)
    include(cmake/HeedCpuFeatures.cmake)
    set(HEED_CPU_PROBE src/cpu_features.c src/quiet.c)
else()
    add_library(heed_cpu_features INTERFACE)
    if(CMAKE_SYSTEM_PROCESSOR MATCHES "${HEED_X86}")
        set(HEED_CPU_PROBE src/cpu_x86.c)
    elseif(CMAKE_SYSTEM_NAME STREQUAL Linux)
        set(HEED_CPU_PROBE src/cpu_linux.c)
    else()
        set(HEED_CPU_PROBE src/cpu_generic.c)
    endif()
endif()
if(CMAKE_SYSTEM_NAME STREQUAL Linux)
    list(APPEND HEED_CPU_PROBE src/cpu_sve.c src/cpu_sysfs.c)
endif()
