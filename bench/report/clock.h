/* SPDX-License-Identifier: MIT */
/* clock.h - the clock that the core runs at, measured rather than asked. */
#ifndef HEED_BENCH_REPORT_CLOCK_H
#define HEED_BENCH_REPORT_CLOCK_H

/* Cycles per second of this thread's core now; takes a tenth of a millisecond. */
double clock_hertz(void);
/* Seconds of real time since some moment. */
double clock_seconds(void);

#endif
