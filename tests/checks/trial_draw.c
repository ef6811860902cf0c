/* SPDX-License-Identifier: MIT */
/* trial_draw.c - the random parts of a problem. */
#include <stdlib.h>

#include "trial.h"

size_t trial_keys(const struct trial *trial)
{
    static const size_t keys[] = {1,  2,  3,   5,   7,   8,   9,    15,   16,   17,   31,  33, 63,
                                  64, 65, 127, 128, 129, 200, 1023, 1024, 1025, 2049, 257, 0};

    return keys[trial->index % (sizeof keys / sizeof *keys)];
}

size_t trial_rows(struct trial *trial)
{
    static const size_t rows[] = {1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 16, 17, 63, 64, 65, 130};

    return RANDOM_OF(&trial->random, rows);
}

size_t trial_dim(struct trial *trial)
{
    static const size_t dims[] = {1,  2,  3,  4,  5,  7,  8,   9,   15,  16,  17, 31,
                                  33, 63, 64, 65, 80, 96, 127, 128, 129, 256, 576};

    return RANDOM_OF(&trial->random, dims);
}

static struct tensor *keep(struct trial *trial, struct tensor tensor)
{
    struct tensor *kept = &trial->tensors[trial->tensor_count++];

    *kept = tensor;
    return kept;
}

struct tensor *trial_input(struct trial *trial, struct shape shape, float low, float high)
{
    return trial_input_of(trial, HEED_F32, shape, low, high);
}

struct tensor *trial_output(struct trial *trial, struct shape shape)
{
    return trial_output_of(trial, HEED_F32, shape);
}

struct tensor *trial_input_of(struct trial *trial, heed_dtype type, struct shape shape, float low,
                              float high)
{
    struct tensor *tensor = keep(trial, tensor_new(&trial->random, shape, type, true));

    tensor_fill(&trial->random, tensor, low, high);
    return tensor;
}

struct tensor *trial_output_of(struct trial *trial, heed_dtype type, struct shape shape)
{
    return keep(trial, tensor_new(&trial->random, shape, type, false));
}

heed_dtype trial_dtype(struct trial *trial)
{
    static const heed_dtype types[] = {HEED_F32, HEED_F32, HEED_F16, HEED_BF16};

    return RANDOM_OF(&trial->random, types);
}

heed_dtype trial_half(struct trial *trial)
{
    static const heed_dtype types[] = {HEED_F16, HEED_BF16, HEED_BF16};

    return RANDOM_OF(&trial->random, types);
}

struct tensor *trial_packed(struct trial *trial, struct shape shape)
{
    return keep(trial, tensor_packed(&trial->random, shape, HEED_F32));
}

void *trial_memory(struct trial *trial, size_t bytes)
{
    struct guarded *memory = &trial->memory[trial->memory_count++];

    *memory = guarded_new(bytes, random_once_in(&trial->random, 2));
    return memory->data;
}

struct closed *trial_closed(struct trial *trial, size_t bytes)
{
    struct closed *memory = &trial->closed[trial->closed_count++];

    *memory = closed_new(bytes);
    return memory;
}

struct bounded *trial_wanted(struct trial *trial, size_t count)
{
    return trial->wanted[trial->wanted_count++] = calloc(count + 1, sizeof(struct bounded));
}

static void last_first(void *context, size_t count, void (*body)(void *argument, size_t i),
                       void *argument)
{
    (void)context;
    while (count--)
        body(argument, count);
}

heed_parallel trial_parallel(struct trial *trial)
{
    if (!random_once_in(&trial->random, 3))
        return (heed_parallel){0};
    return (heed_parallel){.parallel_for = last_first, .workers = random_below(&trial->random, 6)};
}

void *trial_workspace(struct trial *trial, size_t bytes, size_t *size)
{
    *size = 0;
    if (!random_once_in(&trial->random, 3))
        return NULL;
    *size = bytes;
    trial->workspace = guarded_new(bytes, random_once_in(&trial->random, 2));
    return trial->workspace.data;
}
