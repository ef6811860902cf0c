# SPDX-License-Identifier: MIT
# HeedPackage.cmake - what `cpack` makes of an installation: an archive, and on Debian's
# architectures a .deb.
#
# Both hold the libraries in lib/, not in lib/<triplet>/: loader, compilers, CMake and
# pkg-config look there too, and the archive is for boards without Debian.
if(NOT PROJECT_IS_TOP_LEVEL OR NOT HEED_INSTALL)
    return()
endif()
# The oldest C library whose symbols libheed.so asks for (pow of 2.29, and
# on RISC-V the first there was); the command brings its own when cross-built.
# tests/package/deb.sh holds the package to it.
set(heed_libc 2.29)
set(heed_deb "")
if(CMAKE_SYSTEM_PROCESSOR MATCHES "${HEED_X64}")
    set(heed_deb amd64)
elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "${HEED_X86_32}")
    set(heed_deb i386)
elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "${HEED_ARM64}")
    set(heed_deb arm64)
elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "${HEED_ARM32}")
    set(heed_deb armhf)
elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "^(riscv64|s390x)$")
    set(heed_deb ${CMAKE_SYSTEM_PROCESSOR})
endif()

set(CPACK_PACKAGE_NAME heed)
set(CPACK_PACKAGE_VENDOR heed)
set(CPACK_PACKAGE_CONTACT "The heed authors <heed@localhost>")
set(CPACK_PACKAGE_DIRECTORY "${PROJECT_BINARY_DIR}/packages")
string(TOLOWER "heed-${PROJECT_VERSION}-${CMAKE_SYSTEM_NAME}-${CMAKE_SYSTEM_PROCESSOR}"
    CPACK_PACKAGE_FILE_NAME)
set(CPACK_STRIP_FILES ON)
set(CPACK_GENERATOR TGZ)
if(WIN32)
    set(CPACK_GENERATOR ZIP)
elseif(CMAKE_SYSTEM_NAME STREQUAL Linux AND heed_deb)
    list(APPEND CPACK_GENERATOR DEB)
endif()

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_ARCHITECTURE ${heed_deb})
set(CPACK_DEBIAN_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "libc6 (>= ${heed_libc})")
if(CMAKE_CROSSCOMPILING)
    # A shared library is new: the loader's cache has to know.
    file(WRITE "${PROJECT_BINARY_DIR}/triggers" "activate-noawait ldconfig\n")
    set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA "${PROJECT_BINARY_DIR}/triggers")
else()
    # The command and the pool of a native build ask for more; that tells the cache too.
    set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
endif()
include(CPack)
