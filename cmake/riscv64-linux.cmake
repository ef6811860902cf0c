# SPDX-License-Identifier: MIT
# riscv64-linux.cmake - toolchain for 64-bit RISC-V: Debian's gcc-riscv64-linux-gnu.
set(heed_triplet riscv64-linux-gnu)
set(heed_processor riscv64)
set(heed_qemu qemu-riscv64)
include("${CMAKE_CURRENT_LIST_DIR}/debian-cross.cmake")
