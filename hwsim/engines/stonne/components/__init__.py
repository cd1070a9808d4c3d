"""The flexible fabric stepped cycle by cycle, component by component.

The engines need none of it: they find totals in closed form. STONNE's result files hold a value for
every component and the longest length of every queue, and those are what this is for.
"""
