/* SPDX-License-Identifier: MIT */
/* json.c - writes JSON: commas, line breaks, numbers that read back as the same float. */
#include "json.h"

#include <math.h>

#include "utf8.h"

static void separate(struct json *json)
{
    if (json->comma)
        fputs(", ", json->file);
    json->comma = true;
}

void json_open(struct json *json, char bracket)
{
    separate(json);
    fputc(bracket, json->file);
    json->depth++;
    json->comma = false;
}

void json_close(struct json *json, char bracket)
{
    json->depth--;
    if (!json->depth)
        fputc('\n', json->file);
    fputc(bracket, json->file);
    json->comma = true;
    if (!json->depth)
        fputc('\n', json->file);
}

void json_line(struct json *json)
{
    if (json->comma)
        fputc(',', json->file);
    fprintf(json->file, "\n%*s", (int)json->depth, "");
    json->comma = false;
}

void json_key(struct json *json, const char *key)
{
    if (json->depth == 1)
        json_line(json);
    separate(json);
    put_json(json->file, key);
    fputs(": ", json->file);
    json->comma = false;
}

void json_string(struct json *json, const char *text)
{
    separate(json);
    put_json(json->file, text);
}

void json_bool(struct json *json, bool value)
{
    separate(json);
    fputs(value ? "true" : "false", json->file);
}

void json_size(struct json *json, size_t value)
{
    separate(json);
    fprintf(json->file, "%zu", value);
}

void json_number(struct json *json, float value)
{
    separate(json);
    if (isfinite(value))
        fprintf(json->file, "%.9g", value);
    else
        fputs("null", json->file);
}
