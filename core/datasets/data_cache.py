"""Where this process keeps the data it has read and prepared."""

from core.byte_cache import ByteCache

# One for the whole process, as equal specs mean equal data for everybody. The largest table that can be read takes half
# of it and what is prepared from it the other half; of MNIST four versions fit.
DATA_CACHE = ByteCache(1_000_000_000)
