"""Every figure that the reference simulators gave, beside ours.

The golden tests hold that none differs; ``python -m tests.equality`` writes what was compared as
``docs/equality.md``, which CI compares with what it would be now.
"""
