/* SPDX-License-Identifier: MIT */
/* marks.h - a system call that does nothing, between counted.c and count.c, which sees it. */
#ifndef HEED_BENCH_INSTRUCTIONS_MARKS_H
#define HEED_BENCH_INSTRUCTIONS_MARKS_H

/* close(MARK_FILE), with an argument more to be sure, and the number of the mark. */
enum { MARK_FILE = 0x4eed4eed, MARK_SURE = 0x0c0a117 };

#endif
