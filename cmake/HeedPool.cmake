# SPDX-License-Identifier: MIT
# HeedPool.cmake - libheed_pool, where there are POSIX threads.
#
# For boards only when asked for: pthread_create has been in libc since 2.34, and the packages that
# are built for them promise to run with an older one.
set(heed_pool_default ON)
if(CMAKE_CROSSCOMPILING)
    set(heed_pool_default OFF)
endif()
option(HEED_BUILD_POOL "Build libheed_pool, threads for the library" ${heed_pool_default})
if(NOT HEED_BUILD_POOL)
    list(APPEND HEED_SKIPPED "libheed_pool: HEED_BUILD_POOL is off")
    return()
endif()
find_package(Threads)
if(NOT CMAKE_USE_PTHREADS_INIT OR WIN32) # whose pthreads know no signals
    list(APPEND HEED_SKIPPED "libheed_pool: needs POSIX threads")
    return()
endif()

set(heed_pool_sources src/pool.c src/pool_workers.c)
if(CMAKE_SYSTEM_NAME STREQUAL Linux)
    list(APPEND heed_pool_sources src/pool_cpus_linux.c src/pool_quota_linux.c)
else()
    list(APPEND heed_pool_sources src/pool_cpus_other.c)
endif()
add_library(heed_pool ${HEED_KIND} ${heed_pool_sources})
add_library(heed::pool ALIAS heed_pool)
# Affinity is no part of POSIX, and POSIX no part of C.
target_compile_definitions(heed_pool PRIVATE HEED_BUILDING _GNU_SOURCE)
target_link_libraries(heed_pool PUBLIC heed
    PRIVATE $<BUILD_INTERFACE:heed_warnings> $<BUILD_INTERFACE:Threads::Threads>)
target_compile_options(heed_pool PRIVATE ${CMAKE_C_COMPILE_OPTIONS_PIC})
if(HEED_SHARED)
    heed_link_as_shared(heed_pool)
endif()
