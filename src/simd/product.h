/* SPDX-License-Identifier: MIT */
/* simd/product.h - what vm_multiply() is asked for; see simd/matrix.h. */
#ifndef HEED_SIMD_PRODUCT_H
#define HEED_SIMD_PRODUCT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* C = A B, or C += A B, over the depth [from, to), whose bounds are multiples of VM_DEPTH. */
struct vm_product {
    const uint16_t *a, *b; /* from the first row of a tile, and from a multiple of 16 columns */
    size_t depth;          /* of the operands in memory */
    size_t from, to;
    float *c;
    ptrdiff_t c_row;
    bool more; /* add to C */
};

/* Products that are added up in one C, first one first: where their A and B begin. */
struct vm_pairs {
    size_t count;
    struct vm_pair {
        size_t a, b; /* counted from those of the vm_product */
    } at[6];
};

#endif
