/* SPDX-License-Identifier: MIT */
/* json.h - writes JSON: commas, line breaks, numbers that read back as the same float. */
#ifndef HEED_TOOL_JSON_H
#define HEED_TOOL_JSON_H

#include <stdbool.h>
#include <stdio.h>

struct json {
    FILE *file;
    size_t depth;
    bool comma; /* before what comes next */
};

void json_open(struct json *json, char bracket);
void json_close(struct json *json, char bracket);
void json_key(struct json *json, const char *key);
void json_string(struct json *json, const char *text);
void json_bool(struct json *json, bool value);
void json_size(struct json *json, size_t value);
void json_number(struct json *json, float value); /* null if it is not finite */
void json_line(struct json *json);                /* what comes next begins a line */

#endif
