/* SPDX-License-Identifier: MIT */
/* result_json.h - the parts of result.json, as trees. */
#ifndef HEED_BENCH_REPORT_RESULT_JSON_H
#define HEED_BENCH_REPORT_RESULT_JSON_H

#include <cjson/cJSON.h>

#include "quality.h"
#include "run.h"

cJSON *json_library(void);
cJSON *json_quality(const struct quality *quality);
cJSON *json_options(const struct settings *settings);
cJSON *json_core_kinds(const struct settings *settings);
cJSON *json_machine(const struct machine *machine);
cJSON *json_ceiling(const struct run *run, const struct process *process, size_t index);
cJSON *json_case(const struct run *run, const struct process *process, size_t index);
cJSON *json_skipped(const struct run *run);

/* Members that are null where nothing is known. */
void json_text(cJSON *object, const char *name, const char *text);  /* "" or NULL: null */
void json_number(cJSON *object, const char *name, double number);   /* not finite: null */
void json_positive(cJSON *object, const char *name, double number); /* 0 or less: null */
void json_summary(cJSON *object, const char *suffix, const struct summary *summary);

#endif
