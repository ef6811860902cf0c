// SPDX-License-Identifier: MIT
// throw.cc - an exception out of parallel_for comes through every operation, which keeps no memory
// and works the next time as if nothing had been.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>

extern "C" {
#include "samples.h"
}
#include "sanitizers.h"

namespace
{

long blocks; // of memory that are there

} // namespace

// Every allocation of the process: glibc has these names for programs that bring their own malloc.
// Sanitizers bring one themselves, and LeakSanitizer looks then.
#if defined(__GLIBC__) && !SANITIZED
#define COUNTED 1
extern "C" {
void *__libc_malloc(size_t size);
void __libc_free(void *memory);

void *malloc(size_t size)
{
    void *memory = __libc_malloc(size);

    blocks += memory != nullptr;
    return memory;
}

void free(void *memory)
{
    blocks -= memory != nullptr;
    __libc_free(memory);
}
}
#else
#define COUNTED 0
#endif

namespace
{

enum { WORKERS = 4, ROUNDS = 20 };

struct thrown {
    size_t bodies; // that ran before
};

// Runs so many bodies, and then has had enough.
struct thrower {
    size_t bodies, calls;
    long most_blocks;
};

void run_some(void *context, size_t count, void (*body)(void *argument, size_t i), void *argument)
{
    thrower *t = static_cast<thrower *>(context);

    t->calls++;
    if (blocks > t->most_blocks)
        t->most_blocks = blocks;
    for (size_t i = 0; i < count && i < t->bodies; i++)
        body(argument, i);
    throw thrown{t->bodies};
}

void run_all(void *, size_t count, void (*body)(void *argument, size_t i), void *argument)
{
    for (size_t i = 0; i < count; i++)
        body(argument, i);
}

float want[SAMPLE_OUTPUT];
int failures;

void expect(bool right, const char *operation, const char *what)
{
    if (!right)
        std::printf("%s: %s\n", operation, what), failures++;
}

bool throws(const operation *operation, sample sample, thrower &thrower)
{
    sample_set_parallel(operation, &sample, heed_parallel{run_some, &thrower, WORKERS});
    try {
        operation->call(&sample);
    } catch (const thrown &t) {
        return thrower.calls && t.bodies == thrower.bodies;
    }
    return !thrower.calls; // one task is done without asking for threads
}

bool works(const operation *operation, sample sample)
{
    sample_set_parallel(operation, &sample, heed_parallel{run_all, nullptr, WORKERS});
    sample_blank_output();
    return operation->call(&sample) == HEED_OK && !std::memcmp(sample_output, want, sizeof want);
}

// What it did while it threw.
thrower expect_nothing_left(const operation *operation)
{
    const sample sample = sample_of(operation, nullptr);
    thrower thrower{0, 0, 0};

    sample_blank_output();
    expect(operation->call(&sample) == HEED_OK, operation->name, "does not work");
    std::memcpy(want, sample_output, sizeof want);
    throws(operation, sample, thrower); // what the language allocates once is there now

    const long before = blocks;
    thrower.most_blocks = 0;
    for (thrower.bodies = 0; thrower.bodies < ROUNDS; thrower.bodies++)
        expect(throws(operation, sample, thrower), operation->name, "nothing was caught");
    expect(blocks == before, operation->name, "memory is left");
    expect(works(operation, sample), operation->name, "does not work after that");
    thrower.most_blocks -= before;
    return thrower;
}

} // namespace

int main()
{
    size_t throwing = 0, allocating = 0;

    for (size_t i = 0; operation_at(i); i++)
        if (operation_at(i)->parallel_at) {
            const thrower thrower = expect_nothing_left(operation_at(i));

            throwing += thrower.calls != 0;
            allocating += thrower.most_blocks > 0;
        }
    // Attention, self-attention and the backward pass have memory: else this would prove nothing.
    expect(throwing == 9 && (!COUNTED || allocating == 3), "all", "too few");
    std::printf("%zu operations threw, %zu with memory of their own, %d failures\n", throwing,
                allocating, failures);
    return failures != 0;
}
