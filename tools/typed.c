/* SPDX-License-Identifier: MIT */
/* typed.c - matrices of other types than f32. */
#include "typed.h"

#include <string.h>

#include "half.h"

static const struct {
    const char *name;
    heed_dtype type;
} types[] = {
    {"f32", HEED_F32}, {"f16", HEED_F16}, {"bf16", HEED_BF16}, {"i8", HEED_I8}, {"f8", HEED_F8}};

enum { TYPES = sizeof types / sizeof *types };

bool type_choose(const char *name, heed_dtype *type)
{
    for (size_t i = 0; i < TYPES; i++)
        if (!strcmp(name, types[i].name)) {
            *type = types[i].type;
            return true;
        }
    complain("--type knows f32, f16, bf16, i8 and f8, not \"%s\"", name);
    return false;
}

const char *type_name(heed_dtype type)
{
    size_t i = 0;

    while (i < TYPES - 1 && types[i].type != type)
        i++;
    return types[i].name;
}

struct typed typed_new(heed_dtype type, size_t rows, size_t cols)
{
    const bool scaled = type != type_without_scales(type);

    return (struct typed){
        .type = type,
        .rows = rows,
        .cols = cols,
        .numbers = allocate(rows * cols, dtype_size(type)),
        .scales = scaled ? allocate(rows, sizeof(float)) : NULL,
    };
}

/* Both ways by the operations of the library. */
static heed_status quantize(struct matrix *m, const heed_isa *isa, struct typed *to)
{
    const heed_status status = heed_quantize(&(heed_quantize_args){
        HEED_SIZED(heed_quantize_args),
        .batch = 1,
        .heads = 1,
        .rows = m->rows,
        .dim = m->cols,
        .x = matrix_in(m),
        .y = typed_out(to),
        .scales = {.data = to->scales},
        .isa = isa,
    });

    return status ? status
                  : heed_dequantize(&(heed_dequantize_args){
                        HEED_SIZED(heed_dequantize_args),
                        .batch = 1,
                        .heads = 1,
                        .rows = m->rows,
                        .dim = m->cols,
                        .x = typed_in(to),
                        .scales = typed_scales(to),
                        .y = matrix_out(m),
                        .isa = isa,
                    });
}

heed_status typed_round(struct matrix *m, heed_dtype type, const heed_isa *isa, struct typed *to)
{
    const size_t size = dtype_size(type);

    *to = typed_new(type, m->rows, m->cols);
    if (to->scales)
        return quantize(m, isa, to);
    for (size_t i = 0; i < m->rows * m->cols; i++) {
        dtype_write(type, (char *)to->numbers + i * size, (double)m->data[i]);
        m->data[i] = (float)dtype_read(type, (const char *)to->numbers + i * size);
    }
    return HEED_OK;
}

struct matrix typed_read(const struct typed *from)
{
    const struct matrix m = matrix_new(from->rows, from->cols);
    const size_t size = dtype_size(from->type);

    for (size_t i = 0; i < m.rows * m.cols; i++)
        m.data[i] = (float)dtype_read(from->type, (const char *)from->numbers + i * size);
    return m;
}

void typed_free(struct typed *typed)
{
    free(typed->numbers);
    free(typed->scales);
    *typed = (struct typed){.type = HEED_F32};
}
