/* SPDX-License-Identifier: MIT */
/* scaled.c - numbers and scales drawn together, so that every type has values of the same size. */
#include "scaled.h"

#include <math.h>

#include "half.h"

heed_dtype scaled_dtype(struct trial *trial)
{
    static const heed_dtype types[] = {HEED_F32, HEED_F16, HEED_BF16, HEED_I8, HEED_I8, HEED_F8};

    return RANDOM_OF(&trial->random, types);
}

bool scaled_has_scales(struct trial *trial, heed_dtype type)
{
    return type == HEED_I8 || (type == HEED_F8 && random_once_in(&trial->random, 2));
}

/* Any element of the tensor; NULL if there is none. */
static void *any_element(struct random *random, const struct tensor *tensor)
{
    const struct shape *shape = &tensor->shape;

    if (!shape_count(*shape))
        return NULL;
    const size_t b = random_below(random, shape->batch), h = random_below(random, shape->heads);
    const size_t r = random_below(random, shape->rows);

    return tensor_address(tensor, b, h, r, random_below(random, shape->dim));
}

void scaled_fill(struct random *random, const struct tensor *numbers, const struct tensor *scales,
                 float range)
{
    const float most = !scales ? range : numbers->dtype == HEED_I8 ? 127.0f : 448.0f;

    tensor_fill(random, numbers, -most, most);
    if (!scales)
        return;
    tensor_fill(random, scales, -0.3f * range / most, range / most);
    if (random_once_in(random, 2)) {
        void *zero = any_element(random, scales);

        if (zero)
            dtype_write(HEED_F32, zero, 0);
    }
}

struct scaled scaled_input(struct trial *trial, heed_dtype type, struct shape shape, float range)
{
    struct scaled rows = {trial_input_of(trial, type, shape, 0.0f, 1.0f), NULL};

    if (scaled_has_scales(trial, type)) {
        shape.dim = 1;
        rows.scales = trial_input(trial, shape, 0.0f, 1.0f);
    }
    scaled_fill(&trial->random, rows.numbers, rows.scales, range);
    return rows;
}

/* Scales where there are any: whether a zero of them times NaN counts is left open by rules. */
void scaled_poison(struct trial *trial, const struct scaled *rows, float with)
{
    const struct tensor *tensor = rows->scales ? rows->scales : rows->numbers;
    const double odd = tensor->dtype == HEED_F8 ? (double)NAN : (double)with;

    for (size_t i = 0; i < 3; i++) {
        void *element = any_element(&trial->random, tensor);

        if (element)
            dtype_write(tensor->dtype, element, odd);
    }
}

heed_input scaled_view(const struct tensor *scales)
{
    return scales ? tensor_input(scales) : (heed_input){0};
}
