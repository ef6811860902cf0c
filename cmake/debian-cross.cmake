# SPDX-License-Identifier: MIT
# debian-cross.cmake - what the toolchain files of this directory share.
#
# Takes heed_triplet, heed_processor and heed_qemu.  HEED_CPU_FEATURES_DIR, where
# packages of the target were unpacked, is searched like the target's root.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR ${heed_processor})
set(CMAKE_C_COMPILER ${heed_triplet}-gcc)
set(CMAKE_CXX_COMPILER ${heed_triplet}-g++)

set(CMAKE_FIND_ROOT_PATH /usr/${heed_triplet} ${HEED_CPU_FEATURES_DIR})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)

# How ctest and a curious user run what was built.
set(CMAKE_CROSSCOMPILING_EMULATOR ${heed_qemu} -L /usr/${heed_triplet})
