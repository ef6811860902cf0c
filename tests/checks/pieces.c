/* SPDX-License-Identifier: MIT */
/* pieces.c - copying, comparing and packing parts of tensors. */
#include "pieces.h"

#include <string.h>

#include "half.h"

void copy_piece(const struct tensor *from, struct origin at, const struct tensor *to)
{
    const struct shape *shape = &to->shape;

    for (size_t b = 0; b < shape->batch; b++)
        for (size_t h = 0; h < shape->heads; h++)
            for (size_t r = 0; r < shape->rows; r++)
                memcpy(tensor_address(to, b, h, r, 0),
                       tensor_address(from, at.b + b, at.h + h, at.r + r, 0),
                       shape->dim * dtype_size(to->dtype));
}

bool same_piece(struct trial *trial, const char *name, const struct tensor *whole, struct origin at,
                const struct tensor *piece)
{
    const struct shape *shape = &piece->shape;

    for (size_t b = 0; b < shape->batch; b++)
        for (size_t h = 0; h < shape->heads; h++)
            for (size_t r = 0; r < shape->rows; r++)
                if (memcmp(tensor_address(piece, b, h, r, 0),
                           tensor_address(whole, at.b + b, at.h + h, at.r + r, 0),
                           shape->dim * dtype_size(piece->dtype)))
                    return trial_fails(trial,
                                       "%s[%zu][%zu][%zu] has other bits in a piece of %zu "
                                       "batches, %zu heads, %zu rows",
                                       name, at.b + b, at.h + h, at.r + r, shape->batch,
                                       shape->heads, shape->rows);
    return true;
}

static heed_status pack(const void *args)
{
    return heed_pack_k(args);
}

heed_input rows_from(const struct tensor *tensor, size_t b, size_t first)
{
    return (heed_input){.data = tensor_address(tensor, b, 0, first, 0),
                        .dtype = tensor->dtype,
                        .strided = 1,
                        .batch_stride = tensor->batch_stride,
                        .head_stride = tensor->head_stride,
                        .row_stride = tensor->row_stride};
}

bool piece_keeps_types(const heed_attention_args *a)
{
    return heed_isa_unit(a->isa, a->q.dtype, a->k.dtype, a->v.dtype, a->precision, NULL) ||
           heed_isa_unit(a->isa, a->q.dtype, HEED_F32, a->v.dtype, a->precision, NULL);
}

bool pack_piece_keys(struct trial *trial, heed_attention_args *a, const struct tensor *k)
{
    const size_t first = random_below(&trial->random, a->kv_rows);
    const bool is_byte = k->dtype == HEED_I8 || k->dtype == HEED_F8;
    const bool widens = random_once_in(&trial->random, 3) && !is_byte && !piece_keeps_types(a);
    heed_pack_k_args p = {HEED_SIZED(heed_pack_k_args),
                          .batch = a->batch,
                          .kv_heads = a->kv_heads,
                          .qk_dim = a->qk_dim,
                          .capacity = a->kv_rows + random_below(&trial->random, 100),
                          .rows = first,
                          .k = rows_from(k, 0, 0),
                          .parallel = a->parallel,
                          .isa = a->isa,
                          .packed_dtype = widens ? HEED_F32 : k->dtype};

    if (heed_pack_k_size(&p, &p.packed_size) != HEED_OK)
        return trial_fails(trial, "no size for packed keys");
    p.packed = trial_output(trial, (struct shape){1, 1, 1, p.packed_size / sizeof(float)})->first;
    if (!trial_call(trial, pack, &p))
        return false;
    p.first_row = first;
    p.rows = a->kv_rows - first;
    p.k = rows_from(k, 0, first);
    a->k = (heed_input){0};
    a->packed_k = p.packed;
    a->packed_k_size = p.packed_size;
    return trial_call(trial, pack, &p);
}
