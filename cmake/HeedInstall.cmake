# SPDX-License-Identifier: MIT
# HeedInstall.cmake - headers, libraries, heedConfig.cmake and heed.pc; relocatable.
#
# Included by the root once the targets heed, heed_static and perhaps heed_pool
# exist.  The command and its page install themselves.  What a target links at
# build time only, it links as $<BUILD_INTERFACE:...>, or the export would want it.
# As a part of another project heed installs nothing unless that sets HEED_INSTALL.
if(NOT HEED_INSTALL)
    return()
endif()
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(heed_cmake_dir "${CMAKE_INSTALL_LIBDIR}/cmake/heed")
set(heed_pc_dir "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
file(RELATIVE_PATH heed_prefix_from_pc "/${heed_pc_dir}" "/")
string(REGEX REPLACE "/$" "" heed_prefix_from_pc "${heed_prefix_from_pc}")

set(heed_installed ${HEED_LIBRARIES})
set(heed_headers include/heed/heed.h)
set(heed_pc_files heed.pc)
if(TARGET heed_pool)
    list(APPEND heed_installed heed_pool)
    list(APPEND heed_headers include/heed/pool.h)
    list(APPEND heed_pc_files heed_pool.pc)
    set_target_properties(heed_pool PROPERTIES EXPORT_NAME pool)
endif()
set_target_properties(heed_static PROPERTIES EXPORT_NAME static)

install(TARGETS ${heed_installed} EXPORT heedTargets
    INCLUDES DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
install(FILES ${heed_headers} DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/heed")
install(EXPORT heedTargets NAMESPACE heed:: DESTINATION "${heed_cmake_dir}")

configure_package_config_file(cmake/heedConfig.cmake.in heedConfig.cmake
    INSTALL_DESTINATION "${heed_cmake_dir}")
# Before 1.0 a minor release may break programs, as semantic versioning allows.
write_basic_package_version_file(heedConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/heedConfig.cmake" "${PROJECT_BINARY_DIR}/heedConfigVersion.cmake"
    DESTINATION "${heed_cmake_dir}")

set(heed_libs "")
if(NOT HEED_SHARED) # then nobody asks pkg-config for --static
    set(heed_libs " -lm")
endif()
foreach(pc IN LISTS heed_pc_files)
    configure_file(cmake/${pc}.in ${pc} @ONLY)
    install(FILES "${PROJECT_BINARY_DIR}/${pc}" DESTINATION "${heed_pc_dir}")
endforeach()
install(FILES LICENSE DESTINATION "${CMAKE_INSTALL_DATAROOTDIR}/doc/heed" RENAME copyright)
