# SPDX-License-Identifier: MIT
# s390x-linux.cmake - toolchain for a big-endian processor: Debian's gcc-s390x-linux-gnu.
set(heed_triplet s390x-linux-gnu)
set(heed_processor s390x)
set(heed_qemu qemu-s390x)
include("${CMAKE_CURRENT_LIST_DIR}/debian-cross.cmake")
