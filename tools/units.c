/* SPDX-License-Identifier: MIT */
/* units.c - what matrix units make of which types. */
#include "units.h"

#include <stdio.h>

static const struct {
    heed_dtype dtype;
    const char *name;
} types[] = {
    {HEED_F32, "f32"}, {HEED_F16, "f16"}, {HEED_BF16, "bf16"}, {HEED_I8, "i8"}, {HEED_F8, "f8"}};

enum { TYPES = sizeof types / sizeof *types, QUERY_TYPES = 3 };

/* Products of k and v of one type, for scores and for sums, as exact as f32, and less. */
struct products {
    int made[2], fast[2];
};

static bool products_of(const heed_isa *isa, size_t q, size_t kv, struct products *p)
{
    const heed_dtype q_type = types[q].dtype, type = types[kv].dtype;

    heed_isa_unit(isa, q_type, type, type, HEED_PRECISION_FAST, p->fast);
    heed_isa_unit(isa, q_type, type, type, HEED_PRECISION_SPLIT, p->made);
    return isa && p->fast[0];
}

static void put_unit_row(const heed_isa *isa, size_t q)
{
    struct products p;
    char text[32];

    printf("%-15s  %-6s", heed_isa_name(isa), types[q].name);
    for (size_t kv = 0; kv < TYPES; kv++) {
        snprintf(text, sizeof text, "-");
        if (products_of(isa, q, kv, &p) && !p.made[0])
            snprintf(text, sizeof text, "(%d+%d)", p.fast[0], p.fast[1]);
        else if (p.made[0] && p.made[1] != p.fast[1])
            snprintf(text, sizeof text, "%d+%d (%d)", p.made[0], p.made[1], p.fast[1]);
        else if (p.made[0])
            snprintf(text, sizeof text, "%d+%d", p.made[0], p.made[1]);
        printf("  %*s", kv + 1 < TYPES ? -7 : 0, text);
    }
    putchar('\n');
}

static const char heading[] =
    "\n"
    "Products of bf16 by the matrix unit for scores + sums of values, with a precision\n"
    "of SPLIT (sums with FAST); by default it multiplies bf16 with bf16 only.  Keys and\n"
    "queries with numbers of 2^50 or more, and values with others than 0 and those from\n"
    "2^-80 to 2^60, go by FMAs.\n"
    "\n"
    "matrix unit      q \\ kv  f32      f16      bf16     i8       f8\n";

void put_units(void)
{
    bool any = false;

    for (size_t i = 0; heed_isa_at(i); i++) {
        if (!heed_isa_bf16(heed_isa_at(i)))
            continue;
        if (!any)
            fputs(heading, stdout);
        any = true;
        for (size_t q = 0; q < QUERY_TYPES; q++)
            put_unit_row(heed_isa_at(i), q);
    }
}

static void put_products(struct json *json, const char *key, const int products[2])
{
    json_key(json, key);
    json_open(json, '[');
    json_size(json, (size_t)products[0]);
    json_size(json, (size_t)products[1]);
    json_close(json, ']');
}

void put_unit(struct json *json, const heed_isa *isa)
{
    struct products p;

    json_key(json, "unit");
    json_open(json, '[');
    for (size_t i = 0; i < (size_t)QUERY_TYPES * TYPES; i++) {
        if (!products_of(isa, i / TYPES, i % TYPES, &p))
            continue;
        json_open(json, '{');
        json_key(json, "q");
        json_string(json, types[i / TYPES].name);
        json_key(json, "kv");
        json_string(json, types[i % TYPES].name);
        put_products(json, "products", p.made);
        put_products(json, "fast", p.fast);
        json_close(json, '}');
    }
    json_close(json, ']');
}
