/* SPDX-License-Identifier: MIT */
/*
 * table.h - the end of every kernels/<isa>.c: compiles each operation against the
 * vocabulary included above and defines the table of the instruction set.
 */
#include "cpu.h"
#include "kernels/attend.h"
#include "kernels/backward.h"
#include "kernels/keep.h"
#include "kernels/merge.h"
#include "kernels/products.h"
#include "kernels/quantize.h"
#include "kernels/reveal.h"
#include "kernels/rope.h"
#include "kernels/rows.h"
#include "kernels/small.h"

#ifdef HEED_HAVE_MATRIX
#include "kernels/matrix.h"
#else
#define UNIT_WORKS NULL
#define VM_WORTH 0
#define ATTEND attend
#endif

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define TEXT_(x) #x
#define TEXT(x) TEXT_(x)

extern const struct heed_isa JOIN(heed_isa_, HEED_ISA_NAME);
const struct heed_isa JOIN(heed_isa_, HEED_ISA_NAME) = {
    .name = TEXT(HEED_ISA_NAME),
    .needs = HEED_ISA_NEEDS,
    .emulated = HEED_SIMD_EMULATED,
    .lanes = VF_LANES,
    .panel_keys = TILE_COLS,
    .unit_works = UNIT_WORKS,
    .unit_worth = VM_WORTH,
    .attend = ATTEND,
    .attend_small = attend_small,
    .reveal = reveal,
    .gather = gather,
    .pack = pack,
    .convert = convert,
    .scores = scores,
    .weighted_sum = weighted_sum,
    .exp = exp_rows,
    .softmax = softmax_rows,
    .normalize = normalize_rows,
    .merge = merge,
    .rope = rope,
    .backward = backward,
    .backward_sink = backward_sink,
    .quantize = quantize,
    .dequantize = dequantize,
};
