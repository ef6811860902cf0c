/* SPDX-License-Identifier: MIT */
/*
 * check_quantize.c - rows to 8 bits and back, against their definition, which leaves no
 * bit open: quotients of f32, then the nearest code.
 */
#include <fenv.h>
#include <math.h>
#include <string.h>

#include "half.h"
#include "operations.h"
#include "trial.h"

enum { PROBLEMS = 100, MOST_NUMBERS = 1 << 15 };

static heed_status operation(const void *args)
{
    return heed_quantize(args);
}

static heed_status operation_back(const void *args)
{
    return heed_dequantize(args);
}

static struct shape draw_shape(struct trial *trial)
{
    struct shape shape;

    do
        shape = (struct shape){1 + random_below(&trial->random, 3),
                               1 + random_below(&trial->random, 3), trial_rows(trial),
                               random_once_in(&trial->random, 20) ? 0 : trial_dim(trial)};
    while (shape_count(shape) > MOST_NUMBERS);
    return shape;
}

/* Rows of every size, and now and then a number among them that is none. */
static void draw_rows(struct trial *trial, const struct tensor *x)
{
    static const double sizes[] = {1, 1, 1, 0x1p-99, 0x1p-101, 6e-8, 6e4, 1e38, 0};
    static const double odd[] = {NAN, INFINITY, -INFINITY, -0.0, 1e-44};
    struct random *random = &trial->random;
    const struct shape *n = &x->shape;

    for (size_t i = 0; i < n->batch * n->heads * n->rows && n->dim; i++) {
        const size_t r = i % n->rows, h = i / n->rows % n->heads, b = i / n->rows / n->heads;
        const double size = RANDOM_OF(random, sizes);
        const double bounded = x->dtype == HEED_F16 && size > 6e4 ? 6e4 : size;

        for (size_t d = 0; d < n->dim; d++)
            dtype_write(x->dtype, tensor_address(x, b, h, r, d),
                        bounded * (double)random_float(random, -1.0f, 1.0f));
        if (random_once_in(random, 12))
            dtype_write(x->dtype, tensor_address(x, b, h, r, random_below(random, n->dim)),
                        RANDOM_OF(random, odd));
    }
}

static float number_at(const struct tensor *x, size_t b, size_t h, size_t r, size_t d)
{
    return (float)dtype_read(x->dtype, tensor_address(x, b, h, r, d));
}

static float scale_of(const struct tensor *x, size_t b, size_t h, size_t r, float most)
{
    float top = 0.0f;

    for (size_t d = 0; d < x->shape.dim; d++) {
        const float size = fabsf(number_at(x, b, h, r, d));

        if (!isfinite(size))
            return NAN;
        top = fmaxf(top, size);
    }
    return top < 0x1p-100f ? 0.0f : top / most;
}

/* Compares an element with the bytes wanted, and blanks it. */
static bool is_element(struct trial *trial, const char *name, const struct tensor *view, size_t b,
                       size_t h, size_t r, size_t d, const void *want)
{
    void *at = tensor_address(view, b, h, r, d);

    if (memcmp(at, want, dtype_size(view->dtype)))
        return trial_fails(trial, "%s[%zu][%zu][%zu][%zu] is %.9g, not %.9g", name, b, h, r, d,
                           dtype_read(view->dtype, at), dtype_read(view->dtype, want));
    memset(at, 0xff, dtype_size(view->dtype));
    return true;
}

static bool row_right(struct trial *trial, const struct tensor *x, const struct tensor *y,
                      const struct tensor *scales, size_t b, size_t h, size_t r)
{
    const float scale = scale_of(x, b, h, r, y->dtype == HEED_I8 ? 127.0f : 448.0f);
    float *got = tensor_at(scales, b, h, r, 0);

    if (isnan(scale) && isnan(*got)) /* of any sign */
        memset(got, 0xff, sizeof *got);
    else if (!is_element(trial, "scales", scales, b, h, r, 0, &scale))
        return false;
    for (size_t d = 0; d < x->shape.dim; d++) {
        const float quotient = scale > 0.0f ? number_at(x, b, h, r, d) / scale : 0.0f;
        uint8_t code;

        dtype_write(y->dtype, &code, (double)quotient);
        if (!is_element(trial, "y", y, b, h, r, d, &code))
            return false;
    }
    return true;
}

/* What is exact is so in the mode that the library computes in, whatever the caller's is. */
static bool rounded_to_nearest(struct trial *trial, const struct tensor *x,
                               const struct tensor *scales, const struct tensor *y,
                               bool right(struct trial *trial, const struct tensor *x,
                                          const struct tensor *scales, const struct tensor *y))
{
    const int before = fegetround();

    fesetround(FE_TONEAREST);
    const bool is_right = right(trial, x, scales, y);
    fesetround(before);
    return is_right;
}

static bool rows_right(struct trial *trial, const struct tensor *x, const struct tensor *scales,
                       const struct tensor *y)
{
    for (size_t b = 0; b < x->shape.batch; b++)
        for (size_t h = 0; h < x->shape.heads; h++)
            for (size_t r = 0; r < x->shape.rows; r++)
                if (!row_right(trial, x, y, scales, b, h, r))
                    return false;
    return trial_untouched(trial, "y", y) && trial_untouched(trial, "scales", scales);
}

static bool problem(struct trial *trial)
{
    const struct shape shape = draw_shape(trial);
    const struct shape rows = {shape.batch, shape.heads, shape.rows, 1};
    const heed_dtype type = random_once_in(&trial->random, 2) ? HEED_I8 : HEED_F8;
    const struct tensor *x = trial_input_of(trial, trial_dtype(trial), shape, 0.0f, 1.0f);
    const struct tensor *y = trial_output_of(trial, type, shape);
    const struct tensor *scales = trial_output(trial, rows);
    const heed_quantize_args a = {HEED_SIZED(heed_quantize_args),
                                  .batch = shape.batch,
                                  .heads = shape.heads,
                                  .rows = shape.rows,
                                  .dim = shape.dim,
                                  .x = tensor_input(x),
                                  .y = tensor_output(y),
                                  .scales = tensor_output(scales),
                                  .parallel = trial_parallel(trial),
                                  .isa = trial->isa};

    draw_rows(trial, x);
    trial_describe(trial, "batch %zu, heads %zu, rows %zu, dim %zu, types %d %d, workers %zu",
                   a.batch, a.heads, a.rows, a.dim, (int)a.x.dtype, (int)type, a.parallel.workers);
    return trial_call(trial, operation, &a) && rounded_to_nearest(trial, x, scales, y, rows_right);
}

bool check_quantize(const heed_isa *isa, uint64_t seed, char *detail, size_t detail_size)
{
    return trials_pass(problem, PROBLEMS, isa, seed, detail, detail_size);
}

static bool numbers_right(struct trial *trial, const struct tensor *x, const struct tensor *scales,
                          const struct tensor *y)
{
    for (size_t i = 0; i < shape_count(x->shape); i++) {
        const size_t d = i % x->shape.dim, r = i / x->shape.dim % x->shape.rows;
        const size_t h = i / x->shape.dim / x->shape.rows % x->shape.heads;
        const size_t b = i / x->shape.dim / x->shape.rows / x->shape.heads;
        const float product =
            number_at(x, b, h, r, d) * (scales ? *tensor_at(scales, b, h, r, 0) : 1.0f);
        unsigned char want[sizeof(float)];

        dtype_write(y->dtype, want, (double)product);
        if (isnan(product) && isnan(number_at(y, b, h, r, d)))
            memset(tensor_address(y, b, h, r, d), 0xff, dtype_size(y->dtype));
        else if (!is_element(trial, "y", y, b, h, r, d, want))
            return false;
    }
    return trial_untouched(trial, "y", y);
}

static bool problem_back(struct trial *trial)
{
    const struct shape shape = draw_shape(trial);
    const struct shape rows = {shape.batch, shape.heads, shape.rows, 1};
    const heed_dtype type = random_once_in(&trial->random, 2) ? HEED_I8 : HEED_F8;
    const struct tensor *x = trial_input_of(trial, type, shape, -127.0f, 127.0f);
    const struct tensor *scales = type == HEED_F8 && random_once_in(&trial->random, 3)
                                      ? NULL
                                      : trial_input(trial, rows, -1.0f, 1.0f);
    const struct tensor *y = trial_output_of(trial, trial_dtype(trial), shape);
    const heed_dequantize_args a = {HEED_SIZED(heed_dequantize_args),
                                    .batch = shape.batch,
                                    .heads = shape.heads,
                                    .rows = shape.rows,
                                    .dim = shape.dim,
                                    .x = tensor_input(x),
                                    .scales = scales ? tensor_input(scales) : (heed_input){0},
                                    .y = tensor_output(y),
                                    .parallel = trial_parallel(trial),
                                    .isa = trial->isa};

    if (scales && random_once_in(&trial->random, 3))
        *tensor_at(scales, 0, 0, 0, 0) = NAN;
    trial_describe(trial, "batch %zu, heads %zu, rows %zu, dim %zu, types %d %d%s, workers %zu",
                   a.batch, a.heads, a.rows, a.dim, (int)type, (int)a.y.dtype,
                   scales ? "" : ", no scales", a.parallel.workers);
    return trial_call(trial, operation_back, &a) &&
           rounded_to_nearest(trial, x, scales, y, numbers_right);
}

bool check_dequantize(const heed_isa *isa, uint64_t seed, char *detail, size_t detail_size)
{
    return trials_pass(problem_back, PROBLEMS, isa, seed, detail, detail_size);
}
