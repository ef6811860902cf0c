/* SPDX-License-Identifier: MIT */
/* masks.c - masks that all rows of a task share, looked through 64 keys at a time. */
#include "masks.h"

#include <string.h>

#include "bits.h"

enum { WORD = 64 };

/* A row of a view of scores. */
struct row {
    const heed_score_view *view;
    const char *at; /* of key 0 */
};

/* What a row leaves of some keys: all of [first, end), unless there are holes in it. */
struct left {
    size_t first, end;
    bool holes;
    bool moves; /* it is a bias, and one of those is not 0 */
};

static uint64_t word_of_bytes(const struct row *row, size_t key, size_t n)
{
    const ptrdiff_t step = row->view->key_stride;
    const char *at = row->at + (ptrdiff_t)key * step;
    uint64_t bits = 0;

    if (step == 1 && n == WORD)
        return heed_bits_of_bytes((const unsigned char *)at);
    for (size_t j = 0; j < n; j++)
        bits |= (uint64_t)(at[(ptrdiff_t)j * step] != 0) << j;
    return bits;
}

static uint64_t word_of_bits(const struct row *row, size_t key, size_t n)
{
    const unsigned char *at = (const unsigned char *)row->at;
    uint64_t bits = 0;

    if (key % 8 == 0 && n == WORD)
        return heed_eight_bytes(at + key / 8);
    for (size_t j = 0; j < n; j++)
        bits |= (uint64_t)(at[(key + j) / 8] >> (key + j) % 8 & 1) << j;
    return bits;
}

/* The bits of a bias, and those of -inf, which hides the key. */
static uint32_t bits_at(heed_dtype type, const char *at)
{
    uint32_t bits;
    uint16_t half;

    if (type != HEED_F32) {
        memcpy(&half, at, sizeof half);
        return half;
    }
    memcpy(&bits, at, sizeof bits);
    return bits;
}

static uint32_t hiding_bits(heed_dtype type)
{
    return type == HEED_F32 ? 0xff800000 : type == HEED_F16 ? 0xfc00 : 0xff80;
}

static bool is_zero(heed_dtype type, uint32_t bits)
{
    return !(bits & (type == HEED_F32 ? 0x7fffffff : 0x7fff));
}

/* Whether all of some bytes are this, over and over. */
static bool all_are(uint64_t pattern, const char *at, size_t bytes)
{
    uint64_t other = 0;

    for (size_t i = 0; i < bytes; i += sizeof pattern) {
        uint64_t x;

        memcpy(&x, at + i, sizeof x);
        other |= x ^ pattern;
    }
    return !other;
}

/* Mostly a word of them is all zeros, or hides all, and that is told many at a time. */
static uint64_t word_of_biases(const struct row *row, size_t key, size_t n, bool *moves)
{
    const heed_dtype type = row->view->dtype;
    const size_t size = heed_size(type);
    const uint64_t hides = hiding_bits(type), twice = hides | hides << 16;
    const ptrdiff_t step = row->view->key_stride * (ptrdiff_t)size;
    const char *at = row->at + (ptrdiff_t)key * step;
    uint64_t bits = 0;

    if (step == (ptrdiff_t)size && n == WORD) {
        if (all_are(0, at, n * size))
            return UINT64_MAX;
        if (all_are(type == HEED_F32 ? hides | hides << 32 : twice | twice << 32, at, n * size))
            return 0;
    }
    for (size_t j = 0; j < n; j++) {
        const uint32_t x = bits_at(type, at + (ptrdiff_t)j * step);

        bits |= (uint64_t)(x != hides) << j;
        *moves |= x != hides && !is_zero(type, x);
    }
    return bits;
}

static uint64_t word_of(const struct row *row, size_t key, size_t n, bool *moves)
{
    if (row->view->dtype == HEED_U8)
        return word_of_bytes(row, key, n);
    return row->view->dtype == HEED_BITS ? word_of_bits(row, key, n)
                                         : word_of_biases(row, key, n, moves);
}

/* One past the last key of [from, end) that is left; `from` if none is. */
static size_t last_left(const struct row *row, size_t from, size_t end)
{
    bool moves = false; /* known by now, and not asked for */

    for (size_t n; end > from; end -= n) {
        n = (end - from) % WORD ? (end - from) % WORD : WORD;

        const uint64_t word = word_of(row, end - n, n, &moves);
        if (word)
            return end - n + heed_end_bit(word);
    }
    return from;
}

/* Of a bias that moves scores only the ends are looked for: it has to be added anyway. */
static struct left look_through(const struct row *row, size_t from, size_t end)
{
    struct left l = {.first = end, .end = from};

    for (size_t key = from; key < end && !l.moves; key += WORD) {
        const size_t n = end - key < WORD ? end - key : WORD;
        const uint64_t word = word_of(row, key, n, &l.moves);

        if (!word)
            continue;
        const size_t first = heed_first_bit(word), past = heed_end_bit(word);

        l.holes |= word != heed_bits_between(first, past);
        l.holes |= l.first < end && l.end != key + first;
        l.first = l.first < end ? l.first : key + first;
        l.end = l.moves ? last_left(row, key + first, end) : key + past;
    }
    return l;
}

static bool is_shared(const heed_score_view *view, const struct heed_scope *scope)
{
    return view->data && (scope->rows == 1 || !view->row_stride) &&
           (scope->heads == 1 || !view->head_stride);
}

/*
 * The keys that some row of the scope sees by its position, which alone may be read; those between
 * a prefix and what follows it are not.
 */
static struct heed_range seen_by_scope(const struct heed_scope *scope,
                                       const struct heed_sight *sight)
{
    const size_t begin = heed_sees(sight, scope->first_row).begin;
    const size_t end = heed_sees(sight, scope->first_row + scope->rows - 1).end;
    const size_t prefix = (size_t)sight->prefix, from = prefix ? 0 : begin;
    const size_t to = end > prefix ? end : prefix;

    return (struct heed_range){from > scope->first_key ? from : scope->first_key,
                               to < scope->end_key ? to : scope->end_key};
}

/* Whether the keys that the rows of the scope see have a gap behind the prefix. */
static bool has_gap(const struct heed_scope *scope, const struct heed_sight *sight)
{
    const struct heed_range first = heed_sees(sight, scope->first_row);

    return sight->prefix && first.begin > (size_t)sight->prefix;
}

/* Keys of [first_key, end_key) that the view hides at its ends are not seen any more. */
static struct left narrow_by(const heed_score_view *view, size_t size,
                             const struct heed_scope *scope, struct heed_sight *sight)
{
    const ptrdiff_t at = (ptrdiff_t)scope->batch * view->batch_stride +
                         (ptrdiff_t)scope->first_head * view->head_stride +
                         (ptrdiff_t)scope->first_row * view->row_stride;
    const struct row row = {view, (const char *)view->data + at * (ptrdiff_t)size};
    const struct heed_range seen = seen_by_scope(scope, sight);
    const size_t from = seen.begin, end = seen.end;
    struct left l;

    if (from >= end)
        return (struct left){0};
    l = look_through(&row, from, end);
    sight->keys = (ptrdiff_t)l.end;
    sight->prefix = heed_least(sight->prefix, sight->keys);
    if (sight->prefix)
        l.holes |= l.first > from; /* which a prefix would see */
    else if (l.first < l.end)
        sight->first = (ptrdiff_t)l.first;
    return l;
}

const struct heed_rules *heed_narrow(const struct heed_rules *rules, const struct heed_scope *scope,
                                     struct heed_sight *sight, struct heed_rules *rest)
{
    const bool none = !scope->rows ||
                      scope->first_key >= scope->end_key || /* nobody checked then */
                      has_gap(scope, sight);
    const bool visible = !none && is_shared(&rules->visible, scope);
    const bool bias = !none && is_shared(&rules->bias, scope);

    if (!visible && !bias)
        return rules;
    *rest = *rules;
    if (visible && !narrow_by(&rules->visible, 1, scope, sight).holes)
        rest->visible.data = NULL;
    if (bias) {
        const struct left l = narrow_by(&rules->bias, heed_size(rules->bias.dtype), scope, sight);

        rest->bias_is_mask = !l.moves;
        if (!l.moves && !l.holes)
            rest->bias.data = NULL;
    }
    return rest->scaled || rest->visible.data || rest->blocks.data ? rest : NULL;
}
