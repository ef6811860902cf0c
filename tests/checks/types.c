/* SPDX-License-Identifier: MIT */
/* types.c - problems whose operands are of several types. */
#include "types.h"

#include <math.h>

#include "half.h"

heed_dtype problem_dtype(struct trial *trial)
{
    return trial->index % 2 ? trial_dtype(trial) : HEED_F32;
}

/* The least magnitude that rounds to infinity: halfway past the largest number (IEEE 754, 4.3.1).
 */
static double overflow_of(heed_dtype type)
{
    return type == HEED_F16 ? 65520 : type == HEED_BF16 ? 0x1.ffp127 : INFINITY;
}

void tensor_set(const struct tensor *tensor, size_t b, size_t h, size_t r, size_t d, float x)
{
    const bool over = fabs((double)x) >= overflow_of(tensor->dtype);

    dtype_write(tensor->dtype, tensor_address(tensor, b, h, r, d),
                over ? copysign(INFINITY, (double)x) : (double)x);
}

void overflow_to(heed_dtype type, struct bounded *want, size_t count)
{
    const double limit = overflow_of(type);

    for (size_t i = 0; i < count; i++, want++) {
        const double size = fabs(want->value);

        if (!isfinite(size) || size + want->error < limit)
            continue;
        if (size - want->error >= limit)
            want->value = copysign(INFINITY, want->value);
        else
            want->error = INFINITY;
    }
}
