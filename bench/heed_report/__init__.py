# SPDX-License-Identifier: MIT
"""heed_report - reads the results of `heed-bench --report`, draws them and compares them.

load.py reads and checks (fields.py, schema.py), view.py picks cases, estimate.py
estimates; pictures/ draws, one file for each kind; page.py writes the page,
texts.py CSV and Markdown, compare.py holds one run against another.
"""
