#!/bin/sh
# SPDX-License-Identifier: MIT
# conformance.sh - runs heed against what others wrote: the test cases of ONNX, and PyTorch in
# double where the python3 at hand has it.  Installs what is missing (Debian, Ubuntu); onnx and
# numpy come from PyPI, into build/conformance/venv.  Arguments go to both scripts: -q
. "$(dirname "$0")/lib.sh"

need_to_build python3 python3-venv
build "$root/build/conformance" -DHEED_BUILD_TOOLS=OFF -DHEED_BUILD_TESTS=OFF \
    -DHEED_BUILD_BENCH=OFF -DHEED_BUILD_EXAMPLES=OFF

venv=$root/build/conformance/venv
python=$venv/bin/python
if ! "$python" -c 'import onnx, numpy' 2>/dev/null; then
    step "making $venv" python3 -m venv --system-site-packages "$venv"
    step "installing onnx and numpy there" "$python" -m pip install onnx numpy
fi

failed=0
for suite in onnx torch; do
    status=0
    "$python" -B "$root/tests/conformance/${suite}_attention.py" "$@" || status=$?
    case $suite$status in
        onnx0 | torch0 | torch77) ;; # 77: there is no PyTorch, and the script has said so
        *) failed=1 ;;
    esac
done
exit $failed
