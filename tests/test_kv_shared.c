/* SPDX-License-Identifier: MIT */
/*
 * test_kv_shared.c - a cache in a file that several processes have mapped, each at an address of
 * its own, some of them for reading alone.
 */
#define _DEFAULT_SOURCE
#include <stdio.h>
#include <string.h>

#include <sched.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "isa_test.h"
#include "kv_problem.h"

static float want[KV_OUTPUT], got[KV_OUTPUT];

/* An unlinked file of zeros, as long as a cache of this type. */
static int file_for(heed_dtype type, const heed_isa *isa, size_t *bytes)
{
    const heed_kv_create_args create = kv_create_args(type, isa);
    FILE *const file = tmpfile();
    const int fd = file ? dup(fileno(file)) : -1;

    cr_assert_geq(fd, 0);
    fclose(file);
    cr_assert_eq(heed_kv_bytes(&create, bytes), HEED_OK);
    cr_assert_eq(ftruncate(fd, (off_t)*bytes), 0);
    return fd;
}

static void *map(int fd, size_t bytes, int protection)
{
    void *const memory = mmap(NULL, bytes, protection, MAP_SHARED, fd, 0);

    cr_assert_neq(memory, MAP_FAILED);
    return memory;
}

static heed_kv create(void *memory, size_t bytes, heed_dtype type, const heed_isa *isa)
{
    heed_kv_create_args args = kv_create_args(type, isa);
    heed_kv kv;

    args.memory = memory;
    args.memory_size = bytes;
    args.memory_is_zero = 1;
    cr_assert_eq(heed_kv_create(&args, &kv), HEED_OK);
    return kv;
}

static bool has_bits_of_views(const heed_kv *kv, const heed_isa *isa)
{
    const heed_attention_args views = kv_attention_of_views(isa, want);
    const heed_attention_args a = kv_attention_of(kv, got);

    memset(got, 0xff, sizeof got);
    return heed_attention(&views) == HEED_OK && heed_attention(&a) == HEED_OK &&
           !memcmp(got, want, sizeof want);
}

/* Waits for a child; whether all went well there. */
static bool succeeded(pid_t child)
{
    int status = -1;

    return waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/*
 * Rows of some entries, token by token, by a handle of the child's own mapping: at an address
 * where nothing else is, so not at that of its parent.
 */
static int append_entries(int fd, size_t bytes, const heed_isa *isa, size_t first, size_t step)
{
    void *const own = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    const heed_kv_open_args open = {HEED_SIZED(heed_kv_open_args), .memory = own,
                                    .memory_size = bytes, .isa = isa};
    heed_kv kv;

    if (own == MAP_FAILED || heed_kv_open(&open, &kv) != HEED_OK)
        return 2;
    for (size_t b = first; b < KV_BATCH; b += step)
        for (size_t r = 0; r < kv_lengths[b]; r++) {
            const heed_kv_append_args row = kv_rows_of(&kv, b, 1, r, 1);

            if (heed_kv_append(&row) != HEED_OK)
                return 3;
        }
    return 0;
}

/* The lengths alone tell the other process that the rows are there. */
ISA_TEST(kv_shared, one_appends_and_another_attends)
{
    size_t bytes;
    const int fd = file_for(HEED_BF16, isa, &bytes);

    kv_draw(HEED_BF16);
    heed_kv kv = create(map(fd, bytes, PROT_READ | PROT_WRITE), bytes, HEED_BF16, isa);
    const pid_t child = fork();
    if (!child)
        _exit(append_entries(fd, bytes, isa, 0, 1));
    cr_assert_gt(child, 0);

    const heed_kv reader = kv_opened(map(fd, bytes, PROT_READ), bytes, 1, isa);
    for (size_t b = 0; b < KV_BATCH; b++)
        while (heed_kv_length(&reader, b) < kv_lengths[b] && waitpid(child, NULL, WNOHANG) == 0)
            sched_yield();
    cr_expect(has_bits_of_views(&reader, isa), "through the reader's mapping");
    cr_expect(has_bits_of_views(&kv, isa), "through the first one");
}

/* Two processes append to entries of their own at the same time; a third one reads the file. */
ISA_TEST(kv_shared, entries_of_different_processes)
{
    static _Alignas(64) unsigned char file[KV_MEMORY];
    size_t bytes;
    const int fd = file_for(HEED_I8, isa, &bytes);

    kv_draw(HEED_F32);
    (void)create(map(fd, bytes, PROT_READ | PROT_WRITE), bytes, HEED_I8, isa);
    pid_t children[2];
    for (size_t i = 0; i < 2; i++) {
        children[i] = fork();
        if (!children[i])
            _exit(append_entries(fd, bytes, isa, i, 2));
    }
    cr_expect(succeeded(children[0]));
    cr_expect(succeeded(children[1]));
    (void)kv_filled(HEED_I8, isa);
    cr_assert_eq(pread(fd, file, sizeof file, 0), (ssize_t)bytes);
    cr_expect_arr_eq(file, kv_memory, bytes, "the file is the image of one process");
}

/* Memory that cannot be written: attention is as ever, and all that would write is refused. */
ISA_TEST(kv_shared, read_only_mapping)
{
    size_t bytes;
    char reason[160] = "";
    const int fd = file_for(HEED_F8, isa, &bytes);

    kv_draw(HEED_F32);
    heed_kv writer = create(map(fd, bytes, PROT_READ | PROT_WRITE), bytes, HEED_F8, isa);
    kv_fill(&writer);

    const heed_attention_args direct = kv_attention_of(&writer, want);
    cr_assert_eq(heed_attention(&direct), HEED_OK);
    heed_kv kv = kv_opened(map(fd, bytes, PROT_READ), bytes, 1, isa);
    const heed_attention_args a = kv_attention_of(&kv, got);
    cr_expect_eq(heed_attention(&a), HEED_OK);
    cr_expect_arr_eq(got, want, sizeof want);

    heed_kv_info info;
    heed_kv_view(&kv, &info, sizeof info);
    cr_expect(info.read_only);
    cr_expect_eq(info.longest, KV_KEYS);

    heed_kv_append_args rows = kv_rows_of(&kv, 1, 1, 0, 1);
    cr_expect_eq(heed_kv_append_check(&rows, reason, sizeof reason), HEED_INVALID_ARGUMENT);
    cr_expect(strstr(reason, "kv was opened read_only"), "\"%s\"", reason);
    cr_expect_eq(heed_kv_append(&rows), HEED_INVALID_ARGUMENT);
    cr_expect_eq(heed_kv_truncate_check(&kv, 1, 0, reason, sizeof reason), HEED_INVALID_ARGUMENT);
    cr_expect(strstr(reason, "kv was opened read_only"), "\"%s\"", reason);
    cr_expect_eq(heed_kv_truncate(&kv, 1, 0), HEED_INVALID_ARGUMENT);

    /* Opening writes nothing, not even for one who may write. */
    kv = kv_opened(kv.memory, bytes, 0, isa);
    cr_expect_eq(heed_kv_length(&kv, 1), kv_lengths[1]);
}

/* As if the process were killed between the last row and the length that counts it. */
static void run_and_die(void *context, size_t count, void (*body)(void *argument, size_t i),
                        void *argument)
{
    (void)context;
    (void)count;
    body(argument, 0);
    _exit(0);
}

ISA_TEST(kv_shared, one_dies_while_it_appends)
{
    size_t bytes;
    const int fd = file_for(HEED_F16, isa, &bytes);

    kv_draw(HEED_F16);
    heed_kv kv = create(map(fd, bytes, PROT_READ | PROT_WRITE), bytes, HEED_F16, isa);
    for (size_t b = 0; b < KV_BATCH; b++) {
        const heed_kv_append_args rows = kv_rows_of(&kv, b, 1, 0, kv_lengths[b] / 2);

        cr_assert_eq(heed_kv_append(&rows), HEED_OK);
    }
    const pid_t child = fork();
    if (!child) {
        heed_kv_append_args wrong = kv_rows_of(&kv, 0, 0, 7, 31);

        wrong.parallel = (heed_parallel){run_and_die, NULL, 2};
        (void)heed_kv_append(&wrong);
        _exit(5); /* it came back */
    }
    cr_assert(succeeded(child));
    kv = kv_opened(kv.memory, bytes, 0, isa);
    for (size_t b = 0; b < KV_BATCH; b++) {
        const size_t half = kv_lengths[b] / 2;
        const heed_kv_append_args rest = kv_rows_of(&kv, b, 1, half, kv_lengths[b] - half);

        cr_expect_eq(heed_kv_length(&kv, b), half);
        cr_assert_eq(heed_kv_append(&rest), HEED_OK);
    }
    cr_expect(has_bits_of_views(&kv, isa));
}
