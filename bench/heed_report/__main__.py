# SPDX-License-Identifier: MIT
"""python3 -m heed_report"""
import sys

from .command import main

sys.exit(main())
