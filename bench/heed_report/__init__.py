# SPDX-License-Identifier: MIT
"""heed_report - reads the results of `heed-bench --report` and draws them.

load.py reads and checks (fields.py, schema.py), view.py picks cases; pictures/ draws, one
file for each kind; page.py writes the page, texts.py CSV and Markdown.
"""
