/* SPDX-License-Identifier: MIT */
/* rope_check.c - is a call of heed_rope() valid? */
#include <math.h>
#include <string.h>

#include "rope.h"

/*
 * Positive numbers are ordered as their bits are, and negative ones and NaN come after them:
 * comparing floats might raise a flag for NaN.
 */
static bool theta_right(double theta)
{
    const double least = 1.0, end = INFINITY;
    uint64_t bits, first, last;

    memcpy(&bits, &theta, sizeof bits);
    memcpy(&first, &least, sizeof first);
    memcpy(&last, &end, sizeof last);
    return bits >= first && bits < last;
}

static bool is_zero(double x)
{
    uint64_t bits;

    memcpy(&bits, &x, sizeof bits);
    return !(bits << 1);
}

static bool check_sizes(struct heed_check *check, struct heed_rope_job *job)
{
    const heed_rope_args *a = &job->args;

    job->rotary_dim = a->rotary_dim ? a->rotary_dim : a->dim;
    job->theta = is_zero(a->theta) ? 10000.0 : a->theta;
    if (job->rotary_dim > a->dim)
        return heed_refuse(check, HEED_INVALID_ARGUMENT, "rotary_dim is %zu, more than dim (%zu)",
                           job->rotary_dim, a->dim);
    if (job->rotary_dim % 2)
        return heed_refuse(check, HEED_INVALID_ARGUMENT, "rotary_dim is %zu, which is odd%s",
                           job->rotary_dim, a->rotary_dim ? "" : " (it is 0, and dim odd)");
    if (a->pairs != HEED_ROPE_HALVES && a->pairs != HEED_ROPE_INTERLEAVED)
        return heed_refuse(check, HEED_INVALID_ARGUMENT, "pairs is %d", (int)a->pairs);
    if (!a->cos != !a->sin)
        return heed_refuse(check, HEED_INVALID_ARGUMENT, "%s is NULL, and %s is not",
                           a->cos ? "sin" : "cos", a->cos ? "cos" : "sin");
    if (!a->cos && !theta_right(job->theta))
        return heed_refuse(check, HEED_INVALID_ARGUMENT, "theta is %g, not finite and at least 1",
                           a->theta);
    return true;
}

/* Positions as floats, two for each: so that the checks of operands serve for them too. */
static bool position_operand(struct heed_check *check, struct heed_rope_job *job)
{
    const heed_rope_args *a = &job->args;
    const bool shared = !a->positions_batch_stride;
    heed_input view = {.data = a->positions};

    if ((uintptr_t)a->positions % _Alignof(int64_t))
        return heed_refuse(check, HEED_INVALID_ARGUMENT, "positions is not aligned to int64_t");
    if (__builtin_mul_overflow(a->positions_batch_stride, 2, &view.batch_stride))
        return heed_refuse(check, HEED_INVALID_ARGUMENT, "positions_batch_stride is too large");
    job->operand[HEED_ROPE_POSITIONS] = heed_read(
        "positions", &view, shared && a->batch ? 1 : a->batch, 1, 1, heed_mul(a->rows, 2));
    job->operand[HEED_ROPE_POSITIONS].optional = true;
    return true;
}

static bool check_views(struct heed_check *check, struct heed_rope_job *job)
{
    const heed_rope_args *a = &job->args;
    const heed_input cos = {.data = a->cos, .row_stride = a->table_stride};
    const heed_input sin = {.data = a->sin, .row_stride = a->table_stride};
    struct heed_operand *op = job->operand;

    op[HEED_ROPE_X] = heed_read("x", &a->x, a->batch, a->heads, a->rows, a->dim);
    op[HEED_ROPE_Y] = heed_written("y", &a->y, a->batch, a->heads, a->rows, a->dim);
    op[HEED_ROPE_X].half = op[HEED_ROPE_Y].half = true;
    op[HEED_ROPE_COS] = heed_read("cos", &cos, 1, 1, a->table_rows, job->rotary_dim / 2);
    op[HEED_ROPE_SIN] = heed_read("sin", &sin, 1, 1, a->table_rows, job->rotary_dim / 2);
    op[HEED_ROPE_COS].optional = op[HEED_ROPE_SIN].optional = true;
    op[HEED_ROPE_Y].in_place = true;
    return position_operand(check, job) && heed_check_operands(check, op, HEED_ROPE_OPERANDS);
}

/* Rows that count up from first_position: within int64_t, and within the table. */
static bool check_first(struct heed_check *check, const heed_rope_args *a)
{
    const int64_t first = a->first_position;

    if (first > 0 && a->rows > (uint64_t)INT64_MAX - (uint64_t)first)
        return heed_refuse(check, HEED_INVALID_ARGUMENT, "first_position is too large");
    if (a->cos && a->rows &&
        (first < 0 || (uint64_t)first > a->table_rows || a->rows > a->table_rows - (size_t)first))
        return heed_refuse(check, HEED_INVALID_ARGUMENT,
                           "first_position is %lld: %zu rows from there leave the table_rows (%zu)",
                           (long long)first, a->rows, a->table_rows);
    return true;
}

static bool check_positions(struct heed_check *check, const heed_rope_args *a)
{
    const size_t batches = a->positions_batch_stride || !a->batch ? a->batch : 1;

    if (!a->positions)
        return check_first(check, a);
    for (size_t b = 0; a->cos && b < batches; b++)
        for (size_t r = 0; r < a->rows; r++) {
            const int64_t position = heed_rope_position(a, b, r);

            if (position < 0 || (uint64_t)position >= a->table_rows)
                return heed_refuse(check, HEED_INVALID_ARGUMENT,
                                   "positions[%zu][%zu] is %lld, outside the table_rows (%zu)", b,
                                   r, (long long)position, a->table_rows);
        }
    return true;
}

bool heed_rope_prepare(struct heed_check *check, struct heed_rope_job *job,
                       const heed_rope_args *args)
{
    heed_rope_args *a = &job->args;

    memset(job, 0, sizeof *job);
    if (!heed_copy_args(check, a, sizeof *a, offsetof(heed_rope_args, rotary_dim), args) ||
        !check_sizes(check, job) || !check_views(check, job) || !check_positions(check, a))
        return false;
    job->isa = heed_check_isa(check, a->isa);
    return job->isa != NULL;
}
