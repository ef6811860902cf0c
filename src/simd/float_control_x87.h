/* SPDX-License-Identifier: MIT */
/* simd/float_control_x87.h - part of float_control.h: the control and status words of the x87 unit.
 */
struct x87_control {
    uint16_t control, status;
};

/* What fnstenv stores. */
struct x87_environment {
    uint32_t control, status, others[5];
};

enum { X87_MASKED = 0x3f, X87_ROUNDING = 0xc00, X87_FLAGS = 0x3f };

static inline struct x87_control x87_control_read(void)
{
    struct x87_control c;

    __asm__ volatile("fnstcw %0" : "=m"(c.control));
    __asm__ volatile("fnstsw %0" : "=m"(c.status));
    return c;
}

static inline bool x87_control_is_plain(const struct x87_control *c)
{
    return (c->control & (X87_MASKED | X87_ROUNDING)) == X87_MASKED;
}

static inline void x87_control_write(uint16_t control)
{
    __asm__ volatile("fldcw %0" : : "m"(control));
}

static inline void x87_control_make_plain(const struct x87_control *c)
{
    x87_control_write((uint16_t)((c->control | X87_MASKED) & ~X87_ROUNDING));
}

/* Flags first, while none of them traps; that takes 50 cycles, but mostly they are as they were. */
static inline void x87_control_restore(const struct x87_control *c)
{
    const struct x87_control now = x87_control_read();

    if ((now.status ^ c->status) & X87_FLAGS) {
        struct x87_environment e;

        __asm__ volatile("fnstenv %0" : "=m"(e));
        e.status = (e.status & ~(uint32_t)X87_FLAGS) | (c->status & X87_FLAGS);
        __asm__ volatile("fldenv %0" : : "m"(e));
    }
    if (!x87_control_is_plain(c))
        x87_control_write(c->control);
}
