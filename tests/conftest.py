"""What all tests share."""

from hypothesis import HealthCheck, settings

# A busy machine is slow, not wrong. Everything else stays as Hypothesis has it, which under CI is one fixed seed.
settings.register_profile("patient", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")
