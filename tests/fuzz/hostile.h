/* SPDX-License-Identifier: MIT */
/* hostile.h - calls with hostile arguments, each checked and, where its memory is ours, made. */
#ifndef HEED_FUZZ_HOSTILE_H
#define HEED_FUZZ_HOSTILE_H

#include "bytes.h"
#include "samples.h"

/* A call that was drawn, and what became of it. */
struct hostile {
    const struct operation *operation;
    union sample sample;
    heed_status checked, called; /* called: HEED_OK too, where the call was not made */
    bool made;
    char reason[160];
    const char *wrong; /* NULL: nothing */
};

/* Draws a call, checks it and makes it: check and call must agree, and a refusal writes nothing. */
struct hostile hostile_call(struct bytes *bytes);

#endif
