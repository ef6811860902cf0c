/* SPDX-License-Identifier: MIT */
/* trial.h - one random problem of a check: its tensors, its call, its verdict. */
#ifndef HEED_CHECKS_TRIAL_H
#define HEED_CHECKS_TRIAL_H

#include <heed/heed.h>

#include "closed.h"
#include "random.h"
#include "reference.h"
#include "tensor.h"

enum { TRIAL_TENSORS = 52, TRIAL_MEMORY = 12, TRIAL_CLOSED = 8, TRIAL_TEXT = 480 };

struct trial {
    const heed_isa *isa;
    size_t index; /* of the problem within its check */
    struct random random;
    struct tensor tensors[TRIAL_TENSORS]; /* those that own memory */
    size_t tensor_count;
    struct guarded memory[TRIAL_MEMORY]; /* inputs that are no tensors */
    size_t memory_count;
    struct closed closed[TRIAL_CLOSED]; /* and those of which parts must not be read */
    size_t closed_count;
    struct guarded workspace;
    heed_kv kv; /* where a call has one */
    struct bounded *wanted[8];
    size_t wanted_count;
    char problem[TRIAL_TEXT]; /* the problem in words */
    char verdict[TRIAL_TEXT]; /* what went wrong */
};

/* Runs `problem` on `count` trials; on the first failure writes seed and problem into detail. */
bool trials_pass(bool (*problem)(struct trial *trial), size_t count, const heed_isa *isa,
                 uint64_t seed, char *detail, size_t detail_size);

/*
 * Sizes around lanes, blocks of 64 keys and chunks of 1024.  Key counts go
 * round by index, so that each comes up; callers draw again what is too much
 * work together.
 */
size_t trial_keys(const struct trial *trial);
size_t trial_rows(struct trial *trial);
size_t trial_dim(struct trial *trial);

/* Tensors live until the trial ends.  Inputs are filled with numbers in [low, high). */
struct tensor *trial_input(struct trial *trial, struct shape shape, float low, float high);
struct tensor *trial_output(struct trial *trial, struct shape shape);
/* The same of other types, and any of them. */
struct tensor *trial_input_of(struct trial *trial, heed_dtype type, struct shape shape, float low,
                              float high);
struct tensor *trial_output_of(struct trial *trial, heed_dtype type, struct shape shape);
heed_dtype trial_dtype(struct trial *trial);
heed_dtype trial_half(struct trial *trial); /* bf16 rather than f16: there are units for it */
/* A dense tensor without values, for views of its columns. */
struct tensor *trial_packed(struct trial *trial, struct shape shape);

/* An input of other elements, which lives until the trial ends and is only read by the call. */
void *trial_memory(struct trial *trial, size_t bytes);

/* The same with pages that must not be read, once the call begins. */
struct closed *trial_closed(struct trial *trial, size_t bytes);

struct bounded *trial_wanted(struct trial *trial, size_t count);

/* Mostly none; else threads that are simulated one after the other, last one first. */
heed_parallel trial_parallel(struct trial *trial);
/* Mostly none; else exactly `bytes`, at any alignment, between guard pages. */
void *trial_workspace(struct trial *trial, size_t bytes, size_t *size);

void trial_describe(struct trial *trial, const char *format, ...)
#ifdef __GNUC__
    __attribute__((format(printf, 2, 3)))
#endif
    ;
/* False, with the format as the verdict. */
bool trial_fails(struct trial *trial, const char *format, ...)
#ifdef __GNUC__
    __attribute__((format(printf, 2, 3)))
#endif
    ;

/* Makes the inputs read-only and calls the operation; anything but HEED_OK is a failure. */
bool trial_call(struct trial *trial, heed_status (*operation)(const void *args), const void *args);

/* Compares a view of an output with what is wanted and blanks it. */
bool trial_accepts(struct trial *trial, const char *name, const struct tensor *view,
                   const struct bounded *want);
/* After all views were accepted: nothing else in its memory was written. */
bool trial_untouched(struct trial *trial, const char *name, const struct tensor *output);

#endif
