"""What all tests share."""

import os

# On a busy machine, torch's threads wait for each other and take ten times as long as one. Set before torch loads.
os.environ.setdefault("OMP_NUM_THREADS", "1")
