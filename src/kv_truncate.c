/* SPDX-License-Identifier: MIT */
/*
 * kv_truncate.c - heed_kv_truncate(): rows go, and leave zeros, so that what an image holds
 * depends on the rows that are there, and a saved one tells of no others.
 */
#include <string.h>

#include "kv.h"

/* Rows [from, to) of an entry and KV head, which are its last ones. */
struct dropped {
    const struct heed_kv *kv;
    struct heed_kv_layout at;
    size_t entry, head, from, to;
};

/* `n` lanes of a panel [dim][lanes] of numbers of some bytes. */
static void clear_lanes(char *lane, size_t size, size_t lanes, size_t dim, size_t n)
{
    for (size_t i = 0; i < dim; i++)
        memset(lane + i * lanes * size, 0, n * size);
}

/* One lane: a row that a model takes back should not cost more than it did. */
static void clear_lane(char *lane, size_t size, size_t lanes, size_t dim)
{
    if (size == 4)
        clear_lanes(lane, 4, lanes, dim, 1);
    else if (size == 2)
        clear_lanes(lane, 2, lanes, dim, 1);
    else
        clear_lanes(lane, 1, lanes, dim, 1);
}

/* Lanes of the last panel that has rows left; whole panels behind it. */
static void clear_keys(const struct dropped *d)
{
    const struct heed_packed_header header = heed_kv_packed_header(d->kv);
    const size_t size = heed_size(d->kv->k_dtype), dim = d->kv->qk_dim;
    const size_t lanes = d->kv->isa->panel_keys, lane = d->from % lanes;
    const size_t room = lane ? lanes - lane : 0, rows = d->to - d->from;
    char *const panels = heed_packed_panels(heed_kv_at(d->kv, d->at.k), &header, d->entry, d->head);
    char *const first = panels + ((d->from - lane) * dim + lane) * size;

    if (room && rows == 1)
        clear_lane(first, size, lanes, dim);
    else if (room)
        clear_lanes(first, size, lanes, dim, rows < room ? rows : room);
    if (rows > room)
        memset(panels + (d->from + room) * dim * size, 0,
               heed_pieces(rows - room, lanes) * lanes * dim * size);
}

/* Rows of `size` bytes, [batch][kv_heads][capacity]. */
static void clear_rows(const struct dropped *d, size_t offset, size_t size)
{
    const size_t first = (d->entry * d->kv->kv_heads + d->head) * d->kv->capacity + d->from;

    memset((char *)heed_kv_at(d->kv, offset) + first * size, 0, (d->to - d->from) * size);
}

static void clear_head(const struct dropped *d)
{
    if (d->kv->qk_dim)
        clear_keys(d);
    clear_rows(d, d->at.v, d->kv->v_dim * heed_size(d->kv->v_dtype));
    if (heed_is_byte(d->kv->k_dtype))
        clear_rows(d, d->at.k_scales, sizeof(float));
    if (heed_is_byte(d->kv->v_dtype))
        clear_rows(d, d->at.v_scales, sizeof(float));
}

/* Reads how many rows there are, once: the memory may be another process's as well. */
static bool prepare(struct heed_check *check, const heed_kv *kv, size_t batch, size_t length,
                    size_t *rows)
{
    if (!heed_kv_check_writable(check, kv))
        return false;
    if (batch >= kv->batch)
        return heed_refuse(check, HEED_INVALID_ARGUMENT, "batch is %zu, kv has %zu entries", batch,
                           kv->batch);

    *rows = heed_kv_load_length(kv, batch);
    if (length > *rows || *rows > kv->capacity)
        return heed_refuse(check, HEED_INVALID_ARGUMENT, "length is %zu, entry %zu has %zu rows",
                           length, batch, *rows);
    return true;
}

heed_status heed_kv_truncate(heed_kv *kv, size_t batch, size_t length)
{
    struct heed_check check = heed_check_begin(NULL, 0);

    size_t rows = 0;

    if (!prepare(&check, kv, batch, length, &rows))
        return check.status;

    struct dropped d = {kv, heed_kv_layout(kv), batch, 0, length, rows};
    heed_kv_store_length(kv, batch, length);
    if (length < rows && heed_kv_keeps_any(kv))
        for (d.head = 0; d.head < kv->kv_heads; d.head++)
            clear_head(&d);
    return HEED_OK;
}

heed_status heed_kv_truncate_check(const heed_kv *kv, size_t batch, size_t length, char *reason,
                                   size_t reason_size)
{
    struct heed_check check = heed_check_begin(reason, reason_size);

    size_t rows = 0;

    prepare(&check, kv, batch, length, &rows);
    return check.status;
}
