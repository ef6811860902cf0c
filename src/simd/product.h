/* SPDX-License-Identifier: MIT */
/* simd/product.h - what vm_multiply() is asked for; see simd/matrix.h. */
#ifndef HEED_SIMD_PRODUCT_H
#define HEED_SIMD_PRODUCT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What a product may fetch meanwhile, into the second cache: in each step of depth a line from
 * each of two places.  A step of 0: nothing.
 */
struct vm_ahead {
    const char *at[2];
    ptrdiff_t step;
};

/* C = A B, or C += A B, over the depth [from, to), whose bounds are multiples of VM_STEP. */
struct vm_product {
    const uint16_t *a, *b; /* from the first row of a tile, and from a multiple of 16 columns */
    size_t depth;          /* of the operands in memory */
    size_t from, to;
    float *c;
    ptrdiff_t c_row;
    bool more;             /* add to C */
    struct vm_ahead ahead; /* of all zeros: nothing */
};

/* Products that are added up in one C, first one first: where their A and B begin. */
struct vm_pairs {
    size_t count;
    struct vm_pair {
        size_t a, b; /* counted from those of the vm_product */
    } at[6];
};

#endif
