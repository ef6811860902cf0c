# SPDX-License-Identifier: MIT
# i686-linux.cmake - toolchain for 32-bit x86: Debian's gcc-i686-linux-gnu.
set(heed_triplet i686-linux-gnu)
set(heed_processor i686)
set(heed_qemu qemu-i386)
include("${CMAKE_CURRENT_LIST_DIR}/debian-cross.cmake")
