"""The cache for data that this process has read and prepared."""

from core.byte_cache import ByteCache

# One for the whole process, because equal specs mean equal data for everybody. The largest table that can be read and
# the split that is prepared from it each take half of it; four versions of MNIST fit.
DATA_CACHE = ByteCache(1_000_000_000)
