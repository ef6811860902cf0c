/* SPDX-License-Identifier: MIT */
/* page_hint.h - what to type for the page of a result. */
#ifndef HEED_BENCH_REPORT_PAGE_HINT_H
#define HEED_BENCH_REPORT_PAGE_HINT_H

/* On stderr: the command that draws the page of directory/result.json, and what it lacks here. */
void page_hint(const char *directory);

#endif
