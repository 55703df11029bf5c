"""What all tests share."""

from hypothesis import settings

# A deadline would make tests fail on a busy machine: they are about values, not about time.
settings.register_profile("book", deadline=None)
settings.load_profile("book")
