/* SPDX-License-Identifier: MIT */
/*
 * heed.h - exact attention on CPUs: the whole public interface.
 *
 * Conventions
 * -----------
 * Arguments: each operation takes one struct.  Set `struct_size` (the macros
 *   HEED_SIZED and HEED_INIT do) and what you need; a member left zero means its default.
 *   Members are only ever appended, so a program built against an older header
 *   keeps working; a newer struct is refused if it asks for what this library
 *   does not know (extra bytes that are not zero).
 * Tensors are strided views [batch][head][row][dim].  Strides count elements,
 *   may be negative or zero (a broadcast) and stand in any order, so that BHSD,
 *   BSHD and packed QKV need no copy; the dim axis is contiguous.  All strides zero
 *   means densely packed, unless `strided` says that one row is repeated everywhere.
 *   No alignment beyond that of the element.
 * Errors are returned as a status, never printed; the output is untouched then.
 *   Each operation has a check function that says which argument is wrong; it
 *   answers HEED_OK exactly when the call does, memory that runs out excepted.
 * Thread safety: every function may be called from any thread at any time.  The
 *   library starts no threads; hand it yours through `parallel`.
 * Determinism: for one instruction set a row's bits depend on that row's problem
 *   alone, never on threads, batch, layout or how the rows were cut into calls.
 * Floating-point state: a call leaves rounding mode, exception flags and traps of every
 *   thread that it runs on as it found them.  It rounds to nearest, nothing in it traps
 *   and no flag is raised, even where a result is NaN or infinite: results alone tell.
 *   Whether denormals are flushed is left to the caller.
 * Range: arithmetic is in f32, so sums of products have to stay below 2^126 with every
 *   term taken as positive; else a result may be infinite or NaN where the formula's
 *   is neither.  For the values of attention see heed_attention().
 * Sizes: each may be 0.  Outputs that have numbers all the same are written, as empty
 *   sums say: zeros, or -inf for a log-sum-exp without a sink.
 * Memory: nothing outside the views is read or written; outputs must not
 *   overlap inputs (where an operation may work in place, it says so), nor a
 *   workspace any of them.
 */
#ifndef HEED_H
#define HEED_H

#include <stddef.h>
#include <stdint.h>

#define HEED_VERSION_MAJOR 0
#define HEED_VERSION_MINOR 1
#define HEED_VERSION_PATCH 0
#define HEED_VERSION (HEED_VERSION_MAJOR * 10000 + HEED_VERSION_MINOR * 100 + HEED_VERSION_PATCH)

#if defined(HEED_STATIC)
#define HEED_API
#elif defined(_WIN32)
#ifdef HEED_BUILDING
#define HEED_API __declspec(dllexport)
#else
#define HEED_API __declspec(dllimport)
#endif
#elif defined(__GNUC__)
#define HEED_API __attribute__((visibility("default")))
#else
#define HEED_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef enum heed_status {
    HEED_OK = 0,
    HEED_INVALID_ARGUMENT = 1, /* a pointer, size, stride or enum makes no sense */
    HEED_UNSUPPORTED_TYPE = 2, /* no kernel for this combination of element types */
    HEED_UNSUPPORTED_ISA = 3,  /* the instruction set asked for cannot run here */
    HEED_OUT_OF_MEMORY = 4,    /* the workspace could not be allocated */
    HEED_WORKSPACE_TOO_SMALL = 5,
    HEED_CACHE_FULL = 6 /* a KV cache has no room for these rows */
} heed_status;

typedef enum heed_dtype {
    HEED_F32 = 0,
    HEED_F16 = 1,  /* binary16 of IEEE 754 */
    HEED_BF16 = 2, /* the upper half of an f32 */
    HEED_I8 = 3,   /* integers that stand for themselves times a scale; k and v of attention */
    HEED_F8 = 4,   /* E4M3 of the OCP 8-bit floating point formats: bias 7, numbers up to 448, no
                      infinities, NaN in S.1111.111; k and v of attention */
    HEED_U8 = 5,   /* bytes: 0 is false */
    HEED_BITS = 6  /* number j is bit j % 8 of byte j / 8; strides count bytes */
} heed_dtype;

/* Which keys a query row sees.  Rows and keys count from 0. */
typedef enum heed_mask {
    HEED_MASK_NONE = 0,       /* every key */
    HEED_MASK_CAUSAL = 1,     /* keys up to row + kv_rows - q_rows: the last row sees all */
    HEED_MASK_CAUSAL_FROM = 2 /* keys up to row + q_position; q_position 0: top-left */
} heed_mask;

/* A view that is read.  For vectors of one number per row (lse) dim is 1. */
typedef struct heed_input {
    const void *data;
    heed_dtype dtype;
    int strided; /* nonzero: the strides are taken as they stand, even if all are 0 (one row is
                    repeated along every axis); zero: all strides 0 means densely packed */
    ptrdiff_t batch_stride, head_stride, row_stride;
} heed_input;

/* A view that is written.  With `strided` and all strides 0 it has a single row. */
typedef struct heed_output {
    void *data;
    heed_dtype dtype;
    int strided;
    ptrdiff_t batch_stride, head_stride, row_stride;
} heed_output;

/*
 * What is known of single scores: [batch][q_heads][q_rows][kv_rows].  Strides count
 * elements and are taken as they stand: 0 repeats along an axis.
 */
typedef struct heed_score_view {
    const void *data;
    heed_dtype dtype;
    ptrdiff_t batch_stride, head_stride, row_stride;
    ptrdiff_t key_stride; /* mostly 1, as it must be for HEED_BITS */
} heed_score_view;

/* -fshort-enums and -fpack-struct would change what the library reads. */
#define HEED_USUAL_LAYOUT                                                                          \
    (sizeof(heed_dtype) == sizeof(int) &&                                                          \
     offsetof(heed_score_view, batch_stride) % sizeof(ptrdiff_t) == 0)
#if defined(__cplusplus) && __cplusplus >= 201103L
static_assert(HEED_USUAL_LAYOUT, "heed: compile without -fshort-enums and -fpack-struct");
#elif defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L
_Static_assert(HEED_USUAL_LAYOUT, "heed: compile without -fshort-enums and -fpack-struct");
#else
typedef char heed_compile_without_short_enums_and_pack_struct[HEED_USUAL_LAYOUT ? 1 : -1];
#endif

/* The same, written.  A stride of 0 makes a sum over its axis: 0, where that has no element. */
typedef struct heed_score_output {
    void *data;
    heed_dtype dtype;
    ptrdiff_t batch_stride, head_stride, row_stride, key_stride;
} heed_score_output;

/* What scores are, where a call shows them. */
typedef enum heed_scores_stage {
    HEED_SCORES_SCALED = 0, /* scale q k^T */
    HEED_SCORES_CAPPED = 1, /* after the softcap */
    HEED_SCORES_BIASED = 2, /* after slopes and bias; -inf where a row does not see the key */
    HEED_SCORES_WEIGHTS = 3 /* softmax of these: what values are multiplied by */
} heed_scores_stage;

/*
 * How exact attention has to be, and whether a matrix unit of bf16 may multiply numbers that
 * are not bf16, as sums of bf16 (heed_isa_unit()): faster for many query rows, slower for few.
 */
typedef enum heed_precision {
    HEED_PRECISION_DEFAULT = 0, /* as exact as f32, or as bf16 where q, k and v all are bf16 */
    HEED_PRECISION_FAST = 1,    /* by a unit; weights and values to 16 bits: off by up to 2^-16 of
                                   the average magnitude of the values */
    HEED_PRECISION_SPLIT = 2    /* by a unit, as exact as f32; as bf16 where q is bf16 and k and v
                                   are bf16 or of 8 bits */
} heed_precision;

/*
 * The caller's threads.  `parallel_for` calls body(argument, i) once for each i
 * in [0, count), in any order, on any threads, and returns when all are done.
 * `count` is at most `workers`; each body takes work from a common list until
 * it is empty, so bodies may also run one after the other.  NULL, or at most
 * one worker: everything runs on the calling thread.
 *
 * In C++ it may throw, once no body is running.  The exception passes through the call,
 * which releases its memory; outputs then hold anything, and caches their rows of before.
 * (On 32-bit Arm and WebAssembly it ends the program.)
 */
typedef struct heed_parallel {
    void (*parallel_for)(void *context, size_t count, void (*body)(void *argument, size_t i),
                         void *argument);
    void *context;
    size_t workers;
} heed_parallel;

/* The kernels of one instruction set.  See heed_isa_at(). */
typedef struct heed_isa heed_isa;

/* Keys and values that stay from call to call.  See heed_kv_create(). */
typedef struct heed_kv heed_kv;

/*
 * Begins an initialiser, in C and from C++20 on, where members come in the order of the struct:
 *   heed_attention_args a = {HEED_SIZED(heed_attention_args), .batch = 1, .q_heads = 8, ...};
 * The value whose members are their defaults, for assignments, in C and in every C++:
 *   heed_attention_args a = HEED_INIT(heed_attention_args);
 *   a.batch = 1;
 * In C++ -Wextra warns of what a designated initialiser leaves out (g++, and clang++ from 19 on);
 * with HEED_INIT nothing is left out.
 */
#if defined(__cplusplus) && !defined(__cpp_designated_initializers) && __cplusplus < 202002L
#define HEED_SIZED(type) sizeof(type) /* the first member, before positional ones */
#else
#define HEED_SIZED(type) .struct_size = sizeof(type)
#endif
#ifdef __cplusplus
extern "C++" {
template <typename args> inline args heed_init()
{
    args initial = args();
    initial.struct_size = sizeof initial;
    return initial;
}
}
#define HEED_INIT(type) heed_init<type>()
#else
#define HEED_INIT(type) ((type){.struct_size = sizeof(type)})
#endif

/*
 * Attention: o = softmax(scale q k^T + mask) v for every batch and query head
 * (Vaswani et al. 2017, arXiv:1706.03762, equation 1), computed block by block
 * with a running softmax (Milakov & Gimelshein 2018, arXiv:1805.02867): memory
 * does not grow with q_rows x kv_rows.  Arithmetic is in f32, but for bf16 on processors
 * that multiply matrices of it: see heed_isa_bf16() and heed_isa_unit().
 */
typedef struct heed_attention_args {
    size_t struct_size;
    size_t batch, q_heads, kv_heads; /* q_heads % kv_heads == 0: MHA, GQA, MQA */
    size_t q_rows, kv_rows;
    size_t qk_dim, v_dim; /* they may differ */
    heed_input q;         /* [batch][q_heads][q_rows][qk_dim]; f32, f16 or bf16 */
    heed_input k;         /* [batch][kv_heads][kv_rows][qk_dim]; or HEED_I8 or HEED_F8 */
    heed_input v;         /* [batch][kv_heads][kv_rows][v_dim]; may be of another type than k */
    heed_output o;        /* [batch][q_heads][q_rows][v_dim]; f32, f16 or bf16 */
    heed_output lse;      /* optional [batch][q_heads][q_rows]: ln of the sum of exp(score) */
    float scale;          /* 0: 1/sqrt(qk_dim) */
    heed_mask mask;
    ptrdiff_t q_position; /* HEED_MASK_CAUSAL_FROM: the key position of the first query row */
    void *workspace;      /* optional, any alignment: then the call does not allocate */
    size_t workspace_size;
    heed_parallel parallel;
    const heed_isa *isa;  /* NULL: heed_isa_default() */
    const void *packed_k; /* optional, instead of k: what heed_pack_k() left there */
    size_t packed_k_size;
    /*
     * Which keys a row sees, beside the mask.  Row r of a batch stands at position
     * p = r + kv_length - q_rows, with HEED_MASK_CAUSAL_FROM at r + q_position, and with
     * q_positions at r + q_positions[batch].
     */
    const size_t *kv_lengths;     /* optional [batch]: keys that exist, at most kv_rows */
    const ptrdiff_t *q_positions; /* optional [batch] */
    size_t window_left;           /* no key before p - window_left + 1; 0: no limit */
    size_t window_right;          /* no key after p + window_right - 1; 0: no limit */
    size_t local_chunk;           /* only keys j with j / local_chunk == p / local_chunk; 0: all */
    size_t prefix;                /* keys before it are seen whatever the rest above says */
    /*
     * What happens to scaled scores before the softmax, in this order: capped, moved by
     * distance, biased, hidden.
     */
    float softcap;                 /* score = softcap tanh(score / softcap); 0: as it is */
    const float *alibi_slopes;     /* optional [q_heads]: + slope (j - p) for key j (ALiBi,
                                      Press et al. 2022, arXiv:2108.12409) */
    heed_score_view bias;          /* optional, f32, f16 or bf16: added; -inf hides the key */
    heed_score_view visible;       /* optional, HEED_U8 or HEED_BITS: 0 hides the key */
    heed_score_view blocks;        /* optional, HEED_U8, [batch][q_heads][row block][key block]: 0
                                      hides all keys of a block from all rows of one, nearly free */
    size_t block_rows, block_keys; /* sizes of these blocks; block_keys % 64 == 0 */
    const float *sinks;            /* optional [q_heads]: a score that joins the sum of the softmax
                                      and no more (Xiao et al. 2024, arXiv:2309.17453) */
    /*
     * Ragged batches: sequence b has rows [offsets[b], offsets[b + 1]) of the rows that q, o
     * and lse, or k and v, have all together; batch strides do not count.  q_rows and
     * kv_rows are at least those of the longest sequence.
     */
    const int32_t *q_offsets;  /* optional [batch + 1] */
    const int32_t *kv_offsets; /* optional [batch + 1] */
    /*
     * Paged keys and values: row r of batch b is row r % page_rows of page
     * page_table[b][r / page_rows].  In k and v the batch axis is that of the pages.
     * Pages without a key that some query row sees by its position may have any number.
     */
    const int32_t *page_table;   /* optional, trusted unless validate_pages */
    ptrdiff_t page_table_stride; /* from batch to batch */
    size_t page_rows, pages;     /* rows of a page, and how many pages k and v have */
    int validate_pages; /* refuse page numbers that are not below `pages`: reads those of all
                           pages that some query row sees */
    /*
     * For a person to look at: takes time and memory as if nothing were fused.  Keys that a
     * sequence, a page table or a cache does not have are -inf, as weights 0; so are, with a
     * page_table, those that no query row of the sequence sees by its position.  Of all others
     * HEED_SCORES_SCALED and HEED_SCORES_CAPPED show, and read, each key of k, seen or not.
     */
    heed_output scores; /* optional, f32 [batch][q_heads][q_rows][kv_rows] */
    heed_scores_stage scores_are;
    /*
     * A key or value of 8 bits is its numbers times its scale, one for each row; heed_quantize()
     * makes both.  Any float will do: 0 makes zeros of finite numbers, NaN is NaN where it is
     * visible.  With kv_offsets and pages they stand where k and v do.
     */
    heed_input k_scales; /* f32 [batch][kv_heads][kv_rows]; HEED_I8 needs them, for HEED_F8 none is
                            1, and with other types there must be none */
    heed_input v_scales; /* the same of v */
    /*
     * A KV cache, instead of k, v, their scales, packed_k and kv_lengths.  batch, kv_heads, qk_dim
     * and v_dim are those of the cache, or 0, which means the same.  kv_rows is at least its
     * longest entry and at most its capacity; 0: its longest entry.  isa is NULL, which means that
     * of the cache, or one whose panels have as many keys.
     */
    const heed_kv *kv; /* optional */
    heed_precision precision;
} heed_attention_args;

/*
 * Computes attention.  Keys that no row sees cost nothing.  A row that sees no key, or only scores
 * of -inf, becomes zeros with lse -inf (or the sink).  A hidden key or value never touches the
 * result, even if it holds NaN; NaN and infinities that are visible propagate as the formula says.
 * Weights below 2^-94 of a row's largest may count as 0.  With qk_dim 0 all keys
 * that a row sees weigh the same.  Values are summed by weights up to 2^32 times as large as in
 * the formula: they, and scales of theirs, have to be below 2^95 / kv_rows, and products of
 * queries and keys, scaled or not, in the range above; then nothing overflows on the way.
 *
 * Rows of k and v that no query row of the call sees by its position (mask, windows, chunk,
 * prefix, lengths), or whose key block `blocks` hides from all query rows of their heads, are
 * never read, nor are their scales and the numbers of pages without any other row: they need not
 * be mapped memory.  Packed keys are read by panels of up to 64 rows of a head.  Rows that only
 * `visible` or `bias` hides may be read.  Of `bias` and `visible` no element is read whose row does
 * not see its key by position (of bits, no byte of such), of `blocks` none of a key block that no
 * row sees by position.  Scores that are shown may take more: see `scores`.
 */
HEED_API heed_status heed_attention(const heed_attention_args *args);

/*
 * What heed_attention(args) would answer to these arguments, without computing
 * (out of memory excepted).  On a refusal writes one line that names the
 * argument into `reason`, cut to `reason_size`; on HEED_OK an empty one.
 * `reason` may be NULL with size 0.  The other check functions do the same.
 */
HEED_API heed_status heed_attention_check(const heed_attention_args *args, char *reason,
                                          size_t reason_size);

/* Bytes of workspace with which heed_attention(args) does not allocate. */
HEED_API heed_status heed_attention_workspace(const heed_attention_args *args, size_t *bytes);

/*
 * Packed keys: K arranged for the kernels, in memory of the caller, who keeps it from
 * call to call and appends to it.  Attention then packs nothing; its bits are the same.
 * Private to this version of the library, the sizes it was packed for and the number of
 * keys that stand side by side in a panel: 64 with avx512, avx512bf16, amx, sve512 and
 * sve512bf16, 32 with sve256 and sve256bf16, 16 with avx2, sse2, neon, neonbf16 and
 * neon32, 4 with scalar.  Instruction sets of one number take each other's, others are
 * refused.  What is packed is of packed_dtype, and attention reads it as such: rows of another
 * type are rounded once, to nearest even, on their way into it.  Those of 8 bits
 * go there as they are, and attention wants their scales beside it, as k_scales.
 */
typedef struct heed_pack_k_args {
    size_t struct_size;
    size_t batch, kv_heads, qk_dim;
    size_t capacity;        /* rows that each head of the packed K has room for */
    size_t first_row, rows; /* packs rows [first_row, first_row + rows); 0: begins anew */
    heed_input k;           /* [batch][kv_heads][rows][qk_dim]: the rows to pack, of f32, f16 or
                               bf16, which may differ from call to call; or of the same 8 bits
                               as packed_dtype */
    void *packed;           /* aligned to 4 bytes; to 64 is fastest */
    size_t packed_size;     /* at least what heed_pack_k_size() says */
    heed_parallel parallel;
    const heed_isa *isa;
    heed_dtype packed_dtype; /* f32, f16, bf16, HEED_I8 or HEED_F8, the same in all calls */
} heed_pack_k_args;

/*
 * Packs rows.  With first_row > 0 appends to, or overwrites, what is there, which
 * then holds first_row + rows rows.  Not while another call reads or packs it.
 */
HEED_API heed_status heed_pack_k(const heed_pack_k_args *args);
HEED_API heed_status heed_pack_k_check(const heed_pack_k_args *args, char *reason,
                                       size_t reason_size);
/* Bytes of a packed K for batch, kv_heads, qk_dim and capacity. */
HEED_API heed_status heed_pack_k_size(const heed_pack_k_args *args, size_t *bytes);

/*
 * Scores: s = scale q k^T, the scaled dot product of each query row with each key.
 * Each view may be HEED_F32, HEED_F16 or HEED_BF16, here and in the operations below
 * but where they say otherwise: arithmetic is in f32, and a result of 16 bits is that
 * of f32 rounded once, to nearest even, past its largest number to infinity.
 */
typedef struct heed_scores_args {
    size_t struct_size;
    size_t batch, q_heads, kv_heads; /* q_heads % kv_heads == 0 */
    size_t q_rows, kv_rows, qk_dim;
    heed_input q;  /* [batch][q_heads][q_rows][qk_dim] */
    heed_input k;  /* [batch][kv_heads][kv_rows][qk_dim] */
    heed_output s; /* [batch][q_heads][q_rows][kv_rows] */
    float scale;   /* 0: 1/sqrt(qk_dim); 1 for plain dot products */
    heed_parallel parallel;
    const heed_isa *isa;
} heed_scores_args;

HEED_API heed_status heed_scores(const heed_scores_args *args);
HEED_API heed_status heed_scores_check(const heed_scores_args *args, char *reason,
                                       size_t reason_size);

/* Weighted sum: o = w v, each output row the sum of the values by that row's weights. */
typedef struct heed_weighted_sum_args {
    size_t struct_size;
    size_t batch, q_heads, kv_heads; /* q_heads % kv_heads == 0 */
    size_t q_rows, kv_rows, v_dim;
    heed_input w;  /* [batch][q_heads][q_rows][kv_rows] */
    heed_input v;  /* [batch][kv_heads][kv_rows][v_dim] */
    heed_output o; /* [batch][q_heads][q_rows][v_dim] */
    heed_parallel parallel;
    const heed_isa *isa;
} heed_weighted_sum_args;

HEED_API heed_status heed_weighted_sum(const heed_weighted_sum_args *args);
HEED_API heed_status heed_weighted_sum_check(const heed_weighted_sum_args *args, char *reason,
                                             size_t reason_size);

/* Linear: y = x w + b for each row of each batch, the projections of attention. */
typedef struct heed_linear_args {
    size_t struct_size;
    size_t batch, rows, in_dim, out_dim;
    heed_input x;  /* [batch][row][in_dim] (head_stride unused) */
    heed_input w;  /* [in_dim][out_dim]: row_stride between input dims, shared by the batch */
    heed_input b;  /* optional [out_dim] */
    heed_output y; /* [batch][row][out_dim] */
    heed_parallel parallel;
    const heed_isa *isa;
} heed_linear_args;

HEED_API heed_status heed_linear(const heed_linear_args *args);
HEED_API heed_status heed_linear_check(const heed_linear_args *args, char *reason,
                                       size_t reason_size);

/* Arguments of the operations on rows of numbers: exp, softmax and normalize. */
typedef struct heed_rows_args {
    size_t struct_size;
    size_t rows, cols;
    heed_input x;  /* [row][col] (batch_stride and head_stride unused) */
    heed_output y; /* [row][col]; may be exactly x, then of the same type */
    heed_parallel parallel;
    const heed_isa *isa;
} heed_rows_args;

/*
 * y = exp(x), within 1 ulp of f32 over all floats, with denormals, infinities and NaN
 * as in IEEE 754-2019 section 9.2.
 */
HEED_API heed_status heed_exp(const heed_rows_args *args);
/* y = exp(x - max x) / sum exp(x - max x) for each row; a row of -inf becomes zeros. */
HEED_API heed_status heed_softmax(const heed_rows_args *args);
/* y = x / sum x for each row: plain normalisation, for comparison with softmax. */
HEED_API heed_status heed_normalize(const heed_rows_args *args);
HEED_API heed_status heed_rows_check(const heed_rows_args *args, char *reason, size_t reason_size);

/*
 * Self-attention: q = x wq + bq, k = x wk + bk, v = x wv + bv, o = attention(q, k, v).
 * The projections of the heads stand side by side in the columns of the weights, and
 * stay in f32 whatever the types.
 */
typedef struct heed_self_attention_args {
    size_t struct_size;
    size_t batch, rows, model_dim;
    size_t q_heads, kv_heads, qk_dim, v_dim;
    heed_input x; /* [batch][row][model_dim]; unused strides here and below as of linear */
    heed_input wq, wk,
        wv; /* [model_dim][q_heads qk_dim], [..][kv_heads qk_dim], [..][kv_heads v_dim] */
    heed_input bq, bk, bv; /* optional, one row each */
    heed_output o;         /* [batch][q_heads][row][v_dim]; all strides zero: heads side by side,
                              [batch][row][q_heads v_dim] */
    float scale;           /* 0: 1/sqrt(qk_dim) */
    heed_mask mask;        /* NONE or CAUSAL */
    void *workspace;       /* optional, as in heed_attention_args */
    size_t workspace_size;
    heed_parallel parallel;
    const heed_isa *isa;
} heed_self_attention_args;

HEED_API heed_status heed_self_attention(const heed_self_attention_args *args);
HEED_API heed_status heed_self_attention_check(const heed_self_attention_args *args, char *reason,
                                               size_t reason_size);
HEED_API heed_status heed_self_attention_workspace(const heed_self_attention_args *args,
                                                   size_t *bytes);

/* Attention over some of the keys, as heed_attention() leaves it. */
typedef struct heed_part {
    heed_input o;   /* [batch][head][row][v_dim] */
    heed_input lse; /* [batch][head][row], HEED_F32 */
} heed_part;

/*
 * Merge: attention over all keys from attention over disjoint sets of them,
 * lse = ln sum exp(lse_p), o = sum exp(lse_p - lse) o_p, in the order given.
 * A part with lse -inf counts for nothing, whatever its o holds; without any other
 * the result is zeros with lse -inf.
 */
typedef struct heed_merge_args {
    size_t struct_size;
    size_t batch, heads, rows, v_dim;
    const heed_part *parts;
    size_t part_count;
    heed_output o;
    heed_output lse; /* optional, HEED_F32 */
    const heed_isa *isa;
} heed_merge_args;

HEED_API heed_status heed_merge(const heed_merge_args *args);
HEED_API heed_status heed_merge_check(const heed_merge_args *args, char *reason,
                                      size_t reason_size);

/* Which two of the numbers that rotate make pair i of [0, rotary_dim / 2). */
typedef enum heed_rope_pairs {
    HEED_ROPE_HALVES = 0,     /* i and i + rotary_dim / 2, as in GPT-NeoX and Llama */
    HEED_ROPE_INTERLEAVED = 1 /* 2 i and 2 i + 1, as in GPT-J */
} heed_rope_pairs;

/*
 * Rotary position embedding (Su et al. 2021, arXiv:2104.09864, equation 34): each
 * pair (a, b) of a row turns by an angle that grows with the row's position,
 *   (a cos - b sin, a sin + b cos), angle = position theta^(-2 i / rotary_dim),
 * so that the score of a query and a key depends on how far apart they stand.
 * Semantics are those of RotaryEmbedding-23 of ONNX; its caches without position
 * ids, [batch][rows][..], are one table with positions that count through it.
 */
typedef struct heed_rope_args {
    size_t struct_size;
    size_t batch, heads, rows, dim;
    heed_input x;      /* [batch][heads][rows][dim] */
    heed_output y;     /* [batch][heads][rows][dim]; may be exactly x, then of the same type */
    size_t rotary_dim; /* the first numbers of each row, even, at most dim; the others are
                          copied; 0: all of dim */
    heed_rope_pairs pairs;
    const int64_t *positions;         /* [batch][rows], or NULL: first_position + row, row from 0 */
    ptrdiff_t positions_batch_stride; /* in positions; 0: all batches have the same rows of them */
    int64_t first_position;           /* without positions only */
    const float *cos, *sin;           /* [position][rotary_dim / 2], or both NULL: by theta */
    ptrdiff_t table_stride;           /* from position to position; 0: rotary_dim / 2 */
    size_t table_rows;                /* positions outside [0, table_rows) are refused */
    double theta;                     /* without tables only: at least 1; 0: 10000 */
    heed_parallel parallel;
    const heed_isa *isa;
} heed_rope_args;

/*
 * Rotates, or rotates back where positions are negative (a table has none).  NaN and
 * infinities propagate as the formula says.  By theta, angle, cos and sin are
 * computed in double by the C library, once for all heads of a row, and then rounded
 * to f32: off by 2^-24 of themselves and, for positions below 2^53, the angle by
 * |position| 2^-51.  Tables save that work.  This call leaves them in y, cos and sin
 * side by side (table_stride rotary_dim), with the bits that theta would give: heads
 * 1, rows the table's, dim rotary_dim, and for x one row of rotary_dim / 2 ones, then
 * as many zeros, with row_stride 0 and batch_stride 1.
 */
HEED_API heed_status heed_rope(const heed_rope_args *args);
HEED_API heed_status heed_rope_check(const heed_rope_args *args, char *reason, size_t reason_size);

/*
 * Instruction sets, best first, those compiled into the library; NULL past the
 * end.  A build for tests may contain emulated ones, chosen only by name.
 */
HEED_API const heed_isa *heed_isa_at(size_t index);
HEED_API const heed_isa *heed_isa_find(const char *name); /* NULL: not compiled in */
HEED_API const char *heed_isa_name(const heed_isa *isa);  /* "avx2" */
HEED_API int heed_isa_supported(const heed_isa *isa);     /* can it run here? */
HEED_API int heed_isa_emulated(const heed_isa *isa);      /* by other instructions */
/*
 * Does heed_attention() multiply q, k and v, where all three are bf16, by a matrix unit
 * there?  Then weights are rounded to bf16, and their sum is that of the rounded ones (lse
 * is off by up to 2^-8); numbers below 2^-126 count as zero.  Packed keys are of packed_dtype.  May
 * ask the operating system for the unit, as such a call does.  NULL: heed_isa_default().
 */
HEED_API int heed_isa_bf16(const heed_isa *isa);
/*
 * Does heed_attention() of these types and precision use such a matrix unit there?  Numbers of
 * f16 are exact sums of two numbers of bf16, those of f32 of three; then products[0] is
 * how many products of matrices of bf16 make q k^T, products[1] how many make weights times
 * v; else 0.  With more than one they are as exact as f32, but for what `precision` allows.
 * `products` may be NULL.  isa NULL: heed_isa_default().
 */
HEED_API int heed_isa_unit(const heed_isa *isa, heed_dtype q, heed_dtype k, heed_dtype v,
                           heed_precision precision, int products[2]);

/*
 * What a call without `isa` uses: the one named by the environment variable
 * HEED_ISA, else the best that runs here.  Chosen at the first call.  NULL if
 * HEED_ISA names none that runs: such calls answer HEED_UNSUPPORTED_ISA.
 */
HEED_API const heed_isa *heed_isa_default(void);

/* What the library found out about this CPU.  Sizes are in bytes, 0 if unknown. */
typedef struct heed_cpu_info {
    char brand[64];     /* "" if unknown */
    char clusters[128]; /* names of the feature sets found, with spaces between: "sse2 avx2" */
    size_t l1d_size, l2_size, l3_size;
} heed_cpu_info;

/* Fills the first info_size bytes of *info (sizeof *info); never fails. */
HEED_API void heed_cpu(heed_cpu_info *info, size_t info_size);

HEED_API const char *heed_status_string(heed_status status); /* never NULL */
HEED_API const char *heed_version_string(void);              /* "0.1.0" */
HEED_API int heed_version(void);                             /* HEED_VERSION of the library */

/*
 * Gradients of attention: from the gradient d_o of some number with respect to o, those
 * with respect to q, k and v,
 *   P = exp(scale q k^T - lse), D = sum of d_o o over each row's dims,
 *   d_v = P^T d_o, dS = P (d_o v^T - D), d_q = scale dS k, d_k = scale dS^T q
 * (Dao 2023, arXiv:2307.08691, algorithm 2), block by block: no matrix of q_rows x kv_rows
 * is stored.  Those of k and v are sums over the query heads of a group.  With rules P is
 * that of the scores after them; with a softcap what goes to q and k is
 * dS (1 - (capped score / softcap)^2).
 */
typedef struct heed_attention_backward_args {
    size_t struct_size;
    size_t batch, q_heads, kv_heads; /* q_heads % kv_heads == 0: MHA, GQA, MQA */
    size_t q_rows, kv_rows;
    size_t qk_dim, v_dim;
    heed_input q;    /* [batch][q_heads][q_rows][qk_dim] */
    heed_input k;    /* [batch][kv_heads][kv_rows][qk_dim] */
    heed_input v;    /* [batch][kv_heads][kv_rows][v_dim] */
    heed_input o;    /* [batch][q_heads][q_rows][v_dim]: what heed_attention() made of them */
    heed_input d_o;  /* [batch][q_heads][q_rows][v_dim] */
    heed_input lse;  /* [batch][q_heads][q_rows]: of the same call */
    heed_output d_q; /* shaped like q; each of these is optional */
    heed_output d_k; /* shaped like k */
    heed_output d_v; /* shaped like v */
    float scale;     /* this, the mask and the rules below as they were in that call */
    heed_mask mask;
    ptrdiff_t q_position;
    void *workspace; /* optional, any alignment: then the call does not allocate */
    size_t workspace_size;
    heed_parallel parallel;
    const heed_isa *isa;
    /* As in heed_attention_args, where packed and paged keys are for inference alone. */
    const size_t *kv_lengths;
    const ptrdiff_t *q_positions;
    size_t window_left, window_right, local_chunk, prefix;
    float softcap;
    const float *alibi_slopes;
    heed_score_view bias, visible, blocks;
    size_t block_rows, block_keys;
    const int32_t *q_offsets, *kv_offsets;
    const float *sinks;
    heed_score_output d_bias; /* optional, f32 [batch][q_heads][q_rows][kv_rows]: dS, also without
                                 a bias; 0 where a row does not see the key */
    float *d_sinks;           /* optional, with sinks [q_heads]: sum of -exp(sink - lse) D */
} heed_attention_backward_args;

/*
 * Computes the gradients, which are not added to what is there.  Each view but lse, d_bias
 * and those of scores may be HEED_F32, HEED_F16 or HEED_BF16: arithmetic is in f32, and
 * results are rounded once.  A row that sees no key, or whose lse is -inf, gets a d_q of
 * zeros and adds nothing to d_k, d_v and d_bias.  A key or value that a row does not see
 * never touches the d_q of that row, nor the row their d_k and d_v, nor either of them d_bias,
 * even if it holds NaN; NaN and infinities that are visible propagate as the formula says.
 * Keys past kv_lengths get zeros; rows of no ragged sequence are left alone.  Rows of k and v,
 * biases and masks are not read where heed_attention() would not read them; those of q, o, d_o
 * and lse are, whatever they see.  Weights below
 * 2^-110 may count as 0.  The bits do not depend on threads.  Any lse is taken at its word:
 * with one that does not belong to q, k and the rules, the formula is what is computed.
 * Where d_bias is a sum over batches, heads or rows, the rows that meet in it are one task.
 */
HEED_API heed_status heed_attention_backward(const heed_attention_backward_args *args);
HEED_API heed_status heed_attention_backward_check(const heed_attention_backward_args *args,
                                                   char *reason, size_t reason_size);
/* Bytes of workspace with which heed_attention_backward(args) does not allocate. */
HEED_API heed_status heed_attention_backward_workspace(const heed_attention_backward_args *args,
                                                       size_t *bytes);

/*
 * A KV cache: the keys and values of a batch of sequences that grow.  Each number is rounded
 * once into the type of the cache; into 8 bits as heed_quantize() does, with a scale for each
 * row of each KV head, which the cache keeps.  Keys stand packed, so that no call packs, values
 * as rows.  heed_attention() takes it in place of k and v, and leaves the bits that views of the
 * same numbers (and scales) in the same types give on that instruction set.
 *
 * All of it is one piece of the caller's memory, the image.  It holds no addresses: it may be
 * copied, saved, sent, and mapped from a file by several processes, each where it likes.  Its
 * bytes depend on the version of the library, the sizes, the types, the keys of a panel (see
 * heed_pack_k()) and the rows that are there, on nothing else: not on who appended them, in which
 * order or how many at a time, nor on rows that were dropped.  What no row fills is 0.
 *
 * A heed_kv is what a process knows of an image: a handle, which heed_kv_create() and
 * heed_kv_open() fill in.  Nothing has to be closed, nothing is allocated.
 *
 * Threads and processes: entries of the batch may be appended to and truncated at the same time,
 * each by one thread of one process.  While that goes on nothing else may use these entries, and
 * attention uses all.  The length of an entry is stored last, with release order, and read with
 * acquire order: whoever sees a length by heed_kv_length() sees the rows before it, in another
 * process too.  One that dies while it appends leaves the rows that were there before, and behind
 * them noise, which the next ones overwrite.
 */
struct heed_kv {
    /* The library's own: heed_kv_view() says what may be known.  May be copied. */
    void *memory;
    const heed_isa *isa;
    size_t batch, kv_heads, qk_dim, v_dim, capacity;
    heed_dtype k_dtype, v_dtype;
    uint32_t mark; /* tells a handle from noise */
    int read_only;
    void *reserved[4];
};

typedef struct heed_kv_create_args {
    size_t struct_size;
    size_t batch, kv_heads, qk_dim, v_dim;
    size_t capacity;             /* rows that each entry of the batch has room for */
    heed_dtype k_dtype, v_dtype; /* HEED_F32, HEED_F16, HEED_BF16, HEED_I8 or HEED_F8 */
    const heed_isa *isa;         /* NULL: heed_isa_default() */
    void *memory;                /* aligned to 64 bytes */
    size_t memory_size;          /* at least what heed_kv_bytes() says */
    int memory_is_zero;          /* as fresh from calloc() or mmap(): then only what rows fill is
                                    touched; 0: all of it is cleared first */
} heed_kv_create_args;

/* Makes a cache whose sequences are empty.  After a refusal every call refuses *kv. */
HEED_API heed_status heed_kv_create(const heed_kv_create_args *args, heed_kv *kv);
HEED_API heed_status heed_kv_create_check(const heed_kv_create_args *args, char *reason,
                                          size_t reason_size);
/* Bytes of an image of these sizes and types, a multiple of 64.  Needs no memory yet. */
HEED_API heed_status heed_kv_bytes(const heed_kv_create_args *args, size_t *bytes);

typedef struct heed_kv_open_args {
    size_t struct_size;
    void *memory; /* an image, aligned to 64 bytes */
    size_t memory_size;
    int read_only;       /* nothing is written there, which may be impossible; rows are neither
                            appended nor dropped */
    const heed_isa *isa; /* that attends and appends; NULL: heed_isa_default(), or if its panels
                            have another number of keys, the best that runs here and whose have
                            as many */
} heed_kv_open_args;

/*
 * Finds the cache that memory holds, with its rows; writes nothing there.  Refuses what another
 * version of the library left, or a machine of another byte order or word size; what is cut
 * short; every header that is not as it was written; lengths past the capacity; and
 * (HEED_UNSUPPORTED_ISA) panels that no instruction set takes which runs here.  Rows are taken at
 * their word.
 */
HEED_API heed_status heed_kv_open(const heed_kv_open_args *args, heed_kv *kv);
HEED_API heed_status heed_kv_open_check(const heed_kv_open_args *args, char *reason,
                                        size_t reason_size);

/* Rows for entries [first_batch, first_batch + batch) of a cache, as many for each. */
typedef struct heed_kv_append_args {
    size_t struct_size;
    heed_kv *kv;
    size_t first_batch, batch; /* batch 0: up to the last one */
    size_t rows;
    heed_input k; /* [batch][kv_heads][rows][qk_dim], of f32, f16 or bf16 */
    heed_input v; /* [batch][kv_heads][rows][v_dim] */
    heed_parallel parallel;
} heed_kv_append_args;

/* Appends rows to each of these entries; if one has no room for them, HEED_CACHE_FULL, to none. */
HEED_API heed_status heed_kv_append(const heed_kv_append_args *args);
HEED_API heed_status heed_kv_append_check(const heed_kv_append_args *args, char *reason,
                                          size_t reason_size);

/*
 * Drops the rows of entry `batch` from row `length` on, which become 0; refuses one that is not
 * there yet.
 */
HEED_API heed_status heed_kv_truncate(heed_kv *kv, size_t batch, size_t length);
HEED_API heed_status heed_kv_truncate_check(const heed_kv *kv, size_t batch, size_t length,
                                            char *reason, size_t reason_size);
/* Rows of entry `batch`; 0 if there is no such entry. */
HEED_API size_t heed_kv_length(const heed_kv *kv, size_t batch);

/* What a cache is, and its parts as the members of other calls want them. */
typedef struct heed_kv_info {
    size_t batch, kv_heads, qk_dim, v_dim, capacity;
    heed_dtype k_dtype, v_dtype;
    const heed_isa *isa;
    size_t longest;        /* rows of its longest entry */
    const size_t *lengths; /* [batch], which follow the cache: kv_lengths of a call */
    const void *packed_k;  /* for calls that give kv_lengths, too: rows past these are noise */
    size_t packed_k_size;
    heed_input v;                  /* [batch][kv_heads][capacity][v_dim] */
    const void *memory;            /* the image */
    size_t bytes;                  /* of it */
    heed_input k_scales, v_scales; /* [batch][kv_heads][capacity] of 8-bit types, else data NULL */
    int read_only;
} heed_kv_info;

/* Fills the first info_size bytes of *info (sizeof *info), with 0 where *kv is no cache. */
HEED_API void heed_kv_view(const heed_kv *kv, heed_kv_info *info, size_t info_size);

/*
 * Quantize: each row x to numbers y of 8 bits and a scale, y scale being nearly x:
 *   scale = max |x| / 127 for HEED_I8, max |x| / 448 for HEED_F8,  y = x / scale,
 * both quotients rounded to f32 and y then to nearest even, symmetrically: i8 is never
 * -128.  So each x is off by at most scale / 2 for HEED_I8, for HEED_F8 by |x| / 16 or scale
 * 2^-10, whichever is more, and by roundings of f32.  The bits are the same on every instruction
 * set.
 */
typedef struct heed_quantize_args {
    size_t struct_size;
    size_t batch, heads, rows, dim;
    heed_input x;       /* [batch][heads][rows][dim]; f32, f16 or bf16 */
    heed_output y;      /* [batch][heads][rows][dim]; HEED_I8 or HEED_F8 */
    heed_output scales; /* [batch][heads][rows], HEED_F32 */
    heed_parallel parallel;
    const heed_isa *isa;
} heed_quantize_args;

/*
 * A row whose numbers are all below 2^-100 becomes zeros with scale 0; one that holds a NaN or an
 * infinity, which no scale could hold, zeros with scale NaN: all of it is NaN, and attention says
 * so where it sees it.
 */
HEED_API heed_status heed_quantize(const heed_quantize_args *args);
HEED_API heed_status heed_quantize_check(const heed_quantize_args *args, char *reason,
                                         size_t reason_size);

/* And back: y = x scale, rounded as other results are. */
typedef struct heed_dequantize_args {
    size_t struct_size;
    size_t batch, heads, rows, dim;
    heed_input x;      /* [batch][heads][rows][dim]; HEED_I8 or HEED_F8 */
    heed_input scales; /* [batch][heads][rows], HEED_F32; for HEED_F8 none is 1 */
    heed_output y;     /* [batch][heads][rows][dim]; f32, f16 or bf16 */
    heed_parallel parallel;
    const heed_isa *isa;
} heed_dequantize_args;

HEED_API heed_status heed_dequantize(const heed_dequantize_args *args);
HEED_API heed_status heed_dequantize_check(const heed_dequantize_args *args, char *reason,
                                           size_t reason_size);

#ifdef __cplusplus
}
#endif
#endif /* HEED_H */
