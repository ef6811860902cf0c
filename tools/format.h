/* SPDX-License-Identifier: MIT */
/* format.h - files that are no text, told by how they begin. */
#ifndef HEED_TOOL_FORMAT_H
#define HEED_TOOL_FORMAT_H

#include <stdbool.h>
#include <stddef.h>

/* What the file is and what to do about it; NULL if it may be text in UTF-8. */
const char *format_refusal(const char *head, size_t size);

/*
 * Behind a header of `dim` dimensions: does word2vec's binary format follow, a word, a blank and
 * `dim` floats?  By the first of them: text has no such bytes.
 */
bool format_is_binary(const char *head, size_t size, size_t dim);

#endif
