"""What all tests share."""

import os

from hypothesis import HealthCheck, settings

# On a busy machine, torch's threads wait for each other and take ten times as long as one. Set before torch loads.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# A test that is the first to import something heavy, or shares its core, is slow once and not wrong.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")
