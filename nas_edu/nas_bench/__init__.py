"""NAS-Bench-Edu, the complete table of what every TinyCell achieves: how it is built and kept."""
