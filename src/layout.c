/* SPDX-License-Identifier: MIT */
/* layout.c - where the rows of attention stand: batches, ragged sequences, pages. */
#include "attention.h"

/* Offsets rise from 0 on, by at most `rows`.  Their last, in *total, counts all rows. */
static bool check_offsets(struct heed_check *check, const char *name, const int32_t *offsets,
                          size_t batch, const char *rows_name, size_t rows, size_t *total)
{
    if (offsets[0] < 0)
        return heed_refuse(check, HEED_INVALID_ARGUMENT, "%s[0] is %d", name, (int)offsets[0]);
    for (size_t b = 0; b < batch; b++) {
        if (offsets[b + 1] < offsets[b])
            return heed_refuse(check, HEED_INVALID_ARGUMENT, "%s[%zu] is %d, less than before it",
                               name, b + 1, (int)offsets[b + 1]);
        if ((size_t)(offsets[b + 1] - offsets[b]) > rows)
            return heed_refuse(check, HEED_INVALID_ARGUMENT,
                               "%s[%zu] begins a sequence of more than %s rows", name, b,
                               rows_name);
    }
    *total = (size_t)offsets[batch];
    return true;
}

/* The numbers of the pages that have keys [begin, end) of a batch. */
static bool check_numbers(struct heed_check *check, const heed_attention_args *a, size_t b,
                          size_t begin, size_t end)
{
    const int32_t *table = a->page_table + (ptrdiff_t)b * a->page_table_stride;

    for (size_t i = begin / a->page_rows; begin < end && i < heed_pieces(end, a->page_rows); i++)
        if (table[i] < 0 || (size_t)table[i] >= a->pages)
            return heed_refuse(check, HEED_INVALID_ARGUMENT,
                               "page_table[%zu][%zu] is %d, of %zu pages", b, i, (int)table[i],
                               a->pages);
    return true;
}

/* Those of pages that no row sees are not looked at: they may be gone. */
bool heed_check_page_numbers(struct heed_check *check, const heed_attention_args *a)
{
    if (!a->page_table || !a->validate_pages || !a->q_heads)
        return true;
    for (size_t b = 0; b < a->batch; b++) {
        const struct heed_sequence at = heed_sequence_of(a, b);
        const struct heed_sight sight = heed_sight_of(a, b, &at);
        const struct heed_range seen = heed_seen_by_some(&sight, at.q_rows);

        if ((at.q_rows && !check_numbers(check, a, b, 0, (size_t)sight.prefix)) ||
            !check_numbers(check, a, b, seen.begin, seen.end))
            return false;
    }
    return true;
}

static bool check_pages(struct heed_check *check, const heed_attention_args *a)
{
    if (!a->page_rows || !a->pages)
        return heed_refuse(check, HEED_INVALID_ARGUMENT, "%s is 0, with a page_table",
                           a->page_rows ? "pages" : "page_rows");
    if (a->kv_offsets || a->packed_k)
        return heed_refuse(check, HEED_INVALID_ARGUMENT, "page_table excludes %s",
                           a->packed_k ? "packed_k" : "kv_offsets");
    return true;
}

static size_t sequence_keys(const heed_attention_args *a, size_t b)
{
    return a->kv_offsets ? (size_t)(a->kv_offsets[b + 1] - a->kv_offsets[b]) : a->kv_rows;
}

bool heed_check_lengths(struct heed_check *check, const heed_attention_args *a)
{
    for (size_t b = 0; a->kv_lengths && b < a->batch; b++)
        if (a->kv_lengths[b] > sequence_keys(a, b))
            return heed_refuse(check, HEED_INVALID_ARGUMENT, "kv_lengths[%zu] is %zu, of %zu rows",
                               b, a->kv_lengths[b], sequence_keys(a, b));
    return true;
}

bool heed_check_extents(struct heed_check *check, const heed_attention_args *a,
                        struct heed_extents *e)
{
    *e = (struct heed_extents){a->batch, a->q_rows, a->batch, a->kv_rows};
    if (a->q_offsets) {
        e->q_batch = 1;
        if (!check_offsets(check, "q_offsets", a->q_offsets, a->batch, "q_rows", a->q_rows,
                           &e->q_rows))
            return false;
    }
    if (a->kv_offsets) {
        e->kv_batch = 1;
        if (a->packed_k)
            return heed_refuse(check, HEED_INVALID_ARGUMENT, "kv_offsets excludes packed_k");
        if (!check_offsets(check, "kv_offsets", a->kv_offsets, a->batch, "kv_rows", a->kv_rows,
                           &e->kv_rows))
            return false;
    }
    if (a->page_table) {
        if (!check_pages(check, a))
            return false;
        e->kv_batch = a->pages;
        e->kv_rows = a->page_rows;
    }
    return true;
}

struct heed_sequence heed_sequence_of(const heed_attention_args *a, size_t batch)
{
    struct heed_sequence s = {batch, a->page_table ? 0 : batch, 0, a->q_rows, 0, a->kv_rows};

    if (a->q_offsets) {
        s.batch = 0;
        s.q_row = (size_t)a->q_offsets[batch];
        s.q_rows = (size_t)a->q_offsets[batch + 1] - s.q_row;
    }
    if (a->kv_offsets) {
        s.page = 0;
        s.kv_row = (size_t)a->kv_offsets[batch];
        s.kv_rows = (size_t)a->kv_offsets[batch + 1] - s.kv_row;
    }
    /* Checked, but those of a cache stand where another process may write. */
    if (a->kv_lengths && a->kv_lengths[batch] < s.kv_rows)
        s.kv_rows = a->kv_lengths[batch];
    return s;
}
