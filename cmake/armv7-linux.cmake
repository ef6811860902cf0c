# SPDX-License-Identifier: MIT
# armv7-linux.cmake - toolchain for 32-bit ARM, hard float: Debian's crossbuild-essential-armhf.
set(heed_triplet arm-linux-gnueabihf)
set(heed_processor armv7l)
set(heed_qemu qemu-arm)
include("${CMAKE_CURRENT_LIST_DIR}/debian-cross.cmake")
