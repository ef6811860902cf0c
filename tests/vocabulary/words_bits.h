/* SPDX-License-Identifier: MIT */
/* words_bits.h - part of words.c: a bit for each lane or byte, and lanes chosen by bits. */

static bool word_bits_lt(struct random *random, char *detail, size_t size)
{
    float a[VF_LANES], b[VF_LANES];
    const vf x = draw_vector(random, a), y = draw_vector(random, b);
    const uint32_t got = vf_bits_lt(x, y);
    uint32_t want = 0;

    for (size_t i = 0; i < VF_LANES; i++)
        want |= (uint32_t)(a[i] < b[i]) << i;
    if (got != want)
        snprintf(detail, size, "%#x, not %#x", (unsigned)got, (unsigned)want);
    return got == want;
}

/* Bits of lanes that there are not are set as well. */
static bool word_keep_bits(struct random *random, char *detail, size_t size)
{
    float a[VF_LANES], b[VF_LANES], got[VF_LANES];
    const vf x = draw_vector(random, a), y = draw_vector(random, b);
    const uint32_t bits = (uint32_t)random_bits(random);

    vf_store(got, vf_keep_bits(x, bits, y));
    for (size_t i = 0; i < VF_LANES; i++) {
        const float want = bits >> i & 1 ? a[i] : b[i];

        if (!same(got[i], want))
            return wrong_lane(i, got[i], (double)want, detail, size);
    }
    return true;
}

/* Exactly 64 bytes between guard pages: zeros, ones, and whatever else is true. */
static bool word_bits_of_bytes(struct random *random, char *detail, size_t size)
{
    static const unsigned char some[] = {0, 0, 0, 1, 0x80, 0x7f, 0xff};
    struct guarded memory = guarded_new(64, random_once_in(random, 2));
    uint64_t want = 0;

    for (size_t i = 0; i < 64; i++) {
        memory.data[i] = random_once_in(random, 4) ? (unsigned char)random_bits(random)
                                                   : RANDOM_OF(random, some);
        want |= (uint64_t)(memory.data[i] != 0) << i;
    }
    const uint64_t got = bits_of_bytes(memory.data);

    guarded_free(&memory);
    if (got != want)
        snprintf(detail, size, "%#llx, not %#llx", (unsigned long long)got,
                 (unsigned long long)want);
    return got == want;
}
