/* SPDX-License-Identifier: MIT */
/*
 * words.c - each word of a vocabulary against its meaning on one number.
 *
 * Compiled once per instruction set, with its flags.  Parameters, set by CMake:
 *   WORDS_ISA      its name
 *   WORDS_HEADER   its vocabulary, "simd/<name>.h"
 *   WORDS_TRIES    how often a word is tried with numbers drawn at random
 */
#include "words.h"

#include <math.h>
#include <stdio.h>

#include WORDS_HEADER

#include "guarded.h"
#include "random.h"

/* A NaN whose every bit is set, as in blank memory: words that look at bits must not trust them. */
static float full_nan(void)
{
    return f32_from_bits(0xffffffff);
}

/* Ordinary numbers, and in every fourth lane one that is not. */
static float draw(struct random *random)
{
    static const float odd[] = {0.0f, -0.0f, 1.0f, -1.0f, INFINITY, -INFINITY, NAN, 1e38f, -1e38f};

    return random_once_in(random, 4) ? RANDOM_OF(random, odd) : random_float(random, -4.0f, 4.0f);
}

static vf draw_vector(struct random *random, float lane[VF_LANES])
{
    for (size_t i = 0; i < VF_LANES; i++)
        lane[i] = draw(random);
    return vf_load(lane);
}

static bool same(float a, float b)
{
    return a == b || (isnan(a) && isnan(b));
}

static bool wrong_lane(size_t i, float got, double want, char *detail, size_t size)
{
    snprintf(detail, size, "lane %zu is %.9g, not %.9g", i, (double)got, want);
    return false;
}

/*
 * A word from vectors a, b, c to a vector: in each lane, where the numbers are x,
 * y, z, it is `want` or, where the definition leaves a choice, `other`.
 */
#define LANEWISE(word, result, want, other)                                                        \
    static bool word_##word(struct random *random, char *detail, size_t size)                      \
    {                                                                                              \
        float a_lane[VF_LANES], b_lane[VF_LANES], c_lane[VF_LANES], got[VF_LANES];                 \
        const vf a = draw_vector(random, a_lane), b = draw_vector(random, b_lane);                 \
        const vf c = draw_vector(random, c_lane);                                                  \
                                                                                                   \
        (void)a, (void)b, (void)c;                                                                 \
        vf_store(got, result);                                                                     \
        for (size_t i = 0; i < VF_LANES; i++) {                                                    \
            const float x = a_lane[i], y = b_lane[i], z = c_lane[i];                               \
                                                                                                   \
            (void)x, (void)y, (void)z;                                                             \
            if (!same(got[i], want) && !same(got[i], other))                                       \
                return wrong_lane(i, got[i], (double)(want), detail, size);                        \
        }                                                                                          \
        return true;                                                                               \
    }

LANEWISE(zero, vf_zero(), 0.0f, 0.0f)
LANEWISE(set1, vf_set1(a_lane[0]), a_lane[0], a_lane[0])
LANEWISE(load_store, a, x, x)
LANEWISE(add, vf_add(a, b), x + y, x + y)
LANEWISE(sub, vf_sub(a, b), x - y, x - y)
LANEWISE(mul, vf_mul(a, b), x *y, x *y)
LANEWISE(div, vf_div(a, b), x / y, x / y)
/* One rounding or two. */
LANEWISE(fma, vf_fma(a, b, c), fmaf(x, y, z), x *y + z)
LANEWISE(fms, vf_fms(a, b, c), fmaf(x, y, -z), x *y - z)
/* With a NaN among the two, either of them. */
LANEWISE(max, vf_max(a, b), x > y ? x : y, isunordered(x, y) ? x : fmaxf(x, y))
LANEWISE(min, vf_min(a, b), x < y ? x : y, isunordered(x, y) ? x : fminf(x, y))
LANEWISE(zero_if_lt, vf_zero_if_lt(a, b, c), y < z ? 0.0f : x, y < z ? 0.0f : x)

static bool wrong_answer(bool got, char *detail, size_t size)
{
    snprintf(detail, size, "answered %s", got ? "yes" : "no");
    return false;
}

/* A question about vectors a, b, c, asked of every lane. */
#define QUESTION(word, answer, lane_answer, any)                                                   \
    static bool word_##word(struct random *random, char *detail, size_t size)                      \
    {                                                                                              \
        float a_lane[VF_LANES], b_lane[VF_LANES];                                                  \
        vf a = draw_vector(random, a_lane), b = draw_vector(random, b_lane);                       \
        bool want = !(any);                                                                        \
                                                                                                   \
        if (random_once_in(random, 2)) { /* all lanes alike but one */                             \
            const size_t one = random_below(random, VF_LANES);                                     \
                                                                                                   \
            for (size_t i = 0; i < VF_LANES; i++)                                                  \
                if (i != one)                                                                      \
                    a_lane[i] = (any) ? -2e38f : 0.5f, b_lane[i] = 1.0f;                           \
            a = vf_load(a_lane), b = vf_load(b_lane);                                              \
        }                                                                                          \
        for (size_t i = 0; i < VF_LANES; i++) {                                                    \
            const float x = a_lane[i], y = b_lane[i];                                              \
                                                                                                   \
            (void)y;                                                                               \
            if ((lane_answer) == (any))                                                            \
                want = (any);                                                                      \
        }                                                                                          \
        (void)b;                                                                                   \
        return (answer) == want || wrong_answer(!want, detail, size);                              \
    }

QUESTION(any_gt, vf_any_gt(a, b), x > y, true)
QUESTION(all_within, vf_all_within(a, vf_set1(-1.0f), b), x >= -1.0f && x <= y, false)
QUESTION(all_finite, vf_all_finite(a), isfinite(x), false)

#include "words_memory.h"

#include "words_numbers.h"

#include "words_half.h"

#include "words_half_n.h"

#include "words_bits.h"
#include "words_byte.h"
#include "words_matrix.h"

typedef bool word_check(struct random *random, char *detail, size_t size);

static const struct {
    const char *name;
    word_check *holds;
    size_t tries;
} words[] = {
#define WORD(word)                                                                                 \
    {                                                                                              \
#word, word_##word, WORDS_TRIES                                                            \
    }
/* Tries everything by itself. */
#define ONCE(word)                                                                                 \
    {                                                                                              \
#word, word_##word, 1                                                                      \
    }
    WORD(zero),
    WORD(set1),
    WORD(load_store),
    WORD(load_n),
    WORD(store_n),
    WORD(add),
    WORD(sub),
    WORD(mul),
    WORD(div),
    WORD(fma),
    WORD(fms),
    WORD(max),
    WORD(min),
    WORD(zero_if_lt),
    WORD(any_gt),
    WORD(all_within),
    WORD(all_finite),
    WORD(reduce_add),
    WORD(reduce_max),
    WORD(transpose),
    WORD(load_across),
    WORD(narrow),
    WORD(scale_by_magic),
    WORD(mul_gradual),
    WORD(exp2_scaled),
    WORD(exp),
    WORD(tanh),
    ONCE(load_f16),
    ONCE(store_f16),
    WORD(load_f16_n),
    WORD(store_f16_n),
    ONCE(load_bf16),
    ONCE(store_bf16),
    WORD(load_bf16_n),
    WORD(store_bf16_n),
    WORD(load_pairs),
    WORD(store_pairs),
    ONCE(load_i8),
    ONCE(store_i8),
    WORD(load_i8_n),
    WORD(store_i8_n),
    ONCE(load_f8),
    ONCE(store_f8),
    WORD(load_f8_n),
    WORD(store_f8_n),
    ONCE(load_f8_finite),
    WORD(f8_all_finite),
    WORD(bits_lt),
    WORD(keep_bits),
    WORD(bits_of_bytes),
    WORD(nearest_bf16),
    WORD(scale_number),
    WORD(sizes_within),
    WORD(exp_all),
#ifdef HEED_HAVE_MATRIX
    WORD(multiply),
    WORD(multiply_alone),
#endif
};

static const char *name(size_t i)
{
    return i < sizeof words / sizeof *words ? words[i].name : NULL;
}

static bool holds(size_t i, char *detail, size_t size)
{
    struct random random = {i};

    for (size_t n = 0; n < words[i].tries; n++)
        if (!words[i].holds(&random, detail, size))
            return false;
    return true;
}

#define PASTE_(a, b) a##b
#define PASTE(a, b) PASTE_(a, b)
#define TEXT_(x) #x
#define TEXT(x) TEXT_(x)

extern const struct words PASTE(heed_words_, WORDS_ISA);
const struct words PASTE(heed_words_, WORDS_ISA) = {
    .isa = TEXT(WORDS_ISA), .emulated = HEED_SIMD_EMULATED, .name = name, .holds = holds};
