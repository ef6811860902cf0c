/* SPDX-License-Identifier: MIT */
/* format.c - files that are no text, told by how they begin. */
#include "format.h"

#include <string.h>

#include "utf8.h"

#define MAGIC(at, bytes, refusal)                                                                  \
    {                                                                                              \
        at, sizeof bytes - 1, bytes, refusal                                                       \
    }
#define UNPACK(name) "compressed, by " name ": unpack it first"
#define CONVERT(name) "text in " name ": convert it to UTF-8"
#define EXPORT(name) name ", no text: export its vectors as lines `word v1 v2 ...`"

/* Longer ones before those that they begin with. */
static const struct {
    size_t at, size;
    const char *bytes, *refusal;
} known[] = {
    MAGIC(0, "\x1f\x8b", UNPACK("gzip")),
    MAGIC(0, "PK\x03\x04", UNPACK("zip")),
    MAGIC(4, "1AY&SY", UNPACK("bzip2")),
    MAGIC(0,
          "\xfd"
          "7zXZ",
          UNPACK("xz")),
    MAGIC(0, "\x28\xb5\x2f\xfd", UNPACK("zstd")),
    MAGIC(0, "7z\xbc\xaf", UNPACK("7-Zip")),
    MAGIC(0, "\xff\xfe\0\0", CONVERT("UTF-32")),
    MAGIC(0, "\0\0\xfe\xff", CONVERT("UTF-32")),
    MAGIC(0, "\xff\xfe", CONVERT("UTF-16")),
    MAGIC(0, "\xfe\xff", CONVERT("UTF-16")),
    MAGIC(0, "\xba\x16\x4f\x2f", "a model of fastText (.bin): take the .vec beside it"),
    MAGIC(0, "\x93NUMPY", EXPORT("an array of NumPy")),
    MAGIC(0, "\x89HDF", EXPORT("a file of HDF5")),
    MAGIC(0, "PAR1\x15", EXPORT("a table of Parquet")),
    MAGIC(0, "GGUF\3\0", EXPORT("a model of GGUF")),
    MAGIC(0, "\x80\x02", EXPORT("a pickle of Python")),
    MAGIC(0, "\x80\x03", EXPORT("a pickle of Python")),
    MAGIC(0, "\x80\x04", EXPORT("a pickle of Python")),
    MAGIC(0, "\x80\x05", EXPORT("a pickle of Python")),
    MAGIC(7, "\0{\"", EXPORT("a file of safetensors")),
};

const char *format_refusal(const char *head, size_t size)
{
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (size >= known[i].at + known[i].size &&
            !memcmp(head + known[i].at, known[i].bytes, known[i].size))
            return known[i].refusal;
    }
    return NULL;
}

bool format_is_binary(const char *head, size_t size, size_t dim)
{
    const char *blank = memchr(head, ' ', size), *end = head + size;
    size_t step;

    if (!blank)
        return false;
    if ((size_t)(end - blank) / sizeof(float) > dim)
        end = blank + 1 + dim * sizeof(float);
    for (const char *at = blank + 1; at < end; at += step) {
        const unsigned char c = (unsigned char)*at;

        step = c < 0x80 ? 1 : head + size - at < 4 ? 4 : utf8_size(at);
        if (!step || (c < ' ' && !memchr("\t\n\r", c, 3)))
            return true;
    }
    return false;
}
