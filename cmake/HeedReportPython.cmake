# SPDX-License-Identifier: MIT
# HeedReportPython.cmake - HEED_REPORT_PYTHON: a Python 3 with what heed-report needs, or python3.
#
# The first python3 of the PATH may be one that does not see the packages of the system.
foreach(python IN ITEMS python3 /usr/bin/python3)
    if(HEED_REPORT_PYTHON)
        break()
    endif()
    execute_process(COMMAND ${python} -c "import jinja2, matplotlib, scipy"
        RESULT_VARIABLE lacks OUTPUT_QUIET ERROR_QUIET)
    if(lacks EQUAL 0)
        set(HEED_REPORT_PYTHON ${python} CACHE STRING "a python3 with jinja2, matplotlib and scipy")
    endif()
endforeach()
if(NOT HEED_REPORT_PYTHON)
    set(HEED_REPORT_PYTHON python3)
endif()
