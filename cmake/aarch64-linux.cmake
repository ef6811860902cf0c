# SPDX-License-Identifier: MIT
# aarch64-linux.cmake - toolchain for 64-bit ARM: Debian's crossbuild-essential-arm64.
set(heed_triplet aarch64-linux-gnu)
set(heed_processor aarch64)
set(heed_qemu qemu-aarch64)
include("${CMAKE_CURRENT_LIST_DIR}/debian-cross.cmake")
