/* SPDX-License-Identifier: MIT */
/*
 * system_windows.c - Windows by way of mingw-w64.
 *
 * Arguments and paths are UTF-8 because windows/heed.manifest asks for it (from
 * Windows 10, version 1903; before that they are in the system's code page).
 */
#include "system.h"

#include <errno.h>
#include <fcntl.h>
#include <io.h>
#include <stdlib.h>
#include <windows.h>

void system_begin(void)
{
    _setmode(_fileno(stdout), _O_BINARY); /* no \r: other programs read it too */
    SetConsoleOutputCP(CP_UTF8);
}

size_t system_columns(void)
{
    CONSOLE_SCREEN_BUFFER_INFO info;

    if (!GetConsoleScreenBufferInfo(GetStdHandle(STD_OUTPUT_HANDLE), &info))
        return 0;
    return (size_t)(info.srWindow.Right - info.srWindow.Left + 1);
}

FILE *system_temporary(char *name)
{
    return _mktemp(name) ? fopen(name, "wbx") : NULL;
}

char *system_real_path(const char *path)
{
    return _fullpath(NULL, path, 0);
}

bool system_replace(const char *from, const char *to)
{
    if (MoveFileExA(from, to, MOVEFILE_REPLACE_EXISTING))
        return true;
    errno = EACCES; /* what is left once `from` could be written beside `to` */
    return false;
}
