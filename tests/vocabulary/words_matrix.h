/* SPDX-License-Identifier: MIT */
/* words_matrix.h - part of words.c: products of matrices of bf16, where there is a unit for them.
 */

static bool word_nearest_bf16(struct random *random, char *detail, size_t size)
{
    float lane[VF_LANES], got[VF_LANES];

    vf_store(got, vf_nearest_bf16(draw_vector(random, lane)));
    for (size_t i = 0; i < VF_LANES; i++)
        if (!same(got[i], f32_from_bf16(bf16_from_f32(lane[i]))))
            return wrong_lane(i, got[i], (double)lane[i], detail, size);
    return true;
}

#ifdef HEED_HAVE_MATRIX
enum { MOST_DEPTH = 3 * VM_DEPTH, MOST_COLUMNS = 80, MOST_ROWS = (VM_ROWS + 15) / 16 * 16 };

/* Operands as they are packed, and the numbers in them: [row][depth] and [column][depth]. */
struct product_problem {
    float a[MOST_ROWS][MOST_DEPTH], b[MOST_COLUMNS][MOST_DEPTH];
    uint16_t packed_a[MOST_ROWS * MOST_DEPTH], packed_b[MOST_COLUMNS * MOST_DEPTH];
    float begun[MOST_ROWS][MOST_COLUMNS], c[MOST_ROWS][MOST_COLUMNS];
    size_t rows, columns, dim, depth;
    struct vm_product product;
};

/* One that bf16 has; now and then a denormal, which counts as zero. */
static uint16_t draw_bf16(struct random *random, float *number)
{
    const uint16_t bits =
        bf16_from_f32(random_once_in(random, 20) ? random_float(random, -0x1p-127f, 0x1p-127f)
                                                 : random_float(random, -4.0f, 4.0f));

    *number = bits & 0x7f80 ? f32_from_bf16(bits) : 0.0f;
    return bits;
}

static void draw_row(struct random *random, size_t n, float *numbers, uint16_t *bits)
{
    for (size_t d = 0; d < MOST_DEPTH; d++)
        numbers[d] = 0.0f;
    for (size_t d = 0; d < n; d++)
        bits[d] = draw_bf16(random, &numbers[d]);
}

/* B as keys, whose numbers lie along the depth. */
static void draw_keys(struct random *random, struct product_problem *p)
{
    static uint16_t key[MOST_COLUMNS][MOST_DEPTH];
    const uint16_t *keys[MOST_COLUMNS] = {NULL};
    const size_t there = p->columns - random_below(random, 16);

    for (size_t j = 0; j < p->columns; j++) {
        const bool missing = j >= there || random_once_in(random, 32);

        draw_row(random, missing ? 0 : p->dim, p->b[j], key[j]);
        keys[j] = missing ? NULL : key[j];
    }
    vm_pack_keys(p->packed_b, p->depth, keys, p->columns, p->dim);
}

/* B as values, whose numbers lie along the columns. */
static void draw_values(struct random *random, struct product_problem *p)
{
    static uint16_t value[MOST_DEPTH][MOST_COLUMNS];
    const uint16_t *values[MOST_DEPTH] = {NULL};
    const size_t there = p->columns - random_below(random, 16);

    memset(p->b, 0, sizeof p->b);
    for (size_t d = 0; d < p->dim; d++) {
        values[d] = random_once_in(random, 8) ? NULL : value[d];
        for (size_t j = 0; j < there && values[d]; j++)
            value[d][j] = draw_bf16(random, &p->b[j][d]);
    }
    vm_pack_values(p->packed_b, p->depth, values, 0, p->depth, there, p->columns);
}

static void draw_product(struct random *random, struct product_problem *p)
{
    uint16_t row[MOST_DEPTH];

    p->dim = random_below(random, MOST_DEPTH + 1);
    p->depth = (p->dim + VM_DEPTH - 1) / VM_DEPTH * VM_DEPTH;
    p->rows = 1 + random_below(random, VM_ROWS);
    p->columns = 16 * (1 + random_below(random, MOST_COLUMNS / 16));
    if (random_once_in(random, 2))
        draw_keys(random, p);
    else
        draw_values(random, p);
    for (size_t r = 0; r < MOST_ROWS; r++) {
        draw_row(random, p->dim, p->a[r], row);
        vm_pack_row(p->packed_a, p->depth, r, row, p->dim);
        for (size_t j = 0; j < MOST_COLUMNS; j++)
            p->begun[r][j] = random_float(random, -4.0f, 4.0f);
    }
    memcpy(p->c, p->begun, sizeof p->c);

    const size_t steps = p->depth / VM_DEPTH, from = random_below(random, steps + 1);
    p->product =
        (struct vm_product){.a = p->packed_a,
                            .b = p->packed_b,
                            .depth = p->depth,
                            .from = from * VM_DEPTH,
                            .to = (from + random_below(random, steps - from + 1)) * VM_DEPTH,
                            .c = p->c[0],
                            .c_row = MOST_COLUMNS,
                            .more = random_once_in(random, 2)};
}

/* Of some products in the C of the first: n + 3 roundings of each, see checks/head.h; sums and
   products below 2^-126 are flushed. */
static bool elements_right(const struct product_problem *p, size_t products, size_t r, size_t j)
{
    const double begun = p->product.more ? (double)p->begun[r][j] : 0;
    const double n = (double)(products * (p->product.to - p->product.from));
    double want = begun, magnitude = fabs(begun);

    if (r >= p->rows || j >= p->columns)
        return p->c[r][j] == p->begun[r][j];
    for (size_t i = 0; i < products; i++)
        for (size_t d = p->product.from; d < p->product.to; d++) {
            want += (double)p[i].a[r][d] * (double)p[i].b[j][d];
            magnitude += fabs((double)p[i].a[r][d] * (double)p[i].b[j][d]);
        }
    return fabs((double)p->c[r][j] - want) <= (n + 3) * 0x1p-24 * magnitude + 2 * n * 0x1p-126;
}

static bool element_right(const struct product_problem *p, size_t r, size_t j)
{
    return elements_right(p, 1, r, j);
}

static bool multiplies_one(struct random *random, char *detail, size_t size)
{
    static struct product_problem p;

    draw_product(random, &p);
    vm_begin();
    vm_multiply(&p.product, p.rows, p.columns);
    vm_end();
    for (size_t r = 0; r < MOST_ROWS; r++)
        for (size_t j = 0; j < MOST_COLUMNS; j++)
            if (!element_right(&p, r, j)) {
                snprintf(detail, size, "%zu x %zu x [%zu, %zu), c[%zu][%zu] is %.9g", p.rows,
                         p.columns, p.product.from, p.product.to, r, j, (double)p.c[r][j]);
                return false;
            }
    return true;
}

/* Two products in one C, whose operands are other parts: two A with the same B, packed twice. */
static bool multiplies_pairs(struct random *random, char *detail, size_t size)
{
    static struct product_problem p[2];
    uint16_t row[MOST_DEPTH];

    draw_product(random, &p[0]);
    p[1] = p[0];
    for (size_t r = 0; r < MOST_ROWS; r++) {
        draw_row(random, p->dim, p[1].a[r], row);
        vm_pack_row(p[1].packed_a, p->depth, r, row, p->dim);
    }
    vm_begin();
    vm_multiply_pairs(&p->product,
                      &(struct vm_pairs){2,
                                         {{0, 0},
                                          {(size_t)(p[1].packed_a - p[0].packed_a),
                                           (size_t)(p[1].packed_b - p[0].packed_b)}}},
                      p->rows, p->columns);
    vm_end();
    for (size_t r = 0; r < MOST_ROWS; r++)
        for (size_t j = 0; j < MOST_COLUMNS; j++)
            if (!elements_right(p, 2, r, j)) {
                snprintf(detail, size, "%zu x %zu, c[%zu][%zu] is %.9g", p->rows, p->columns, r, j,
                         (double)p->c[r][j]);
                return false;
            }
    return true;
}

static bool word_multiply(struct random *random, char *detail, size_t size)
{
    return multiplies_one(random, detail, size) && multiplies_pairs(random, detail, size);
}

/* One row, and a part of the columns, have the bits that they have among others. */
static bool word_multiply_alone(struct random *random, char *detail, size_t size)
{
    static struct product_problem p;
    static float together[MOST_ROWS][MOST_COLUMNS];
    uint16_t row[MOST_DEPTH];

    draw_product(random, &p);
    const size_t r = random_below(random, p.rows), from = 16 * random_below(random, p.columns / 16);

    /* What the others hold does not matter. */
    for (size_t d = 0; d < p.depth; d++)
        row[d] = 0x7fc0;
    for (size_t other = 0; other < MOST_ROWS; other++)
        if (other != r)
            vm_pack_row(p.packed_a, p.depth, other, row, p.depth);
    vm_begin();
    vm_multiply(&p.product, p.rows, p.columns);
    memcpy(together, p.c, sizeof together);
    for (size_t d = 0; d < p.depth; d++)
        row[d] = bf16_from_f32(p.a[r][d]);
    vm_pack_row(p.packed_a, p.depth, 0, row, p.depth);
    memcpy(p.c[0], p.begun[r], sizeof p.c[0]);
    p.product.b += vm_b_at(from, 0, p.depth);
    p.product.c += from;
    vm_multiply(&p.product, 1, 16);
    vm_end();
    if (!memcmp(p.c[0] + from, together[r] + from, 16 * sizeof(float)))
        return true;
    snprintf(detail, size, "row %zu of %zu, columns %zu of %zu", r, p.rows, from, p.columns);
    return false;
}
#endif
