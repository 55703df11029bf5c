"""What all tests share."""

import os

from hypothesis import settings

# Before NumPy or PyTorch is loaded: two workers that each take all processors get in each other's way.
os.environ.setdefault("OMP_NUM_THREADS", "1")


# A deadline would make tests fail on a busy machine: they are about values, not about time.
settings.register_profile("book", deadline=None)
settings.load_profile("book")
