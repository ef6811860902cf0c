/* SPDX-License-Identifier: MIT */
/* words_numbers.h - part of words.c: reductions and exponentials, within bounds. */

static void draw_between(struct random *random, float low, float high, float lane[VF_LANES])
{
    for (size_t i = 0; i < VF_LANES; i++)
        lane[i] = random_float(random, low, high);
}

/* In any order: VF_LANES roundings of 2^-24, relative to the sum of magnitudes. */
static bool word_reduce_add(struct random *random, char *detail, size_t size)
{
    float lane[VF_LANES];
    double sum = 0, magnitude = 0;

    draw_between(random, -4.0f, 4.0f, lane);
    for (size_t i = 0; i < VF_LANES; i++) {
        sum += (double)lane[i];
        magnitude += fabs((double)lane[i]);
    }
    const float got = vf_reduce_add(vf_load(lane));
    return fabs((double)got - sum) <= VF_LANES * 0x1p-24 * magnitude ||
           wrong_lane(0, got, sum, detail, size);
}

static bool word_reduce_max(struct random *random, char *detail, size_t size)
{
    float lane[VF_LANES], max = -INFINITY;

    draw_between(random, -4.0f, 4.0f, lane);
    lane[random_below(random, VF_LANES)] = -INFINITY;
    for (size_t i = 0; i < VF_LANES; i++)
        max = lane[i] > max ? lane[i] : max;
    const float got = vf_reduce_max(vf_load(lane));
    return same(got, max) || wrong_lane(0, got, (double)max, detail, size);
}

static bool scales(vf scale(vf p, vf magic), struct random *random, char *detail, size_t size)
{
    float p[VF_LANES], n[VF_LANES], magic[VF_LANES], got[VF_LANES];

    draw_between(random, 0.5f, 2.0f, p);
    for (size_t i = 0; i < VF_LANES; i++) {
        n[i] = (float)random_below(random, 251) - 125.0f;
        magic[i] = n[i] + VF_MAGIC;
    }
    vf_store(got, scale(vf_load(p), vf_load(magic)));
    for (size_t i = 0; i < VF_LANES; i++)
        if (got[i] != ldexpf(p[i], (int)n[i]))
            return wrong_lane(i, got[i], ldexp((double)p[i], (int)n[i]), detail, size);
    return true;
}

static bool word_scale_by_magic(struct random *random, char *detail, size_t size)
{
    return scales(vf_scale_by_magic, random, detail, size);
}

static bool word_scale_number(struct random *random, char *detail, size_t size)
{
    return scales(vf_scale_number, random, detail, size);
}

/* One number of some vectors may be the one that is not within. */
static bool word_sizes_within(struct random *random, char *detail, size_t size)
{
    static const float most = 87.0f;
    const float odd[] = {most,   -most,    0.0f,      -0.0f, nextafterf(most, 100.0f),
                         -1e38f, INFINITY, -INFINITY, NAN,   full_nan()};
    float lane[VF_LANES];
    vf x[EXP_VECS];
    bool want = true;
    const int n = 1 + (int)random_below(random, EXP_VECS);
    const size_t vector = random_below(random, (size_t)n), one = random_below(random, VF_LANES);

    for (size_t v = 0; v < (size_t)n; v++) {
        draw_between(random, -most, most, lane);
        if (v == vector)
            lane[one] = RANDOM_OF(random, odd);
        want = want && (v != vector || fabsf(lane[one]) <= most);
        x[v] = vf_load(lane);
    }
    const bool got = vf_sizes_within(x, n, most);
    return got == want || wrong_answer(got, detail, size);
}

/* A product that is denormal is rounded, not flushed: within half of the least denormal. */
static bool word_mul_gradual(struct random *random, char *detail, size_t size)
{
    float a[VF_LANES], b[VF_LANES], got[VF_LANES];

    draw_between(random, 1.0f, 2.0f, a);
    for (size_t i = 0; i < VF_LANES; i++) {
        a[i] = ldexpf(a[i], -100);
        b[i] = ldexpf(1.0f, -(int)random_below(random, 60));
    }
    vf_store(got, vf_mul_gradual(vf_load(a), vf_load(b)));
    for (size_t i = 0; i < VF_LANES; i++)
        if (fabs((double)got[i] - (double)a[i] * (double)b[i]) > 0x1p-150)
            return wrong_lane(i, got[i], (double)a[i] * (double)b[i], detail, size);
    return true;
}

/*
 * u = 2^-24.  The polynomial is off by 1.53 u, its evaluation by 1 u (the last
 * step adds to 1), a product x c that is rounded before its integer part is taken
 * off by |x c| u ln 2, another such for c lane by lane: (3 + |x c|) u.
 */
static bool word_exp2_scaled(struct random *random, char *detail, size_t size)
{
    const float c = random_float(random, 0.1f, 3.0f), lo = -125.99f / c;
    float x[VF_LANES], got[VF_LANES];

    draw_between(random, 1.2f * lo, 0.0f, x);
    for (size_t i = 0; i < VF_LANES; i++) {
        const float odd[] = {0.0f, -INFINITY, NAN, full_nan(), lo, -1e30f};

        if (random_once_in(random, 8))
            x[i] = RANDOM_OF(random, odd);
    }
    vf_store(got, vf_exp2_scaled(vf_load(x), vf_set1(c), vf_set1(lo)));
    for (size_t i = 0; i < VF_LANES; i++) {
        const double t = (double)x[i] * (double)c, want = exp2(t);
        const double error = (3 + fabs(t)) * 0x1p-24 * want;

        if (x[i] < lo     ? got[i] != 0.0f
            : isnan(x[i]) ? !isnan(got[i])
                          : !(fabs((double)got[i] - want) <= error))
            return wrong_lane(i, got[i], want, detail, size);
        if (x[i] == 0.0f && got[i] != 1.0f)
            return wrong_lane(i, got[i], 1, detail, size);
    }
    return true;
}

static double ulp(double x)
{
    int exponent;

    frexp(x, &exponent);
    return ldexp(1, (exponent - 1 < -126 ? -126 : exponent - 1) - 23);
}

/* The promise of exp: within 1 ulp, infinity past the largest float. */
static bool exp_holds(float x, float got)
{
    const double want = exp((double)x);

    if (isnan(x) || isinf(want) || want == 0)
        return same(got, (float)want);
    if (isinf(got))
        return want + ulp(want) >= (double)FLT_MAX;
    return fabs((double)got - want) <= ulp(want);
}

/* One lane in some may be of the kind that takes the careful path. */
static void draw_exponents(struct random *random, float x[VF_LANES])
{
    const float odd[] = {NAN,    full_nan(), INFINITY, -INFINITY, 1e38f,
                         -1e38f, 88.7f,      -103.9f,  -0.0f};

    draw_between(random, -88.0f, 89.0f, x);
    if (random_once_in(random, 2)) /* all within the bounds of the quick path */
        draw_between(random, -87.0f, 87.0f, x);
    if (random_once_in(random, 4))
        x[random_below(random, VF_LANES)] = RANDOM_OF(random, odd);
    if (random_once_in(random, 4))
        x[random_below(random, VF_LANES)] = random_float(random, -105.0f, -86.0f);
}

static bool word_exp(struct random *random, char *detail, size_t size)
{
    float x[VF_LANES], got[VF_LANES];

    draw_exponents(random, x);
    vf_store(got, vf_exp(vf_load(x)));
    for (size_t i = 0; i < VF_LANES; i++)
        if (!exp_holds(x[i], got[i]))
            return wrong_lane(i, got[i], exp((double)x[i]), detail, size);
    return true;
}

/* Of several vectors the same bits as of each alone. */
static bool word_exp_all(struct random *random, char *detail, size_t size)
{
    float x[EXP_VECS * VF_LANES], got[EXP_VECS * VF_LANES], alone[EXP_VECS * VF_LANES];
    vf all[EXP_VECS];

    for (size_t i = 0; i < EXP_VECS; i++) {
        draw_exponents(random, x + i * VF_LANES);
        all[i] = vf_load(x + i * VF_LANES);
        vf_store(alone + i * VF_LANES, vf_exp(all[i]));
    }
    vf_exp_all(all, EXP_VECS);
    for (size_t i = 0; i < EXP_VECS; i++)
        vf_store(got + i * VF_LANES, all[i]);
    for (size_t i = 0; i < EXP_VECS * VF_LANES; i++)
        if (!same(got[i], alone[i]))
            return wrong_lane(i, got[i], (double)alone[i], detail, size);
    return true;
}

/* Of every magnitude but denormals, which an instruction set may flush; near where formulas meet.
 */
static float draw_tanh(struct random *random)
{
    static const float odd[] = {NAN, INFINITY, -INFINITY, 0.0f, -0.0f, FLT_MIN, -FLT_MIN};

    if (random_once_in(random, 8))
        return RANDOM_OF(random, odd);
    const float digits = random_float(random, 1.0f, 2.0f);
    const float sized = random_once_in(random, 4)
                            ? 0.625f + ldexpf(digits - 1.5f, -(int)random_below(random, 24))
                            : ldexpf(digits, (int)random_below(random, 254) - 126);

    return random_once_in(random, 2) ? sized : -sized;
}

/* The promise of tanh: within 4 units of 2^-24 relative. */
static bool word_tanh(struct random *random, char *detail, size_t size)
{
    float x[VF_LANES], got[VF_LANES];

    for (size_t i = 0; i < VF_LANES; i++)
        x[i] = random_once_in(random, 2) ? random_float(random, -10.0f, 10.0f) : draw_tanh(random);
    if (random_once_in(random, 8))
        x[random_below(random, VF_LANES)] = full_nan();
    vf_store(got, vf_tanh(vf_load(x)));
    for (size_t i = 0; i < VF_LANES; i++) {
        const double want = tanh((double)x[i]);

        if (isnan(x[i]) ? !isnan(got[i])
                        : !(fabs((double)got[i] - want) <= 4 * 0x1p-24 * fabs(want)))
            return wrong_lane(i, got[i], want, detail, size);
    }
    return true;
}
