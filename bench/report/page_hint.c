/* SPDX-License-Identifier: MIT */
/* page_hint.c - asks Python, without a word of its own, whether it has what heed-report needs. */
#define _POSIX_C_SOURCE 200809L /* fork, execvp */
#include "page_hint.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char needs[] = "import sys, importlib.util as u\n"
                            "sys.exit(sys.version_info < (3, 11) or not all(map(u.find_spec, "
                            "('matplotlib', 'jinja2', 'scipy'))))";

/* Does the command end with 0?  Its output goes nowhere. */
static bool succeeds(char *const arguments[])
{
    const pid_t pid = fork();
    int status = 1;

    if (pid == 0) {
        const int nowhere = open("/dev/null", O_RDWR);

        for (int i = 0; i < 3; i++)
            (void)dup2(nowhere, i);
        execvp(arguments[0], arguments);
        _exit(127);
    }
    return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

static bool has_packages(const char *python)
{
    char name[512], flag[] = "-c", text[sizeof needs];

    snprintf(name, sizeof name, "%s", python);
    memcpy(text, needs, sizeof needs);
    return succeeds((char *[]){name, flag, text, NULL});
}

/* One that an installed heed-report runs in, or one for that of the source tree. */
static bool say_command(const char *directory)
{
    static char installed[] = "heed-report", help[] = "--help";
    static const char *const pythons[] = {"python3", HEED_REPORT_PYTHON};
    const char *quote = strpbrk(directory, " \t\"$&()*;<>?[]`{|}~!#\\") ? "'" : "";

    if (succeeds((char *[]){installed, help, NULL})) {
        fprintf(stderr, "Its page: %s %s%s/result.json%s -o report.html\n", installed, quote,
                directory, quote);
        return true;
    }
    for (size_t i = 0; access(HEED_REPORT, R_OK) == 0 && i < 2; i++)
        if (has_packages(pythons[i])) {
            fprintf(stderr, "Its page: %s %s %s%s/result.json%s -o report.html\n", pythons[i],
                    HEED_REPORT, quote, directory, quote);
            return true;
        }
    return false;
}

void page_hint(const char *directory)
{
    if (!say_command(directory))
        fprintf(stderr,
                "Its page is drawn by heed-report %s/result.json -o report.html, which needs "
                "Python 3.11\nwith matplotlib, Jinja2 and SciPy (Debian: python3-matplotlib "
                "python3-jinja2 python3-scipy;\nelsewhere: pip install ./bench, in the source of "
                "heed).  The result is complete without.\n",
                directory);
}
