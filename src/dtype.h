/* SPDX-License-Identifier: MIT */
/* dtype.h - the sizes of elements, and addresses among them. */
#ifndef HEED_DTYPE_H
#define HEED_DTYPE_H

#include "arithmetic.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <heed/heed.h>

/* The 16-bit types that stand for numbers of f32. */
static inline bool heed_is_half(heed_dtype type)
{
    return type == HEED_F16 || type == HEED_BF16;
}

/* The 8-bit types, which stand for numbers of f32 times a scale. */
static inline bool heed_is_byte(heed_dtype type)
{
    return type == HEED_I8 || type == HEED_F8;
}

/* The types of keys and values, natural or kept: packed keys, caches. */
static inline bool heed_is_kept(heed_dtype type)
{
    return type == HEED_F32 || heed_is_half(type) || heed_is_byte(type);
}

static inline size_t heed_size(heed_dtype type)
{
    if (heed_is_byte(type))
        return 1;
    return heed_is_half(type) ? sizeof(uint16_t) : sizeof(float);
}

/* `elements` after x, which may be before it. */
static inline const void *heed_after(const void *x, ptrdiff_t elements, heed_dtype type)
{
    return (const char *)x + elements * (ptrdiff_t)heed_size(type);
}

#endif
