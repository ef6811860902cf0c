/* SPDX-License-Identifier: MIT */
/*
 * float_state.h - how a thread computes while it is in a call, and what it finds afterwards.
 *
 * Kernels round to nearest: their range reductions round by adding and removing a large
 * number, and a directed mode would take them out of their polynomial's range (error 1e-4).
 * No exception traps in them, and the flags that they raise are not the caller's: lanes that
 * no key fills are computed with the rest, -inf - -inf among them, and weights far below
 * those that count leave a polynomial's range before they are replaced by 0.  To keep all
 * of them in range would take an instruction more for each weight.
 *
 * So a call restores what it found: rounding mode, traps and flags.  How denormals are
 * treated stays as it is.
 */
#ifndef HEED_FLOAT_STATE_H
#define HEED_FLOAT_STATE_H

#include "simd/float_control.h"

/* What heed_floats_end() restores, on the same thread. */
static inline struct float_control heed_floats_begin(void)
{
    const struct float_control found = float_control_read();

    if (!float_control_is_plain(&found))
        float_control_make_plain(&found);
    return found;
}

static inline void heed_floats_end(const struct float_control *found)
{
    float_control_restore(found);
}

#endif
