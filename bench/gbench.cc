// SPDX-License-Identifier: MIT
// gbench.cc - the only C++ in the project: Google Benchmark behind gbench.h.
#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstring>
#include <memory>
#include <vector>

#include "gbench.h"
#include "stopwatch.h"

struct gbench {
    benchmark::State &state;
};

namespace
{
bool failed = false;

// One line a case, the median of its repetitions.  Google Benchmark's own table
// prints counters with SI prefixes, a ratio of 0.87 as "870m".
class Table : public benchmark::ConsoleReporter
{
  public:
    void ReportRuns(const std::vector<Run> &runs) override
    {
        if (!runs.empty() && runs.front().error_occurred) {
            Print(runs.front());
            return;
        }
        for (const Run &run : runs)
            if (run.repetitions == 1 || run.aggregate_name == "median")
                Print(run);
    }

  private:
    void Print(const Run &run)
    {
        std::printf("%-*s", static_cast<int>(name_field_width_), run.run_name.str().c_str());
        if (run.error_occurred) {
            std::printf("  %s\n", run.error_message.c_str());
            return;
        }
        const double real = run.GetAdjustedRealTime(), ran = run.GetAdjustedCPUTime() / real;
        PrintTime(real / benchmark::GetTimeUnitMultiplier(run.time_unit));
        for (const auto &counter : run.counters)
            std::printf("  %s=%.4g", counter.first.c_str(), counter.second.value);
        // Others had the core for the rest of the time.
        if (ran < 0.95)
            std::printf("  (ran %.0f %% of the time)", 100 * ran);
        std::printf("\n");
        std::fflush(stdout);
    }

    static void PrintTime(double seconds)
    {
        const char *const units[] = {"ns", "us", "ms"};
        double time = seconds * 1e9;
        int unit = 0;

        for (; time >= 1000 && unit < 2; unit++)
            time /= 1000;
        std::printf("%10.2f %s", time, units[unit]);
    }
};

bool WantsTable(int argc, char **argv)
{
    const char option[] = "--benchmark_format=";
    bool table = true;

    for (int i = 1; i < argc; i++)
        if (std::strncmp(argv[i], option, sizeof option - 1) == 0)
            table = std::strcmp(argv[i] + sizeof option - 1, "console") == 0;
    return table;
}
} // namespace

void gbench_add(const char *name, gbench_case *run, const void *argument, size_t size)
{
    const auto bytes = static_cast<const char *>(argument);
    const auto copy = std::make_shared<std::vector<char>>(bytes, bytes + size);

    // Not UseRealTime(), which puts "/real_time" behind the name.  Real time is
    // reported in any case; the time of the calling thread only sets the repeats.
    benchmark::RegisterBenchmark(name, [run, copy](benchmark::State &state) {
        gbench bench{state};
        run(&bench, copy->data());
    });
}

// Google Benchmark counts in batches of all iterations, so that nothing of it
// stands between two calls: at 45 ns a call, its own loop would show.
double gbench_time(gbench *bench, void (*call)(void *), void *argument)
{
    const auto iterations = bench->state.max_iterations;
    double seconds = 0;

    while (bench->state.KeepRunningBatch(iterations)) {
        const double start = stopwatch_seconds();
        for (auto i = iterations; i > 0; i--)
            call(argument);
        seconds = stopwatch_seconds() - start;
    }
    return seconds / static_cast<double>(iterations);
}

void gbench_counter(gbench *bench, const char *name, double value)
{
    bench->state.counters[name] = value;
}

void gbench_skip(gbench *bench, const char *why)
{
    bench->state.SkipWithError(why);
}

void gbench_fail(gbench *bench, const char *why)
{
    failed = true;
    bench->state.SkipWithError(why);
}

void gbench_note(const char *key, const char *value)
{
    benchmark::AddCustomContext(key, value);
}

int gbench_run(int argc, char **argv)
{
    // Later options win, so these are defaults.  The median of five is what gets
    // quoted; a run of 0.1 s is long enough for it and keeps the whole set short.
    std::vector<char *> arguments(argv, argv + argc);
    char repetitions[] = "--benchmark_repetitions=5", min_time[] = "--benchmark_min_time=0.1";
    arguments.insert(arguments.begin() + 1, {repetitions, min_time});
    const bool wants_table = WantsTable(argc, argv);
    Table table;

    argc = static_cast<int>(arguments.size());
    arguments.push_back(nullptr);
    benchmark::Initialize(&argc, arguments.data());
    if (benchmark::ReportUnrecognizedArguments(argc, arguments.data()))
        return 2;
    const size_t matched = wants_table ? benchmark::RunSpecifiedBenchmarks(&table)
                                       : benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
    return failed || matched == 0;
}
