/* SPDX-License-Identifier: MIT */
/* attend_options.h - what the command line of `heed attend` asks for. */
#ifndef HEED_TOOL_ATTEND_OPTIONS_H
#define HEED_TOOL_ATTEND_OPTIONS_H

#include "steps.h"

struct attend_options {
    const char *sentence;   /* NULL: the example */
    const char *query;      /* NULL: every word */
    const char *embeddings; /* NULL: the example */
    const char *weights;    /* NULL: none */
    const char *html;       /* NULL: none */
    const heed_isa *isa;
    heed_dtype type; /* of keys and values */
    enum normalization normalization;
    float scale; /* 0: 1 without weights, 1/sqrt(d_k) with them */
    bool causal, json, help;
};

/* False after a complaint. */
bool attend_options_parse(struct attend_options *options, int argc, char **argv);

extern const char attend_usage[];

#endif
